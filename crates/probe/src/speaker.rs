//! Who answers on a port that doesn't speak what was expected.

use std::net::SocketAddr;
use std::time::Duration;

use sc_model::FailureCode;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::steps::{Found, TURN_ON};

/// A ClientHello with nothing in it, which TLS answers with an alert.
const TLS_HELLO: [u8; 9] = [0x16, 3, 1, 0, 4, 1, 0, 0, 0];

/// The protocol that begins with these bytes, if it is one that is often mistaken for another.
pub(crate) fn recognise(bytes: &[u8]) -> Option<&'static str> {
    let begins = |with: &[&str]| with.iter().any(|prefix| bytes.starts_with(prefix.as_bytes()));
    match bytes {
        _ if begins(&["HTTP/"]) => Some("HTTP"),
        _ if begins(&["SSH-"]) => Some("SSH"),
        _ if begins(&["AMQP"]) => Some("AMQP"),
        _ if begins(&["220 ", "220-"]) => Some("SMTP or FTP"),
        _ if begins(&["+PONG", "-ERR", "-NOAUTH", "-DENIED", "-NOPERM"]) => Some("Redis"),
        // A packet's length, its number 0, and a greeting (version 10) or an error.
        [_, _, 0, 0, 10 | 255, ..] => Some("MySQL"),
        // A record of TLS: an alert or a handshake, version 3.x.
        [0x15 | 0x16, 3, 0..=4, ..] => Some("TLS"),
        // An ErrorResponse and its length.
        [b'E', 0, 0, ..] => Some("PostgreSQL"),
        _ => None,
    }
}

/// The finding that a server that was taken for `expected` answered with these bytes.
pub(crate) fn mismatch(expected: &str, bytes: &[u8]) -> Found {
    let cause = match recognise(bytes) {
        Some(protocol) => return stranger(expected, protocol),
        None if bytes.is_empty() => {
            format!("the server ended the connection when it was addressed as {expected}")
        }
        None => format!("the server doesn't answer as {expected} does"),
    };
    Found::new(FailureCode::ProtocolMismatch, cause)
}

/// The finding that a server speaks another protocol than `expected`.
fn stranger(expected: &str, protocol: &str) -> Found {
    Found::new(FailureCode::ProtocolMismatch, format!("the server speaks {protocol}, not {expected}"))
}

/// Who is behind an address that was spoken to without TLS and didn't answer as `expected` does. A server that speaks TLS
/// needn't be a stranger then.
pub(crate) async fn behind(
    address: SocketAddr,
    expected: &str,
    hello: &[u8],
    limit: Duration,
) -> Option<Found> {
    let protocol = match ask(address, hello, limit / 2).await {
        Some(protocol) => protocol,
        // Many servers end the connection without a word when they hear anything but TLS.
        None => ask(address, &TLS_HELLO, limit / 2).await.filter(|protocol| *protocol == "TLS")?,
    };
    match protocol {
        "TLS" => Some(tls_after_all(expected)),
        // It answers this time; what went wrong before is told by who asked.
        _ if protocol == expected => None,
        _ => Some(stranger(expected, protocol)),
    }
}

fn tls_after_all(expected: &str) -> Found {
    let cause = format!("the server speaks TLS, not {expected} without it");
    Found::new(FailureCode::ProtocolMismatch, cause).remedied_by(TURN_ON)
}

/// Asks without TLS, on a connection of its own and without any secret, who answers.
pub(crate) async fn ask(address: SocketAddr, hello: &[u8], limit: Duration) -> Option<&'static str> {
    let exchange = async {
        let mut stream = TcpStream::connect(address).await.ok()?;
        stream.write_all(hello).await.ok()?;
        let mut answer = [0; 64];
        let length = stream.read(&mut answer).await.ok()?;
        recognise(answer.get(..length)?)
    };
    tokio::time::timeout(limit, exchange).await.ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_strangers_are_known_by_their_first_bytes() {
        for (bytes, protocol) in [
            (&b"HTTP/1.1 400 Bad Request"[..], Some("HTTP")),
            (b"SSH-2.0-OpenSSH_9.2", Some("SSH")),
            (b"-ERR unknown command", Some("Redis")),
            (b"\x5c\0\0\0\x0a10.11.19-MariaDB\0", Some("MySQL")),
            (b"\x15\x03\x01\0\x02\x02\x46", Some("TLS")),
            (b"E\0\0\0\x83SFATAL\0", Some("PostgreSQL")),
            (b"S", None),
            (b"", None),
        ] {
            assert_eq!(recognise(bytes), protocol, "{bytes:?}");
        }
    }
}
