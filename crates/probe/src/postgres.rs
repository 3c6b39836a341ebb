//! PostgreSQL: TLS after its own request for it, sign-in, a query.

use std::net::SocketAddr;
use std::time::Duration;

use sc_model::{CheckName, FailureCode, HostName, SecretValue};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_postgres::config::SslMode;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Config, Error, NoTls};
use tokio_rustls::client::TlsStream;

use crate::session::Session;
use crate::speaker;
use crate::steps::{Answer, Found, Steps, scrubbed, shown, silence};
use crate::tls::{self, Prepared};

/// The message that asks for TLS (PostgreSQL's documentation, "Message Formats", SSLRequest): its length, its code.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

/// Who signs in to what.
pub(crate) struct Login<'a> {
    pub(crate) database: &'a str,
    pub(crate) username: &'a str,
    pub(crate) password: &'a SecretValue,
}

/// Asks for TLS and does the handshake.
pub(crate) async fn handshake(
    mut stream: TcpStream,
    host: &HostName,
    config: Prepared,
) -> Answer<TlsStream<TcpStream>> {
    let mut answer = [0; 64];
    let exchange = async {
        stream.write_all(&SSL_REQUEST).await?;
        stream.read(&mut answer).await
    };
    // A connection that breaks says as much as one that ends.
    let length = exchange.await.unwrap_or_default();
    match &answer[..length] {
        b"S" => tls::handshake(stream, host, config).await,
        b"N" => Err(Found::new(FailureCode::TlsFailed, "the server doesn't offer TLS").remedied_by(
            "Switch TLS on in the server (`ssl = on` in postgresql.conf): the workload's variables ask for it.",
        )),
        // Anything behind the `S` would be taken for encrypted by a careless client (CVE-2021-23222).
        other => Err(speaker::mismatch("PostgreSQL", other)),
    }
}

/// Signs in and queries.
pub(crate) async fn sign_in(steps: &mut Steps, session: Session, login: &Login<'_>) -> Result<(), Found> {
    let mut config = Config::new();
    config
        .user(login.username)
        .password(login.password.expose())
        .dbname(login.database)
        .application_name("sc probe");
    // The session is encrypted already, or isn't to be.
    config.ssl_mode(SslMode::Disable);
    // A little of the time is kept to find out who answers, if it isn't PostgreSQL.
    let limit = steps.left() * 9 / 10;
    let readable = session.readable_address();
    let entry = async {
        let Ok(opened) = tokio::time::timeout(limit, config.connect_raw(session, NoTls)).await else {
            return Err(stranger(readable, limit / 10).await.unwrap_or_else(|| silence(CheckName::SignIn)));
        };
        match opened {
            Ok(opened) => Ok((format!("signed in as {}", login.username), Ok(opened))),
            // The password was taken; it is the database that is missing or closed.
            Err(error) if is_about_access(&error) => {
                Ok((format!("signed in as {}", login.username), Err(error)))
            }
            Err(error) if error.as_db_error().is_some() => Err(refused(&error, login)),
            Err(error) => Err(stranger(readable, limit / 10).await.unwrap_or_else(|| refused(&error, login))),
        }
    };
    let opened = steps.run(CheckName::SignIn, entry).await?;
    let access = async {
        let (client, connection) = opened.map_err(|error| denied(&error, login))?;
        let answer = async { client.query_one("SELECT current_setting('server_version')", &[]).await };
        let row = tokio::select! {
            row = answer => row.map_err(|error| denied(&error, login))?,
            ended = connection => return Err(Found::new(FailureCode::AccessRefused, said(ended.err().as_ref(), login))),
        };
        let version: String = row.try_get(0).unwrap_or_default();
        Ok((format!("database {} of PostgreSQL {}", login.database, shown(&version)), ()))
    };
    steps.run(CheckName::Access, access).await
}

/// Who answers instead of PostgreSQL, if it wasn't asked for TLS, which tells that already.
async fn stranger(readable: Option<SocketAddr>, limit: Duration) -> Option<Found> {
    speaker::behind(readable?, "PostgreSQL", &SSL_REQUEST, limit).await
}

fn is_about_access(error: &Error) -> bool {
    let states = [
        SqlState::INVALID_CATALOG_NAME,
        SqlState::INSUFFICIENT_PRIVILEGE,
        SqlState::OBJECT_NOT_IN_PREREQUISITE_STATE,
    ];
    error.code().is_some_and(|code| states.contains(code))
}

