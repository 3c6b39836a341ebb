//! MySQL and MariaDB: the greeting, TLS after its own request for it, sign-in, a query.

use std::net::SocketAddr;

use mysql_async::prelude::Queryable as _;
use mysql_async::{Conn, Error, Opts, OptsBuilder, SslOpts};
use sc_model::{CheckName, FailureCode, HostName, SecretValue};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::request::Trust;
use crate::steps::{Answer, Found, Steps, scrubbed};
use crate::tls::{self, Prepared};

/// Capability flags (MySQL's "Client/Server Protocol", Capabilities Flags): TLS, protocol 4.1, secure authentication.
const CLIENT_SSL: u32 = 0x0800;
const CLIENT_PROTOCOL_41: u32 = 0x0200;
const CLIENT_SECURE_CONNECTION: u32 = 0x8000;
/// The longest greeting that is read; a real one has about a hundred bytes.
const GREETING_LIMIT: usize = 4096;

/// Who signs in to what, and where.
pub(crate) struct Login<'a> {
    pub(crate) host: &'a HostName,
    pub(crate) address: SocketAddr,
    pub(crate) database: &'a str,
    pub(crate) username: &'a str,
    pub(crate) password: &'a SecretValue,
    pub(crate) trust: &'a Trust,
}

/// Reads the greeting, asks for TLS and does the handshake. The connection ends here: the library that signs in opens
/// its own, and its errors don't tell TLS from the rest.
pub(crate) async fn handshake(mut stream: TcpStream, host: &HostName, config: Prepared) -> Answer<()> {
    let mismatch = |cause: String| Found::new(FailureCode::ProtocolMismatch, cause);
    let greeting = read_packet(&mut stream).await.map_err(|error| mismatch(format!("the server doesn't greet as MySQL does: {error}")))?;
    match greeting.first() {
        Some(10) => {}
        // An error packet: too many connections, or a host that is blocked.
        Some(255) => return Err(Found::new(FailureCode::SignInRefused, String::from_utf8_lossy(&greeting[3..]))),
        _ => return Err(mismatch("the server doesn't greet as MySQL does".to_owned())),
    }
    let capabilities = capabilities(&greeting).ok_or_else(|| mismatch("the server's greeting is cut short".to_owned()))?;
    if capabilities & CLIENT_SSL == 0 {
        return Err(Found::new(FailureCode::TlsFailed, "the server doesn't offer TLS")
            .remedied_by("Give the server a certificate (`ssl_cert`, `ssl_key`): the workload's variables ask for TLS."));
    }
    let request = ssl_request();
    stream.write_all(&request).await.map_err(|error| mismatch(error.to_string()))?;
    let (told, session) = tls::handshake(stream, host, config).await?;
    drop(session);
    Ok((told, ()))
}

/// A packet: three bytes of length, a sequence number, the content.
async fn read_packet(stream: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut header = [0; 4];
    stream.read_exact(&mut header).await?;
    let length = usize::from(header[0]) | usize::from(header[1]) << 8 | usize::from(header[2]) << 16;
    if !(4..=GREETING_LIMIT).contains(&length) {
        return Err(std::io::Error::other(format!("a first packet of {length} bytes")));
    }
    let mut content = vec![0; length];
    stream.read_exact(&mut content).await?;
    Ok(content)
}

/// The server's capabilities: two bytes after the version's text, the connection id, eight bytes and a filler.
fn capabilities(greeting: &[u8]) -> Option<u32> {
    let version_end = 1 + greeting.get(1..)?.iter().position(|byte| *byte == 0)?;
    let at = version_end + 1 + 4 + 8 + 1;
    Some(u32::from(*greeting.get(at)?) | u32::from(*greeting.get(at + 1)?) << 8)
}

