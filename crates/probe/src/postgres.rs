//! PostgreSQL: TLS after its own request for it, sign-in, a query.

use sc_model::{CheckName, FailureCode, HostName, SecretValue};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_postgres::config::SslMode;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Config, Error, NoTls};
use tokio_rustls::client::TlsStream;

use crate::steps::{Answer, Found, Steps, scrubbed};
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
pub(crate) async fn handshake(mut stream: TcpStream, host: &HostName, config: Prepared) -> Answer<TlsStream<TcpStream>> {
    let mut answer = [0];
    let exchange = async {
        stream.write_all(&SSL_REQUEST).await?;
        stream.read_exact(&mut answer).await
    };
    let mismatch = |cause: String| Found::new(FailureCode::ProtocolMismatch, cause);
    exchange.await.map_err(|error| mismatch(format!("the server doesn't answer as PostgreSQL does: {error}")))?;
    match answer[0] {
        b'S' => tls::handshake(stream, host, config).await,
        b'N' => Err(Found::new(FailureCode::TlsFailed, "the server doesn't offer TLS")
            .remedied_by("Switch TLS on in the server (`ssl = on` in postgresql.conf): the workload's variables ask for it.")),
        other => Err(mismatch(format!("the server doesn't answer as PostgreSQL does (first byte {other:#04x})"))),
    }
}

/// Signs in and queries.
pub(crate) async fn sign_in(steps: &mut Steps, session: TlsStream<TcpStream>, login: &Login<'_>) -> Result<(), Found> {
    let mut config = Config::new();
    config.user(login.username).password(login.password.expose()).dbname(login.database).application_name("sc probe");
    // The session is encrypted already.
    config.ssl_mode(SslMode::Disable);
    let entry = async {
        match config.connect_raw(session, NoTls).await {
            Ok(opened) => Ok((format!("signed in as {}", login.username), Ok(opened))),
            // The password was taken; it is the database that is missing or closed.
            Err(error) if is_about_access(&error) => Ok((format!("signed in as {}", login.username), Err(error))),
            Err(error) => Err(refused(&error, login)),
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
        Ok((format!("database {} of PostgreSQL {version}", login.database), ()))
    };
    steps.run(CheckName::Access, access).await
}

fn is_about_access(error: &Error) -> bool {
    let states = [SqlState::INVALID_CATALOG_NAME, SqlState::INSUFFICIENT_PRIVILEGE];
    error.code().is_some_and(|code| states.contains(code))
}

fn refused(error: &Error, login: &Login<'_>) -> Found {
    let cause = said(Some(error), login);
    match error.code() {
        Some(code) if *code == SqlState::INVALID_PASSWORD => Found::new(FailureCode::SignInRefused, cause)
            .remedied_by("Check user and password; `sc connection update NAME --password-stdin` stores another one."),
        Some(code) if *code == SqlState::INVALID_AUTHORIZATION_SPECIFICATION => Found::new(FailureCode::SignInRefused, cause)
            .remedied_by("Check that the user exists and that pg_hba.conf lets it in from the cluster's addresses."),
        Some(code) if *code == SqlState::TOO_MANY_CONNECTIONS => Found::new(FailureCode::SignInRefused, cause)
            .remedied_by("Close connections, or raise `max_connections` on the server."),
        _ => Found::new(FailureCode::SignInRefused, cause),
    }
}

fn denied(error: &Error, login: &Login<'_>) -> Found {
    let remedy = match error.code() {
        Some(code) if *code == SqlState::INVALID_CATALOG_NAME => "Create the database, or correct --database.",
        _ => "Grant the user the right (`GRANT CONNECT ON DATABASE …`).",
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