fn refused(error: &Error, login: &Login<'_>) -> Found {
    let message = error.as_db_error().map_or("", |error| error.message());
    let (addition, remedy) = advice(error.code(), message);
    Found::new(FailureCode::SignInRefused, said(Some(error), login) + addition).remedied_by(remedy)
}

/// What the state and its text leave open, and what helps. Texts are English unless the server speaks another language;
/// then the general advice of the state holds.
fn advice(state: Option<&SqlState>, message: &str) -> (&'static str, &'static str) {
    let has = |part: &str| message.contains(part);
    match state {
        Some(state) if *state == SqlState::INVALID_PASSWORD => (
            ": the password is wrong, or there is no such user; PostgreSQL doesn't tell which",
            "Check user and password; `sc connection update NAME --password-stdin` stores another one.",
        ),
        Some(state) if *state == SqlState::INVALID_AUTHORIZATION_SPECIFICATION => (
            "",
            // The end of pg_hba.conf's refusal, where it is the lack of TLS that no entry allows.
            if has("no encryption") {
                "Turn TLS on (leave `tls: off` out of the connection), or let the user in without it from the cluster's addresses (`hostnossl` in pg_hba.conf)."
            } else if has("pg_hba.conf") {
                "Let the user in from the cluster's addresses (pg_hba.conf, or the server's firewall rules)."
            } else if has("not permitted to log in") {
                "Let the role log in (`ALTER ROLE … LOGIN`)."
            } else if has("does not exist") {
                "Create the user (`CREATE ROLE … LOGIN PASSWORD …`), or correct --user."
            } else {
                "Check that the user exists and that pg_hba.conf lets it in from the cluster's addresses."
            },
        ),
        Some(state) if *state == SqlState::TOO_MANY_CONNECTIONS => (
            "",
            "Close connections, or raise the limit (`max_connections`, the role's or the database's own).",
        ),
        Some(state) if *state == SqlState::CANNOT_CONNECT_NOW => {
            ("", "Wait until the server has started, and try again.")
        }
        _ => ("", FailureCode::SignInRefused.remedy()),
    }
}

fn denied(error: &Error, login: &Login<'_>) -> Found {
    let remedy = match error.code() {
        Some(state) if *state == SqlState::INVALID_CATALOG_NAME => {
            "Create the database, or correct --database."
        }
        Some(state) if *state == SqlState::INSUFFICIENT_PRIVILEGE => {
            "Grant the user the right (`GRANT CONNECT ON DATABASE …`)."
        }
        Some(state) if *state == SqlState::OBJECT_NOT_IN_PREREQUISITE_STATE => {
            "Let the database take connections (`ALTER DATABASE … ALLOW_CONNECTIONS true`)."
        }
        _ => FailureCode::AccessRefused.remedy(),
    };
    Found::new(FailureCode::AccessRefused, said(Some(error), login)).remedied_by(remedy)
}

/// The server's own words.
fn said(error: Option<&Error>, login: &Login<'_>) -> String {
    let Some(error) = error else { return "the server ended the connection".to_owned() };
    let text = match error.as_db_error() {
        Some(error) => format!("{} (SQLSTATE {})", error.message(), error.code().code()),
        None => error.to_string(),
    };
    scrubbed(&text, login.password.expose())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_has_its_own_way_out() {
        let remedy = |state: &SqlState, message: &str| advice(Some(state), message).1;
        let unauthorised = &SqlState::INVALID_AUTHORIZATION_SPECIFICATION;
        assert!(remedy(&SqlState::INVALID_PASSWORD, "").contains("--password-stdin"));
        assert!(remedy(unauthorised, "no pg_hba.conf entry for host").contains("addresses"));
        assert!(
            remedy(unauthorised, "no pg_hba.conf entry for host \"::1\", no encryption").contains("tls: off")
        );
        assert!(remedy(unauthorised, "role \"x\" is not permitted to log in").contains("ALTER ROLE"));
        assert!(remedy(unauthorised, "role \"x\" does not exist").contains("CREATE ROLE"));
        assert!(remedy(&SqlState::TOO_MANY_CONNECTIONS, "").contains("max_connections"));
        assert!(remedy(&SqlState::CANNOT_CONNECT_NOW, "").contains("started"));
        assert_eq!(advice(None, "").1, FailureCode::SignInRefused.remedy());
    }
}
