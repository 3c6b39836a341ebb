//! TLS: always verified, and on unless the person said otherwise; a refused certificate says why.

use std::sync::Arc;

use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    AlertDescription, CertificateError, ClientConfig, PeerIncompatible, ProtocolVersion, RootCertStore,
};
use sc_model::{FailureCode, HostName};
use time::OffsetDateTime;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::certificate::{Certificate, listed};
use crate::request::Trust;
use crate::speaker;
use crate::steps::{Answer, Found, TURN_ON, shown};

const ANOTHER_NAME: &str =
    "Use a host name that the certificate bears, or give the server a certificate for this one.";
const ANOTHER_AUTHORITY: &str = "Name the certificate of the authority that signed it with --ca-certificate FILE (`spec.target.tls.caBundle`).";

/// The line of TLS where there is none.
pub(crate) const OFF: &str =
    "the connection says `tls: off`: what goes over the wire can be read by others on the network";

/// The client's side, or why there is nothing to trust.
pub(crate) type Prepared = Result<Arc<ClientConfig>, Found>;

/// What the person wants of TLS.
pub(crate) enum Mode {
    /// It is on and verified.
    On(Prepared),
    /// The server has none, as the person said.
    Off,
}

impl Mode {
    pub(crate) fn of(trust: &Trust) -> Self {
        let roots = match trust {
            Trust::PublicAuthorities => Ok(webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect()),
            Trust::Authorities(pem) => given_roots(pem),
            Trust::TlsOff => return Self::Off,
        };
        Self::On(roots.and_then(client_config))
    }

    /// For what is never spoken to without TLS.
    pub(crate) fn required(self) -> Prepared {
        match self {
            Self::On(trust) => trust,
            Self::Off => Err(Found::new(
                FailureCode::TlsFailed,
                "the connection says `tls: off`, and the endpoint says https://",
            )
            .remedied_by(TURN_ON)),
        }
    }
}

/// What a protocol that begins with TLS looks like without it.
pub(crate) struct Plain {
    /// What to say so that a server answers; never a secret.
    pub(crate) hello: &'static [u8],
    /// Its name, as [`speaker::recognise`] gives it; none where any protocol may be behind TLS.
    pub(crate) protocol: Option<&'static str>,
}

/// Most servers that aren't for the web answer this too, if only to complain.
pub(crate) const ANYTHING: Plain = Plain { hello: b"GET / HTTP/1.0\r\n\r\n", protocol: None };

fn given_roots(pem: &str) -> Result<RootCertStore, Found> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(CertificateDer::pem_slice_iter(pem.as_bytes()).filter_map(Result::ok));
    if roots.is_empty() {
        return Err(Found::new(
            FailureCode::TlsFailed,
            "the given certificates of authorities can't be read",
        )
        .remedied_by("Give a PEM file with --ca-certificate."));
    }
    Ok(roots)
}

fn client_config(roots: RootCertStore) -> Prepared {
    let provider = Arc::new(default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| Found::new(FailureCode::TlsFailed, error))?;
    Ok(Arc::new(builder.with_root_certificates(roots).with_no_client_auth()))
}

/// Why there is no TLS session.
struct Refused {
    found: Found,
    /// Whether the other side spoke TLS at all.
    spoke_tls: bool,
}

/// A TLS handshake that the server agreed to.
pub(crate) async fn handshake(
    stream: TcpStream,
    host: &HostName,
    config: Prepared,
) -> Answer<TlsStream<TcpStream>> {
    shake(stream, host, config).await.map_err(|refused| refused.found)
}

/// A TLS handshake where nothing comes before it; if there is no TLS at all, it finds out who answers instead.
pub(crate) async fn handshake_first(
    stream: TcpStream,
    host: &HostName,
    config: Prepared,
    plain: &Plain,
    limit: std::time::Duration,
) -> Answer<TlsStream<TcpStream>> {
    let address = stream.peer_addr();
    let refused = match tokio::time::timeout(limit, shake(stream, host, config)).await {
        Ok(Ok(answer)) => return Ok(answer),
        Ok(Err(refused)) if refused.spoke_tls => return Err(refused.found),
        Ok(Err(refused)) => refused.found,
        Err(_) => Found::new(
            FailureCode::TlsFailed,
            "the server accepted the connection and then didn't answer as TLS does",
        )
        .remedied_by("Check that host and port belong to this kind of service, and that it speaks TLS."),
    };
    let Ok(address) = address else { return Err(refused) };
    match speaker::ask(address, plain.hello, limit / 2).await {
        Some("TLS") | None => Err(refused),
        Some(protocol) if plain.protocol.is_none_or(|expected| expected == protocol) => {
            Err(Found::new(FailureCode::TlsFailed, format!("the port speaks {protocol} without TLS"))
                .remedied_by("Give the service's TLS port, or switch TLS on in the server."))
        }
        Some(protocol) => Err(Found::new(
            FailureCode::ProtocolMismatch,
            format!("the server speaks {protocol}, without TLS"),
        )),
    }
}

