//! MySQL and MariaDB: the greeting, TLS after its own request for it, sign-in, the choice of the database.
//!
//! One connection for all of it ("Client/Server Protocol" of MySQL's and MariaDB's documentation): a second one would
//! have its own TLS, and one that breaks off after TLS counts towards the server's `max_connect_errors`.

use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256};
use sc_model::{CheckName, FailureCode, HostName, SecretValue};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use crate::mysql_wire::{Greeting, Packets, Reply, login, scramble, ssl_request};
use crate::speaker;
use crate::steps::{Found, Steps, scrubbed};
use crate::tls::{self, Prepared};

/// More answers than any sign-in has.
const ROUNDS: usize = 8;

/// Who signs in to what.
pub(crate) struct Login<'a> {
    pub(crate) database: &'a str,
    pub(crate) username: &'a str,
    pub(crate) password: &'a SecretValue,
}

/// From the greeting to the database.
pub(crate) async fn probe(
    steps: &mut Steps,
    mut stream: TcpStream,
    host: &HostName,
    trust: Prepared,
    who: &Login<'_>,
) -> Result<(), Found> {
    // A little less than all of the time, so that silence is told by what it means here.
    let limit = steps.left() * 9 / 10;
    let secure = async {
        let greeting =
            tokio::time::timeout(limit, greeted(&mut stream)).await.unwrap_or_else(|_| Err(unheard()))?;
        if !greeting.offers_tls() {
            return Err(Found::new(FailureCode::TlsFailed, "the server doesn't offer TLS").remedied_by(
                "Give the server a certificate (`ssl_cert`, `ssl_key`): the workload's variables ask for TLS.",
            ));
        }
        let asked = Packets::new(&mut stream, 1).send(&ssl_request()).await;
        asked.map_err(|error| Found::new(FailureCode::TlsFailed, error))?;
        let (told, session) = tls::handshake(stream, host, trust).await?;
        Ok((told, (greeting, session)))
    };
    let (greeting, session) = match steps.run(CheckName::Tls, secure).await {
        // Too many connections, an address that isn't let in: said in the place of a greeting.
        Err(found) if found.code == FailureCode::SignInRefused => {
            steps.withdraw(CheckName::Tls, "the server refused the client before TLS");
            return steps.run(CheckName::SignIn, std::future::ready(Err(found))).await;
        }
        answer => answer?,
    };
    let mut packets = Packets::new(session, 2);
    match steps.run(CheckName::SignIn, sign_in(&mut packets, &greeting, who)).await? {
        SignedIn::Yes => {}
        SignedIn::Unknown(plugin) => {
            steps.withdraw(
                CheckName::SignIn,
                &format!("`{}` signs in by `{plugin}`, which can't be tried from here", who.username),
            );
            steps.skip(CheckName::Access, "not tried, because it needs the sign-in");
            return Ok(());
        }
    }
    steps.run(CheckName::Access, choose(&mut packets, &greeting, who)).await
}

/// Reads the greeting, the server's first word.
async fn greeted(stream: &mut TcpStream) -> Result<Greeting, Found> {
    let bytes =
        Packets::new(stream, 0).receive_first().await.map_err(|seen| speaker::mismatch("MySQL", &seen))?;
    match Reply::read(&bytes) {
        Reply::Error { code, message } => Err(refused(code, &message, "")),
        _ => Greeting::read(&bytes).ok_or_else(|| speaker::mismatch("MySQL", &bytes)),
    }
}

/// The time ran out before the greeting.
fn unheard() -> Found {
    Found::new(
        FailureCode::ProtocolMismatch,
        "the server accepted the connection and then sent no greeting, as MySQL does at once",
    )
    .remedied_by("Check that host and port belong to a MySQL server, and that it isn't overloaded.")
}

enum SignedIn {
    Yes,
    /// The server wants a way to sign in that isn't known here.
    Unknown(String),
}

async fn sign_in(
    packets: &mut Packets<TlsStream<TcpStream>>,
    greeting: &Greeting,
    who: &Login<'_>,
) -> Result<(String, SignedIn), Found> {
    let secret = who.password.expose();
    let broken = |error: std::io::Error| {
        Found::new(FailureCode::SignInRefused, format!("the server ended the sign-in: {error}"))
            .remedied_by("Look at the server's own log; try again.")
    };
    // A plugin that isn't known is answered as the oldest one: the server then asks for the one that it wants.
    let first =
        answer(&greeting.plugin, secret, &greeting.nonce).map(|data| (greeting.plugin.as_str(), data));
    let (mut plugin, data) = match first {
        Some((name, data)) => (name.to_owned(), data),
        None => ("mysql_native_password".to_owned(), Vec::new()),
    };
    packets.send(&login(who.username, &data, &plugin)).await.map_err(broken)?;
    for _ in 0..ROUNDS {
        let bytes = packets.receive().await.map_err(broken)?;
        match Reply::read(&bytes) {
            Reply::Done => return Ok((format!("signed in as {}", who.username), SignedIn::Yes)),
            Reply::Error { code, message } => return Err(refused(code, &message, secret)),
            Reply::Switch { to, nonce } => {
                let Some(data) = answer(&to, secret, &nonce) else {
                    return Ok((String::new(), SignedIn::Unknown(to)));
                };
                plugin = to;
                packets.send(&data).await.map_err(broken)?;
            }
            // The server knows no hash of the password yet and asks for the password itself, which TLS covers.
            Reply::More([4]) if plugin == "caching_sha2_password" => {
                packets.send(&[secret.as_bytes(), &[0]].concat()).await.map_err(broken)?;
            }
            Reply::More([3]) => {}
            Reply::More(_) | Reply::Other => break,
        }
    }
    Err(Found::new(FailureCode::SignInRefused, format!("the server's answer to `{plugin}` isn't understood")))
}

