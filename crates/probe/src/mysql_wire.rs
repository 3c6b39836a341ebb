//! The packets of MySQL's protocol that a sign-in needs.

use std::io::{Error, Result};

use ring::digest::{Algorithm, digest};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use crate::session::Wire;

/// Capability flags ("Capabilities Flags" of the protocol's documentation).
const LONG_PASSWORD: u32 = 0x0001;
const PROTOCOL_41: u32 = 0x0200;
const TLS: u32 = 0x0800;
const TRANSACTIONS: u32 = 0x2000;
const SECURE_CONNECTION: u32 = 0x8000;
const PLUGIN_AUTH: u32 = 0x0008_0000;
const OURS: u32 = LONG_PASSWORD | PROTOCOL_41 | TRANSACTIONS | SECURE_CONNECTION | PLUGIN_AUTH;
/// utf8mb4_general_ci, in the table of collations.
const COLLATION: u8 = 45;
/// The longest packet that is read; a sign-in's have a few hundred bytes.
const LIMIT: usize = 64 * 1024;
/// What precedes a greeting: a length and a number.
const HEADER: usize = 4;

/// A stream of packets, each with the next number.
pub(crate) struct Packets<S> {
    stream: S,
    number: u8,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Packets<S> {
    pub(crate) fn new(stream: S, number: u8) -> Self {
        Self { stream, number }
    }

    pub(crate) fn stream(&self) -> &S {
        &self.stream
    }

    /// The server's first packet; if it is none, the bytes that came instead.
    pub(crate) async fn receive_first(&mut self) -> std::result::Result<Vec<u8>, Vec<u8>> {
        let mut seen = vec![0; HEADER + 1];
        let mut length = 0;
        while length < seen.len() {
            match self.stream.read(&mut seen[length..]).await {
                Ok(more) if more > 0 => length += more,
                _ => return Err(seen[..length].to_vec()),
            }
        }
        let rest = size(&seen)
            .checked_sub(1)
            .filter(|rest| *rest < LIMIT && seen[3] == 0 && matches!(seen[4], 10 | 255));
        let Some(rest) = rest else { return Err(seen) };
        let mut content = vec![0; rest];
        self.stream.read_exact(&mut content).await.map_err(|_| seen.clone())?;
        content.insert(0, seen[4]);
        Ok(content)
    }

    pub(crate) async fn receive(&mut self) -> Result<Vec<u8>> {
        let mut header = [0; HEADER];
        self.stream.read_exact(&mut header).await?;
        let length = size(&header);
        if length > LIMIT {
            return Err(Error::other(format!("a packet of {length} bytes")));
        }
        let mut content = vec![0; length];
        self.stream.read_exact(&mut content).await?;
        self.number = header[3].wrapping_add(1);
        Ok(content)
    }

    pub(crate) async fn send(&mut self, content: &[u8]) -> Result<()> {
        let length = u32::try_from(content.len())
            .ok()
            .filter(|length| *length < 1 << 24)
            .ok_or_else(|| Error::other("a value is too long"))?;
        let [low, middle, high, _] = length.to_le_bytes();
        let packet = [&[low, middle, high, self.number], content].concat();
        self.stream.write_all(&packet).await?;
        self.number = self.number.wrapping_add(1);
        self.stream.flush().await
    }

    /// A command, which begins a new count.
    pub(crate) async fn command(&mut self, command: u8, argument: &[u8]) -> Result<()> {
        self.number = 0;
        self.send(&[&[command], argument].concat()).await
    }
}

fn size(header: &[u8]) -> usize {
    usize::from(header[0]) | usize::from(header[1]) << 8 | usize::from(header[2]) << 16
}

/// What the server says of itself.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Greeting {
    version: String,
    capabilities: u32,
    /// The way to sign in that the server takes by default.
    pub(crate) plugin: String,
    /// What makes this sign-in differ from the next one.
    pub(crate) nonce: Vec<u8>,
}