/// The packet that asks for TLS: capabilities, largest packet, character set (utf8mb4), 23 zero bytes.
fn ssl_request() -> Vec<u8> {
    let mut packet = vec![32, 0, 0, 1];
    packet.extend((CLIENT_SSL | CLIENT_PROTOCOL_41 | CLIENT_SECURE_CONNECTION).to_le_bytes());
    packet.extend(0x0100_0000_u32.to_le_bytes());
    packet.push(45);
    packet.extend([0; 23]);
    packet
}

/// Signs in and queries.
pub(crate) async fn sign_in(steps: &mut Steps, login: &Login<'_>) -> Result<(), Found> {
    let entry = async {
        match Conn::new(options(login)).await {
            Ok(connection) => Ok((format!("signed in as {}", login.username), Ok(connection))),
            Err(error) if is_about_access(&error) => Ok((format!("signed in as {}", login.username), Err(error))),
            Err(error) => Err(refused(&error, login)),
        }
    };
    let opened = steps.run(CheckName::SignIn, entry).await?;
    let access = async {
        let mut connection = opened.map_err(|error| denied(&error, login))?;
        let version: Option<String> = connection.query_first("SELECT VERSION()").await.map_err(|error| denied(&error, login))?;
        let _ = connection.disconnect().await;
        Ok((format!("database {} of {}", login.database, version.unwrap_or_default()), ()))
    };
    steps.run(CheckName::Access, access).await
}

fn options(login: &Login<'_>) -> Opts {
    let mut tls = SslOpts::default();
    if let Trust::Authorities(pem) = login.trust {
        tls = tls.with_root_certs(vec![pem.clone().into_bytes().into()]).with_disable_built_in_roots(true);
    }
    OptsBuilder::default()
        .ip_or_hostname(login.host.as_str())
        .resolved_ips(Some(vec![login.address.ip()]))
        .tcp_port(login.address.port())
        .user(Some(login.username))
        .pass(Some(login.password.expose()))
        .db_name(Some(login.database))
        .prefer_socket(false)
        .ssl_opts(tls)
        .into()
}

/// 1044: no right to the database; 1049: no such database (MySQL's "Server Error Message Reference").
fn is_about_access(error: &Error) -> bool {
    matches!(error, Error::Server(error) if matches!(error.code, 1044 | 1049))
}

fn refused(error: &Error, login: &Login<'_>) -> Found {
    let remedy = match error {
        Error::Server(error) if error.code == 1045 => {
            "Check user, password and the hosts the user may come from; `sc connection update NAME --password-stdin` stores another password."
        }
        Error::Server(error) if error.code == 1130 => "Let the user in from the cluster's addresses (`CREATE USER 'name'@'%'`).",
        _ => FailureCode::SignInRefused.remedy(),
    };
    Found::new(FailureCode::SignInRefused, said(error, login)).remedied_by(remedy)
}

fn denied(error: &Error, login: &Login<'_>) -> Found {
    let remedy = match error {
        Error::Server(error) if error.code == 1049 => "Create the database, or correct --database.",
        _ => "Grant the user the right (`GRANT … ON database.* TO …`).",
    };
    Found::new(FailureCode::AccessRefused, said(error, login)).remedied_by(remedy)
}

fn said(error: &Error, login: &Login<'_>) -> String {
    let text = match error {
        Error::Server(error) => format!("{} (error {})", error.message, error.code),
        other => other.to_string(),
    };
    scrubbed(&text, login.password.expose())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_greetings_capabilities_are_found_behind_its_version() {
        let mut greeting = vec![10];
        greeting.extend(b"10.11.19-MariaDB\0");
        greeting.extend([1, 0, 0, 0]);
        greeting.extend([7; 8]);
        greeting.push(0);
        greeting.extend([0x00, 0x08]);
        assert_eq!(capabilities(&greeting), Some(CLIENT_SSL));
        assert_eq!(capabilities(&greeting[..20]), None);
    }

    #[test]
    fn the_request_for_tls_has_the_length_it_says() {
        assert_eq!(ssl_request().len(), 4 + 32);
    }
}