/// What a plugin wants to hear. `None` for a plugin that isn't known.
fn answer(plugin: &str, secret: &str, nonce: &[u8]) -> Option<Vec<u8>> {
    match plugin {
        "mysql_native_password" | "caching_sha2_password" if secret.is_empty() => Some(Vec::new()),
        "mysql_native_password" => {
            Some(scramble(&SHA1_FOR_LEGACY_USE_ONLY, secret, nonce, |nonce, twice| [nonce, twice].concat()))
        }
        "caching_sha2_password" => {
            Some(scramble(&SHA256, secret, nonce, |nonce, twice| [twice, nonce].concat()))
        }
        // Over TLS the password itself.
        "sha256_password" => Some([secret.as_bytes(), &[0]].concat()),
        _ => None,
    }
}

async fn choose(
    packets: &mut Packets<TlsStream<TcpStream>>,
    greeting: &Greeting,
    who: &Login<'_>,
) -> Result<(String, ()), Found> {
    let secret = who.password.expose();
    let broken = |error: std::io::Error| {
        Found::new(FailureCode::AccessRefused, format!("the server ended the connection: {error}"))
    };
    packets.command(0x02, who.database.as_bytes()).await.map_err(broken)?;
    let bytes = packets.receive().await.map_err(broken)?;
    match Reply::read(&bytes) {
        Reply::Done => {}
        Reply::Error { code, message } => return Err(denied(code, &message, secret)),
        _ => {
            return Err(Found::new(
                FailureCode::AccessRefused,
                "the server's answer to the choice of the database isn't understood",
            ));
        }
    }
    // Said, so that the server doesn't note an aborted connection; there is no answer.
    let _ = packets.command(0x01, &[]).await;
    Ok((format!("database {} of {}", who.database, greeting.product()), ()))
}

/// By MySQL's "Server Error Message Reference" and MariaDB's "Error Codes".
fn refused(code: u16, message: &str, secret: &str) -> Found {
    let said = said(code, message, secret);
    let (cause, remedy) = match code {
        // 1698 is MariaDB's, for a user that it doesn't know or that has no password to sign in by.
        1045 | 1698 => (
            format!(
                "{said}: the password is wrong, or there is no such user for the address the server names"
            ),
            "Check user, password and the hosts the user may come from; `sc connection update NAME --password-stdin` stores another password.",
        ),
        1130 => (said, "Let the user in from the cluster's addresses (`CREATE USER 'name'@'%'`)."),
        1129 => (
            said,
            "Unblock the cluster's addresses with `FLUSH HOSTS`, and look for what breaks off connections.",
        ),
        1040 | 1203 | 1226 => {
            (said, "Close connections, or raise the server's limit (`max_connections`, the user's own).")
        }
        1820 | 1862 => (
            said,
            "Set a new password (`ALTER USER … IDENTIFIED BY …`) and store it with `sc connection update NAME --password-stdin`.",
        ),
        3118 | 4151 => (said, "Unlock the user (`ALTER USER … ACCOUNT UNLOCK`)."),
        _ => (said, FailureCode::SignInRefused.remedy()),
    };
    Found::new(FailureCode::SignInRefused, cause).remedied_by(remedy)
}

fn denied(code: u16, message: &str, secret: &str) -> Found {
    let said = said(code, message, secret);
    let (cause, remedy) = match code {
        1049 => (said, "Create the database, or correct --database."),
        1044 => (
            format!(
                "{said}: the user has no right to it, or it doesn't exist; the server doesn't tell which"
            ),
            "Create the database or correct --database; grant the user the right (`GRANT … ON database.* TO …`).",
        ),
        1820 | 1862 => (
            said,
            "Set a new password (`ALTER USER … IDENTIFIED BY …`) and store it with `sc connection update NAME --password-stdin`.",
        ),
        _ => (said, FailureCode::AccessRefused.remedy()),
    };
    Found::new(FailureCode::AccessRefused, cause).remedied_by(remedy)
}

fn said(code: u16, message: &str, secret: &str) -> String {
    format!("{} (error {code})", scrubbed(message, secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_has_its_own_way_out() {
        for (code, part) in [
            (1045, "--password-stdin"),
            (1698, "--password-stdin"),
            (1130, "CREATE USER"),
            (1040, "max_connections"),
            (1862, "ALTER USER"),
        ] {
            let found = refused(code, "no", "canary");
            assert!(found.code == FailureCode::SignInRefused && found.remedy.contains(part), "{found:?}");
        }
        assert!(denied(1049, "no", "").remedy.contains("--database"));
        assert!(denied(1044, "no", "").remedy.contains("GRANT"));
        assert!(!format!("{:?}", refused(1045, "is it canary?", "canary")).contains("canary"));
    }

    #[test]
    fn an_unknown_plugin_gets_no_answer_and_an_empty_password_an_empty_one() {
        assert_eq!(answer("client_ed25519", "canary", &[1; 20]), None);
        assert_eq!(answer("mysql_native_password", "", &[1; 20]), Some(Vec::new()));
        assert_eq!(answer("mysql_native_password", "canary", &[1; 20]).unwrap().len(), 20);
        assert_eq!(answer("caching_sha2_password", "canary", &[1; 20]).unwrap().len(), 32);
    }
}