impl Greeting {
    /// "Protocol::HandshakeV10".
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let rest = bytes.strip_prefix(&[10])?;
        let (version, rest) = text(rest)?;
        let (_connection, rest) = rest.split_at_checked(4)?;
        let (nonce, rest) = rest.split_at_checked(8)?;
        let (low, rest) = rest.strip_prefix(&[0])?.split_at_checked(2)?;
        let (mut plugin, mut nonce) = ("mysql_native_password".to_owned(), nonce.to_vec());
        let mut high: &[u8] = &[0, 0];
        // Collation, status, the other capabilities, the nonce's length, ten reserved bytes.
        if let Some((fields, rest)) = rest.split_at_checked(3 + 2 + 1 + 10) {
            high = &fields[3..5];
            let length = usize::from(fields[5]).saturating_sub(8).max(13);
            let (more, rest) = rest.split_at_checked(length)?;
            nonce.extend_from_slice(more.strip_suffix(&[0]).unwrap_or(more));
            if let Some((name, _)) = text(rest)
                && !name.is_empty()
            {
                plugin = name;
            }
        }
        let capabilities = u32::from_le_bytes([low[0], low[1], high[0], high[1]]);
        Some(Self { version, capabilities, plugin, nonce })
    }

    pub(crate) fn offers_tls(&self) -> bool {
        self.capabilities & TLS != 0
    }

    /// The server's name and version. MariaDB puts `5.5.5-` before its own for old clients.
    pub(crate) fn product(&self) -> String {
        let version = self
            .version
            .strip_prefix("5.5.5-")
            .filter(|_| self.version.contains("MariaDB"))
            .unwrap_or(&self.version);
        match version.split_once("-MariaDB") {
            Some((number, _)) => format!("MariaDB {number}"),
            None => format!("MySQL {version}"),
        }
    }
}

/// "Protocol::SSLRequest".
pub(crate) fn ssl_request() -> Vec<u8> {
    beginning(OURS | TLS)
}

fn beginning(capabilities: u32) -> Vec<u8> {
    let mut content = capabilities.to_le_bytes().to_vec();
    content.extend(0x0100_0000_u32.to_le_bytes());
    content.push(COLLATION);
    content.extend([0; 23]);
    content
}

/// "Protocol::HandshakeResponse41", without a database: whether that may be used is another question.
pub(crate) fn login(wire: Wire, username: &str, data: &[u8], plugin: &str) -> Vec<u8> {
    let mut content = match wire {
        Wire::Encrypted => ssl_request(),
        // A server that reads the flag for TLS waits for a handshake.
        Wire::Readable => beginning(OURS),
    };
    content.extend(username.bytes().chain([0]));
    // The known plugins answer the greeting with far less than 251 bytes, or with a password that is then cut and refused.
    let length = u8::try_from(data.len()).unwrap_or(u8::MAX);
    content.push(length);
    content.extend(data.iter().take(usize::from(length)));
    content.extend(plugin.bytes().chain([0]));
    content
}

/// A hash of the password that is good for this nonce only: `H(p) ^ H(order(nonce, H(H(p))))`.
pub(crate) fn scramble(
    algorithm: &'static Algorithm,
    secret: &str,
    nonce: &[u8],
    order: impl Fn(&[u8], &[u8]) -> Vec<u8>,
) -> Vec<u8> {
    let once = digest(algorithm, secret.as_bytes());
    let twice = digest(algorithm, once.as_ref());
    let mixed = digest(algorithm, &order(nonce, twice.as_ref()));
    once.as_ref().iter().zip(mixed.as_ref()).map(|(left, right)| left ^ right).collect()
}

/// An answer during and after sign-in.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Reply<'a> {
    /// "OK_Packet".
    Done,
    /// "ERR_Packet".
    Error { code: u16, message: String },
    /// "Protocol::AuthSwitchRequest": sign in another way.
    Switch { to: String, nonce: Vec<u8> },
    /// "Protocol::AuthMoreData".
    More(&'a [u8]),
    /// Anything else.
    Other,
}

