//! Redis: AUTH, SELECT and PING, over the session that is open already.
//!
//! Three commands in RESP2 (the Redis serialization protocol's specification), whose errors are told apart by their
//! first word; a client library would open its own connection and fold these words into its own errors.

use std::net::SocketAddr;
use std::time::Duration;

use sc_model::{CheckName, FailureCode, SecretValue};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufStream};

use crate::session::Session;
use crate::speaker;
use crate::steps::{Found, Steps, scrubbed, shown};
use crate::tls::Plain;

/// The longest line that is read: an error or a status has far less.
const LINE_LIMIT: u64 = 4096;
/// The longest text that is read; INFO of one section has about a kilobyte.
const TEXT_LIMIT: usize = 64 * 1024;
/// Redis without TLS answers this; no secret is in it.
pub(crate) const PLAIN: Plain = Plain { hello: b"PING\r\n", protocol: Some("Redis") };

type Conversation = BufStream<Session>;

/// Signs in, chooses the database and pings.
pub(crate) async fn sign_in(
    steps: &mut Steps,
    session: Session,
    database: u32,
    username: Option<&str>,
    password: &SecretValue,
) -> Result<(), Found> {
    let (readable, limit) = (session.readable_address(), steps.left() / 2);
    let mut session = BufStream::new(session);
    let secret = password.expose();
    let entry = async {
        // A server without passwords has nobody to sign in; it answers a PING at once.
        let words: Vec<&str> = match (username, password.is_empty()) {
            (None, true) => vec!["PING"],
            _ => ["AUTH"].into_iter().chain(username).chain([secret]).collect(),
        };
        match ask(&mut session, &words).await {
            Ok(Ok(_)) => Ok((format!("signed in as {}", username.unwrap_or("the default user")), ())),
            Ok(Err(error)) => Err(refused(&scrubbed(&error, secret))),
            Err(seen) => Err(mismatch(readable, &seen, limit).await),
        }
    };
    steps.run(CheckName::SignIn, entry).await?;
    let access = async {
        for words in [&["SELECT", &database.to_string()] as &[&str], &["PING"]] {
            match ask(&mut session, words).await {
                Ok(Ok(_)) => {}
                Ok(Err(error)) => return Err(denied(&scrubbed(&error, secret))),
                Err(_) => {
                    return Err(Found::new(FailureCode::AccessRefused, "the server ended the connection"));
                }
            }
        }
        // Its version is worth a word, not a failure: many users may not ask for it.
        let facts =
            ask(&mut session, &["INFO", "server"]).await.ok().and_then(Result::ok).unwrap_or_default();
        let version = facts.lines().find_map(|line| line.strip_prefix("redis_version:")).unwrap_or_default();
        Ok((shown(&format!("database {database} of Redis {version}")), ()))
    };
    steps.run(CheckName::Access, access).await
}

/// Sends a command and reads its answer: a status or text, or the server's error. If it is no answer of Redis: the bytes
/// that came.
async fn ask(session: &mut Conversation, words: &[&str]) -> Result<Result<String, String>, Vec<u8>> {
    let mut command = format!("*{}\r\n", words.len());
    for word in words {
        command += &format!("${}\r\n{word}\r\n", word.len());
    }
    let mut line = Vec::new();
    let exchange = async {
        session.write_all(command.as_bytes()).await?;
        session.flush().await?;
        (&mut *session).take(LINE_LIMIT).read_until(b'\n', &mut line).await
    };
    // A connection that breaks says as much as one that ends.
    let _ = exchange.await;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
    match line.as_slice() {
        [b'+', status @ ..] => Ok(Ok(text(status))),
        [b'-', error @ ..] => Ok(Err(text(error))),
        [b'$', length @ ..] => {
            let length = text(length).parse::<usize>().ok().filter(|length| *length <= TEXT_LIMIT);
            let mut content = vec![0; length.ok_or_else(|| line.clone())? + 2];
            session.read_exact(&mut content).await.map_err(|_| line.clone())?;
            Ok(Ok(text(&content)))
        }
        _ => Err(line),
    }
}

/// It isn't Redis that answers, or not without TLS.
async fn mismatch(readable: Option<SocketAddr>, seen: &[u8], limit: Duration) -> Found {
    let stranger = match (readable, speaker::recognise(seen)) {
        (Some(address), None | Some("TLS")) => speaker::behind(address, "Redis", PLAIN.hello, limit).await,
        _ => None,
    };
    stranger.unwrap_or_else(|| speaker::mismatch("Redis", seen))
}

fn refused(error: &str) -> Found {
    let remedy = match error.split(' ').next().unwrap_or_default() {
        "WRONGPASS" => {
            "Check the access key or password; `sc connection update NAME --access-key-stdin` stores another one."
        }
        "NOAUTH" => "The server wants a password: `sc connection update NAME --access-key-stdin` stores it.",
        "NOPERM" => "Check the user's rights on the server (`ACL GETUSER`).",
        // A server without a password answers AUTH with ERR.
        "ERR" => "Check that the server has a password (`requirepass`) and knows the user.",
        _ => FailureCode::SignInRefused.remedy(),
    };
    Found::new(FailureCode::SignInRefused, error).remedied_by(remedy)
}

fn denied(error: &str) -> Found {
    let remedy = match error.split(' ').next().unwrap_or_default() {
        "NOPERM" => {
            "Grant the user the commands of the workload (`ACL SETUSER`); it needs SELECT and PING at least."
        }
        "LOADING" | "MASTERDOWN" | "BUSY" => "Wait until the server is ready, and try again.",
        _ => "Check the number of the database: the server's `databases` sets how many there are.",
    };
    Found::new(FailureCode::AccessRefused, error).remedied_by(remedy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_has_its_own_way_out() {
        for (error, part) in [
            ("WRONGPASS invalid username-password pair or user is disabled.", "--access-key-stdin"),
            ("NOAUTH Authentication required.", "wants a password"),
            ("ERR AUTH <password> called without any password configured", "requirepass"),
        ] {
            assert!(refused(error).remedy.contains(part), "{error}");
        }
        assert!(denied("ERR DB index is out of range").remedy.contains("databases"));
        assert!(denied("NOPERM this user has no permissions").remedy.contains("ACL SETUSER"));
    }
}
