//! MySQL and MariaDB: the greeting, TLS after its own request for it or none, sign-in, the choice of the database.
//!
//! One connection for all of it ("Client/Server Protocol" of MySQL's and MariaDB's documentation): a second one would
//! have its own TLS, and one that breaks off after TLS counts towards the server's `max_connect_errors`.

use std::time::Duration;

use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256};
use sc_model::{CheckName, FailureCode, HostName, SecretValue};
use tokio::net::TcpStream;

use crate::mysql_wire::{Greeting, Packets, Reply, login, scramble, ssl_request};
use crate::session::{Session, Wire};
use crate::speaker;
use crate::steps::{Answer, Found, Steps, TURN_ON, scrubbed};
use crate::tls::{self, Mode, Prepared};

/// More answers than any sign-in has.
const ROUNDS: usize = 8;
/// The plugin that every server understands, though not for every user.
const OLDEST: &str = "mysql_native_password";

/// Who signs in to what.
pub(crate) struct Login<'a> {
    pub(crate) database: &'a str,
    pub(crate) username: &'a str,
    pub(crate) password: &'a SecretValue,
}

/// A server that has greeted, over the connection that the sign-in goes over.
struct Opened {
    greeting: Greeting,
    packets: Packets<Session>,
}

/// From the greeting to the database.
pub(crate) async fn probe(
    steps: &mut Steps,
    stream: TcpStream,
    host: &HostName,
    mode: Mode,
    who: &Login<'_>,
) -> Result<(), Found> {
    // A little less than all of the time, so that silence is told by what it means here.
    let limit = steps.left() * 9 / 10;
    let signed_in = match mode {
        Mode::On(trust) => match steps.run(CheckName::Tls, secured(stream, host, trust, limit)).await {
            // Too many connections, an address that isn't let in: said in the place of a greeting.
            Err(found) if found.code == FailureCode::SignInRefused => {
                steps.withdraw(CheckName::Tls, "the server refused the client before TLS");
                return steps.run(CheckName::SignIn, std::future::ready(Err(found))).await;
            }
            opened => steps.run(CheckName::SignIn, sign_in(opened?, who)).await?,
        },
        Mode::Off => {
            steps.skip(CheckName::Tls, tls::OFF);
            let entry = async { sign_in(readable(stream, limit).await?, who).await };
            steps.run(CheckName::SignIn, entry).await?
        }
    };
    match signed_in {
        SignedIn::Yes(opened) => steps.run(CheckName::Access, choose(opened, who)).await,
        SignedIn::Unknown(plugin) => {
            steps.withdraw(
                CheckName::SignIn,
                &format!("`{}` signs in by `{plugin}`, which can't be tried from here", who.username),
            );
            steps.skip(CheckName::Access, "not tried, because it needs the sign-in");
            Ok(())
        }
    }
}

/// The greeting, and TLS.
async fn secured(mut stream: TcpStream, host: &HostName, trust: Prepared, limit: Duration) -> Answer<Opened> {
    let greeting = greeted(&mut stream, limit).await?;
    if !greeting.offers_tls() {
        return Err(Found::new(FailureCode::TlsFailed, "the server doesn't offer TLS").remedied_by(
            "Give the server a certificate (`ssl_cert`, `ssl_key`): the workload's variables ask for TLS.",
        ));
    }
    let asked = Packets::new(&mut stream, 1).send(&ssl_request()).await;
    asked.map_err(|error| Found::new(FailureCode::TlsFailed, error))?;
    let (told, session) = tls::handshake(stream, host, trust).await?;
    Ok((told, Opened { greeting, packets: Packets::new(session.into(), 2) }))
}

/// The greeting alone.
async fn readable(mut stream: TcpStream, limit: Duration) -> Result<Opened, Found> {
    let greeting = greeted(&mut stream, limit).await?;
    Ok(Opened { greeting, packets: Packets::new(Session::Readable(stream), 1) })
}

/// Reads the greeting, the server's first word.
async fn greeted(stream: &mut TcpStream, limit: Duration) -> Result<Greeting, Found> {
    let mut packets = Packets::new(stream, 0);
    let first = tokio::time::timeout(limit, packets.receive_first()).await.map_err(|_| unheard())?;
    let bytes = first.map_err(|seen| speaker::mismatch("MySQL", &seen))?;
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
    Yes(Opened),
    /// The server wants a way to sign in that isn't known here.
    Unknown(String),
}

async fn sign_in(opened: Opened, who: &Login<'_>) -> Answer<SignedIn> {
    let Opened { greeting, mut packets } = opened;
    let wire = packets.stream().wire();
    let secret = who.password.expose();
    let broken = |error: std::io::Error| {
        Found::new(FailureCode::SignInRefused, format!("the server ended the sign-in: {error}"))
            .remedied_by("Look at the server's own log; try again.")
    };
    // A plugin that isn't known, or may not be answered, is answered as the oldest one: the server then asks for the one that it wants.
    let first = Proof::wanted_by(&greeting.plugin, secret, &greeting.nonce);
    let (mut plugin, data) = match first.and_then(|proof| proof.said(wire, secret)) {
        Some(data) => (greeting.plugin.clone(), data),
        None => (OLDEST.to_owned(), oldest_hash(secret, &greeting.nonce)),
    };
    packets.send(&login(wire, who.username, &data, &plugin)).await.map_err(broken)?;
    for _ in 0..ROUNDS {
        let bytes = packets.receive().await.map_err(broken)?;
        match Reply::read(&bytes) {
            Reply::Done => {
                let told = format!("signed in as {}", who.username);
                return Ok((told, SignedIn::Yes(Opened { greeting, packets })));
            }
            Reply::Error { code, message } => return Err(refused_over(wire, code, &message, secret)),
            Reply::Switch { to, nonce } => {
                let Some(proof) = Proof::wanted_by(&to, secret, &nonce) else {
                    return Ok((String::new(), SignedIn::Unknown(to)));
                };
                let data = proof.said(wire, secret).ok_or_else(|| unsaid(&to))?;
                plugin = to;
                packets.send(&data).await.map_err(broken)?;
            }
            // The server knows no hash of the password yet and asks for the password itself.
            Reply::More([4]) if plugin == "caching_sha2_password" => {
                let data = Proof::Password.said(wire, secret).ok_or_else(|| unsaid(&plugin))?;
                packets.send(&data).await.map_err(broken)?;
            }
            Reply::More([3]) => {}
            Reply::More(_) | Reply::Other => break,
        }
    }
    Err(Found::new(FailureCode::SignInRefused, format!("the server's answer to `{plugin}` isn't understood")))
}