impl<'a> Reply<'a> {
    pub(crate) fn read(bytes: &'a [u8]) -> Self {
        match bytes {
            [0, ..] => Self::Done,
            [1, rest @ ..] => Self::More(rest),
            [255, low, high, rest @ ..] => {
                // After `#` a five letter SQLSTATE, which is left out before sign-in.
                let message =
                    if rest.first() == Some(&b'#') { rest.get(6..).unwrap_or_default() } else { rest };
                Self::Error {
                    code: u16::from_le_bytes([*low, *high]),
                    message: String::from_utf8_lossy(message).into_owned(),
                }
            }
            [254, rest @ ..] => match text(rest) {
                Some((to, nonce)) => {
                    Self::Switch { to, nonce: nonce.strip_suffix(&[0]).unwrap_or(nonce).to_vec() }
                }
                None => Self::Switch { to: "mysql_old_password".to_owned(), nonce: Vec::new() },
            },
            _ => Self::Other,
        }
    }
}

/// A text up to its zero byte, or to the end, and what follows.
fn text(bytes: &[u8]) -> Option<(String, &[u8])> {
    if bytes.is_empty() {
        return None;
    }
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    let rest = bytes.get(end + 1..).unwrap_or_default();
    Some((String::from_utf8_lossy(&bytes[..end]).into_owned(), rest))
}

#[cfg(test)]
mod tests {
    use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256};

    use super::*;

    fn greeting() -> Vec<u8> {
        let mut bytes = b"\x0a5.5.5-10.11.19-MariaDB-0+deb12u1\0".to_vec();
        bytes.extend([1, 0, 0, 0]);
        bytes.extend(b"12345678\0");
        bytes.extend([0x00, 0x88, 45, 2, 0, 0x08, 0x00, 21]);
        bytes.extend([0; 10]);
        bytes.extend(b"abcdefghijkl\0mysql_native_password\0");
        bytes
    }

    #[test]
    fn a_greeting_gives_version_plugin_and_nonce() {
        let read = Greeting::read(&greeting()).unwrap();
        assert_eq!(read.product(), "MariaDB 10.11.19");
        assert_eq!(
            (read.plugin.as_str(), read.nonce.as_slice()),
            ("mysql_native_password", &b"12345678abcdefghijkl"[..])
        );
        assert!(read.offers_tls());
    }

    #[test]
    fn a_greeting_that_is_cut_short_or_spoilt_makes_nothing_panic() {
        let whole = greeting();
        for length in 0..whole.len() {
            Greeting::read(&whole[..length]);
            Reply::read(&whole[..length]);
        }
        for first in 0..=255 {
            Reply::read(&[first]);
            Reply::read(&[first, 1, 2]);
        }
    }

    #[test]
    fn an_error_is_read_with_and_without_its_state() {
        let expected = |message: &str| Reply::Error { code: 1045, message: message.to_owned() };
        assert_eq!(Reply::read(b"\xff\x15\x04#28000no"), expected("no"));
        assert_eq!(Reply::read(b"\xff\x15\x04no"), expected("no"));
    }

    /// The example of mysql_common's tests.
    #[test]
    fn passwords_are_scrambled_as_servers_expect() {
        let nonce = b"NR3HP:qIYa_9=db?Sd{`";
        let native =
            scramble(&SHA1_FOR_LEGACY_USE_ONLY, "G!ider27", nonce, |nonce, twice| [nonce, twice].concat());
        let sha2 = scramble(&SHA256, "G!ider27", nonce, |nonce, twice| [twice, nonce].concat());
        assert_eq!(
            native,
            [
                0x09, 0xcf, 0xf8, 0x85, 0x5e, 0x9e, 0x70, 0x53, 0x40, 0xff, 0x22, 0x70, 0xd8, 0xfb, 0x9f,
                0xad, 0xba, 0x90, 0x6b, 0x70,
            ]
        );
        assert_eq!(
            sha2,
            [
                0x4f, 0x97, 0xbb, 0xfd, 0x20, 0x24, 0x01, 0xc4, 0x2a, 0x69, 0xde, 0xaa, 0xe5, 0x3b, 0xda,
                0x07, 0x7e, 0xd7, 0x57, 0x85, 0x63, 0xc1, 0xa8, 0x0e, 0xb8, 0x16, 0xc8, 0x21, 0x19, 0xb6,
                0x8d, 0x2e,
            ]
        );
    }
}
