//! Redis: AUTH, SELECT and PING, over the session that is open already.
//!
//! Three commands in RESP2 (the Redis serialization protocol's specification), whose errors are told apart by their
//! first word; a client library would open its own connection and fold these words into its own errors.

use sc_model::{CheckName, FailureCode, SecretValue};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufStream};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use crate::steps::{Found, Steps, scrubbed};

/// The longest line that is read: an error or a status has far less.
const LINE_LIMIT: u64 = 4096;

type Session = BufStream<TlsStream<TcpStream>>;

/// Signs in, chooses the database and pings.
pub(crate) async fn sign_in(
    steps: &mut Steps,
    session: TlsStream<TcpStream>,
    database: u32,
    username: Option<&str>,
    password: &SecretValue,
) -> Result<(), Found> {
    let mut session = BufStream::new(session);
    let entry = async {
        let secret = password.expose();
        let words: Vec<&str> = ["AUTH"].into_iter().chain(username).chain([secret]).collect();
        match ask(&mut session, &words).await {
            Ok(Ok(_)) => Ok((format!("signed in as {}", username.unwrap_or("the default user")), ())),
            Ok(Err(error)) => Err(refused(&scrubbed(&error, secret))),
            Err(error) => Err(Found::new(FailureCode::ProtocolMismatch, format!("the server doesn't answer as Redis does: {error}"))),
        }
    };
    steps.run(CheckName::SignIn, entry).await?;
    let access = async {
        for words in [&["SELECT", &database.to_string()] as &[&str], &["PING"]] {
            match ask(&mut session, words).await {
                Ok(Ok(_)) => {}
                Ok(Err(error)) => {
                    return Err(Found::new(FailureCode::AccessRefused, error).remedied_by(
                        "Check the number of the database, and the user's rights (`ACL GETUSER`).",
                    ));
                }
                Err(error) => return Err(Found::new(FailureCode::AccessRefused, error)),
            }
        }
        Ok((format!("database {database} answers"), ()))
    };
    steps.run(CheckName::Access, access).await
}

/// Sends a command and reads its answer: a status, or the server's error.
async fn ask(session: &mut Session, words: &[&str]) -> std::io::Result<Result<String, String>> {
    let mut command = format!("*{}\r\n", words.len());
    for word in words {
        command += &format!("${}\r\n{word}\r\n", word.len());
    }
    session.write_all(command.as_bytes()).await?;
    session.flush().await?;
    let mut line = String::new();
    session.take(LINE_LIMIT).read_line(&mut line).await?;
    let text = line.trim_end();
    match text.split_at_checked(1) {
        Some(("+", status)) => Ok(Ok(status.to_owned())),
        Some(("-", error)) => Ok(Err(error.to_owned())),
        Some(_) => Err(std::io::Error::other("it speaks another protocol")),
        None => Err(std::io::Error::other("it ended the connection")),
    }
}

fn refused(error: &str) -> Found {
    let remedy = match error.split(' ').next().unwrap_or_default() {
        "WRONGPASS" => "Check the access key or password; `sc connection update NAME --access-key-stdin` stores another one.",
        "NOAUTH" | "NOPERM" => "Check the user's rights on the server (`ACL GETUSER`).",
        // A server without a password answers AUTH with ERR.
        "ERR" => "Check that the server has a password (`requirepass`) and knows the user.",
        _ => FailureCode::SignInRefused.remedy(),
    };
    Found::new(FailureCode::SignInRefused, error).remedied_by(remedy)
}