/// What a plugin wants to hear.
#[derive(Debug, PartialEq, Eq)]
enum Proof {
    /// A hash that is good for one sign-in: everybody may hear it.
    Hash(Vec<u8>),
    /// The password itself.
    Password,
}

impl Proof {
    /// `None` for a plugin that isn't known.
    fn wanted_by(plugin: &str, secret: &str, nonce: &[u8]) -> Option<Self> {
        match plugin {
            OLDEST => Some(Self::Hash(oldest_hash(secret, nonce))),
            "caching_sha2_password" if secret.is_empty() => Some(Self::Hash(Vec::new())),
            "caching_sha2_password" => {
                Some(Self::Hash(scramble(&SHA256, secret, nonce, |nonce, twice| [twice, nonce].concat())))
            }
            "sha256_password" => Some(Self::Password),
            _ => None,
        }
    }

    /// `None` where others would hear a password. Clients that go on then encrypt it with the server's RSA key, which
    /// anybody on the way could replace by a key of their own.
    fn said(self, wire: Wire, secret: &str) -> Option<Vec<u8>> {
        match (self, wire) {
            (Self::Hash(hash), _) => Some(hash),
            (Self::Password, Wire::Encrypted) => Some([secret.as_bytes(), &[0]].concat()),
            (Self::Password, Wire::Readable) => None,
        }
    }
}

/// What [`OLDEST`] wants to hear; from a user without a password nothing.
fn oldest_hash(secret: &str, nonce: &[u8]) -> Vec<u8> {
    if secret.is_empty() {
        return Vec::new();
    }
    scramble(&SHA1_FOR_LEGACY_USE_ONLY, secret, nonce, |nonce, twice| [nonce, twice].concat())
}

async fn choose(opened: Opened, who: &Login<'_>) -> Answer<()> {
    let Opened { greeting, mut packets } = opened;
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
        3159 => (said, TURN_ON),
        3118 | 4151 => (said, "Unlock the user (`ALTER USER … ACCOUNT UNLOCK`)."),
        _ => (said, FailureCode::SignInRefused.remedy()),
    };
    Found::new(FailureCode::SignInRefused, cause).remedied_by(remedy)
}

/// Without TLS a refusal may be for that alone; servers don't tell, MariaDB not even where everybody has to use it.
fn refused_over(wire: Wire, code: u16, message: &str, secret: &str) -> Found {
    let mut found = refused(code, message, secret);
    if wire == Wire::Readable && matches!(code, 1045 | 1698) {
        found.cause += ", or TLS is required (`REQUIRE SSL`, `require_secure_transport`)";
    }
    found
}

/// The server wants to hear the password itself, and others would hear it too.
fn unsaid(plugin: &str) -> Found {
    let (why, remedy) = match plugin {
        // A wrong hash and one that the server has nothing to compare with get the same answer.
        "caching_sha2_password" => (
            ": its cache doesn't have the user, or the password is wrong",
            "Turn TLS on (leave `tls: off` out of the connection), or sign in once over TLS so that the server's cache has the user.",
        ),
        _ => ("", TURN_ON),
    };
    Found::new(
        FailureCode::SignInRefused,
        format!("the server asks for the password itself (`{plugin}`){why}; it isn't sent without TLS"),
    )
    .remedied_by(remedy)
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
            (3159, "tls: off"),
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
        let length = |plugin, secret| match Proof::wanted_by(plugin, secret, &[1; 20]) {
            Some(Proof::Hash(hash)) => Some(hash.len()),
            _ => None,
        };
        assert_eq!(Proof::wanted_by("client_ed25519", "canary", &[1; 20]), None);
        assert_eq!(length("mysql_native_password", ""), Some(0));
        assert_eq!(length("mysql_native_password", "canary"), Some(20));
        assert_eq!(length("caching_sha2_password", "canary"), Some(32));
    }

    #[test]
    fn only_tls_hears_the_password_itself() {
        let proof = || Proof::wanted_by("sha256_password", "canary", &[1; 20]).unwrap();
        assert_eq!(proof().said(Wire::Encrypted, "canary").unwrap(), b"canary\0");
        assert_eq!(proof().said(Wire::Readable, "canary"), None);
        for plugin in ["caching_sha2_password", "sha256_password"] {
            assert!(unsaid(plugin).remedy.contains("Turn TLS on"), "{plugin}");
        }
    }

    #[test]
    fn a_refusal_without_tls_may_be_for_that() {
        assert!(refused_over(Wire::Readable, 1045, "no", "").cause.contains("REQUIRE SSL"));
        assert!(!refused_over(Wire::Encrypted, 1045, "no", "").cause.contains("REQUIRE SSL"));
    }
}
