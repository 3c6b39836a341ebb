//! TLS: always on, always verified; a refused certificate says why.

use std::sync::Arc;

use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{CertificateError, ClientConfig, ProtocolVersion, RootCertStore};
use sc_model::{FailureCode, HostName};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::request::Trust;
use crate::steps::{Answer, Found};

/// The client's side, or why there is nothing to trust.
pub(crate) type Prepared = Result<Arc<ClientConfig>, Found>;

/// Prepares a client that trusts what was asked for.
pub(crate) fn client_config(trust: &Trust) -> Prepared {
    let mut roots = RootCertStore::empty();
    match trust {
        Trust::PublicAuthorities => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        Trust::Authorities(pem) => {
            let certificates = CertificateDer::pem_slice_iter(pem.as_bytes()).filter_map(Result::ok);
            roots.add_parsable_certificates(certificates);
            if roots.is_empty() {
                return Err(Found::new(FailureCode::TlsFailed, "the given certificates of authorities can't be read")
                    .remedied_by("Give a PEM file with --ca-certificate."));
            }
        }
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(default_provider())).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| Found::new(FailureCode::TlsFailed, error))?;
    Ok(Arc::new(builder.with_root_certificates(roots).with_no_client_auth()))
}

/// A TLS handshake on a connection that speaks nothing else.
pub(crate) async fn handshake(stream: TcpStream, host: &HostName, config: Prepared) -> Answer<TlsStream<TcpStream>> {
    let name = server_name(host)?;
    let stream = TlsConnector::from(config?).connect(name, stream).await.map_err(|error| refused(host, &error))?;
    Ok((told(stream.get_ref().1.protocol_version()), stream))
}

/// The name that the server's certificate has to bear.
pub(crate) fn server_name(host: &HostName) -> Result<ServerName<'static>, Found> {
    ServerName::try_from(host.as_str().to_owned()).map_err(|error| Found::new(FailureCode::TlsFailed, error))
}

/// What a successful handshake tells.
pub(crate) fn told(version: Option<ProtocolVersion>) -> String {
    let version = match version {
        Some(ProtocolVersion::TLSv1_3) => "TLS 1.3",
        Some(ProtocolVersion::TLSv1_2) => "TLS 1.2",
        _ => "TLS",
    };
    format!("{version}, the certificate is trusted and made out to the host")
}

/// Why a handshake failed.
pub(crate) fn refused(host: &HostName, error: &std::io::Error) -> Found {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(inner) => explain(host, inner),
        None => Found::new(FailureCode::TlsFailed, format!("the server ended the connection during the handshake: {error}"))
            .remedied_by("Check that the port is the service's TLS port."),
    }
}

fn explain(host: &HostName, error: &rustls::Error) -> Found {
    let certificate = |cause: String, remedy: &str| Found::new(FailureCode::TlsFailed, cause).remedied_by(remedy);
    match error {
        rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer) => certificate(
            "the server's certificate is signed by an authority that isn't trusted".to_owned(),
            "Name the certificate of the authority that signed it with --ca-certificate FILE (`spec.target.tls.caBundle`).",
        ),
        rustls::Error::InvalidCertificate(CertificateError::Expired | CertificateError::ExpiredContext { .. }) => {
            certificate("the server's certificate has expired".to_owned(), "Renew the server's certificate.")
        }
        rustls::Error::InvalidCertificate(CertificateError::NotValidForNameContext { presented, .. }) => certificate(
            format!("the server's certificate is made out to {}, not to `{host}`", presented.join(", ")),
            "Use a host name that the certificate bears, or give the server a certificate for this one.",
        ),
        rustls::Error::InvalidCertificate(CertificateError::NotValidForName) => certificate(
            format!("the server's certificate isn't made out to `{host}`"),
            "Use a host name that the certificate bears, or give the server a certificate for this one.",
        ),
        rustls::Error::InvalidMessage(_) => Found::new(FailureCode::ProtocolMismatch, "the server doesn't answer with TLS")
            .remedied_by("Check that the port is the service's TLS port."),
        other => Found::new(FailureCode::TlsFailed, other),
    }
}