async fn shake(
    stream: TcpStream,
    host: &HostName,
    config: Prepared,
) -> Result<(String, TlsStream<TcpStream>), Refused> {
    let known = |found| Refused { found, spoke_tls: true };
    let config = config.map_err(known)?;
    // A trailing dot belongs to DNS; a certificate is made out without it.
    let bare = host.as_str().trim_end_matches('.').to_owned();
    let name =
        ServerName::try_from(bare).map_err(|error| known(Found::new(FailureCode::TlsFailed, error)))?;
    let stream =
        TlsConnector::from(config).connect(name, stream).await.map_err(|error| refused(host, &error))?;
    Ok((told(&stream), stream))
}

/// What a successful handshake tells.
fn told(stream: &TlsStream<TcpStream>) -> String {
    let session = stream.get_ref().1;
    let version = match session.protocol_version() {
        Some(ProtocolVersion::TLSv1_3) => "TLS 1.3",
        Some(ProtocolVersion::TLSv1_2) => "TLS 1.2",
        _ => "TLS",
    };
    match session.peer_certificates().and_then(<[_]>::first) {
        Some(certificate) => shown(&format!("{version}, {}", Certificate::read(certificate).told())),
        None => version.to_owned(),
    }
}

/// Why a handshake failed.
fn refused(host: &HostName, error: &std::io::Error) -> Refused {
    let port = "Check that the port is the service's TLS port.";
    match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(rustls::Error::InvalidMessage(_)) => Refused {
            found: Found::new(FailureCode::TlsFailed, "the server doesn't answer with TLS").remedied_by(port),
            spoke_tls: false,
        },
        Some(inner) => Refused { found: explain(host, inner), spoke_tls: true },
        None => Refused {
            found: Found::new(
                FailureCode::TlsFailed,
                format!("the server ended the connection during the handshake: {error}"),
            )
            .remedied_by(port),
            spoke_tls: false,
        },
    }
}

fn explain(host: &HostName, error: &rustls::Error) -> Found {
    let failed =
        |cause: &str, remedy: &str| Found::new(FailureCode::TlsFailed, shown(cause)).remedied_by(remedy);
    match error {
        rustls::Error::InvalidCertificate(error) => {
            let (cause, remedy) = certificate(host, error);
            failed(&cause, remedy)
        }
        rustls::Error::AlertReceived(AlertDescription::CertificateRequired) => failed(
            "the server asks for a client certificate",
            "Switch client certificates off in the server: the connection signs in by a secret.",
        ),
        rustls::Error::AlertReceived(AlertDescription::ProtocolVersion)
        | rustls::Error::PeerIncompatible(PeerIncompatible::ServerDoesNotSupportTls12Or13) => {
            failed("the server speaks neither TLS 1.2 nor TLS 1.3", "Allow TLS 1.2 or newer in the server.")
        }
        rustls::Error::AlertReceived(alert) => failed(
            &format!("the server refuses the handshake ({alert:?})"),
            "The server's log tells more; its certificate and its ciphers are the usual causes.",
        ),
        other => failed(&other.to_string(), FailureCode::TlsFailed.remedy()),
    }
}

/// Cause and remedy of a certificate that isn't taken.
fn certificate(host: &HostName, error: &CertificateError) -> (String, &'static str) {
    match error {
        CertificateError::UnknownIssuer | CertificateError::BadSignature => (
            "the server's certificate is signed by an authority that isn't trusted".to_owned(),
            ANOTHER_AUTHORITY,
        ),
        CertificateError::ExpiredContext { not_after, .. } => (
            format!("the server's certificate expired on {}", day(*not_after)),
            "Renew the server's certificate.",
        ),
        CertificateError::Expired => {
            ("the server's certificate has expired".to_owned(), "Renew the server's certificate.")
        }
        CertificateError::NotValidYetContext { not_before, .. } => (
            format!("the server's certificate is valid only from {}", day(*not_before)),
            "Check the clocks of the server and of the node.",
        ),
        CertificateError::NotValidForNameContext { presented, .. } if presented.is_empty() => (
            "the server's certificate bears no host name (subjectAltName)".to_owned(),
            "Give the server a certificate with the host's name as subjectAltName; a common name alone isn't enough.",
        ),
        CertificateError::NotValidForNameContext { presented, .. } => {
            let names: Vec<_> = presented.iter().map(|name| bare(name)).collect();
            (
                format!("the server's certificate is made out to {}, not to `{host}`", listed(&names)),
                ANOTHER_NAME,
            )
        }
        CertificateError::NotValidForName => {
            (format!("the server's certificate isn't made out to `{host}`"), ANOTHER_NAME)
        }
        CertificateError::Other(inner) if inner.to_string().contains("CaUsedAsEndEntity") => (
            "the server shows an authority's certificate (CA:TRUE) as its own".to_owned(),
            "Give the server a certificate that an authority signed; a self-signed one needs `basicConstraints=CA:FALSE`.",
        ),
        other => (format!("the server's certificate isn't valid: {other}"), FailureCode::TlsFailed.remedy()),
    }
}

/// A name as rustls shows it, `DnsName("db.example")`, without its wrapping.
fn bare(name: &str) -> String {
    let inner = name.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')')).unwrap_or(name);
    inner.trim_matches('"').to_owned()
}

fn day(time: UnixTime) -> String {
    let seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    OffsetDateTime::from_unix_timestamp(seconds)
        .map_or_else(|_| "a day out of range".to_owned(), |time| time.date().to_string())
}
