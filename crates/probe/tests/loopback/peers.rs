//! Servers and what is asked of the probe about them.

use std::sync::Arc;
use std::time::Duration;

use rcgen::{CertificateParams, CertifiedIssuer, KeyPair, date_time_ymd};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use sc_model::{Check, CheckName, FailureCode, Outcome, Report, SecretValue};
use sc_probe::{Request, Target, Trust, probe};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

pub(crate) const PASSWORD: &str = "canary-7f3a";

/// What PostgreSQL is asked for TLS with.
pub(crate) const POSTGRES_TLS: usize = 8;

/// An authority, and what a server needs that it signed for.
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        Self { issuer }
    }

    pub(crate) fn trusted(&self) -> Trust {
        Trust::Authorities(self.issuer.pem())
    }

    pub(crate) fn certifies(&self, name: &str) -> TlsAcceptor {
        self.certifies_until(name, 2999)
    }

    pub(crate) fn certifies_until(&self, name: &str, year: i32) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        params.not_after = date_time_ymd(year, 3, 4);
        let certificate: CertificateDer = params.signed_by(&key, &self.issuer).unwrap().into();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }
}

/// A server that does the same with every connection; its port.
pub(crate) async fn server<F: Future<Output = ()> + Send>(
    serve: impl Fn(TcpStream) -> F + Send + 'static,
) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            serve(stream).await;
        }
    });
    port
}

/// A server that says the same to everybody and hears the rest of what they say.
pub(crate) async fn talker(words: &'static [u8]) -> u16 {
    server(move |mut stream| async move {
        let _ = stream.write_all(words).await;
        let _ = stream.read_to_end(&mut Vec::new()).await;
    })
    .await
}

/// A PostgreSQL server as far as TLS, and then silence.
pub(crate) async fn postgres_with(acceptor: TlsAcceptor) -> u16 {
    server(move |mut stream| {
        let acceptor = acceptor.clone();
        async move {
            stream.read_exact(&mut [0; POSTGRES_TLS]).await.unwrap();
            stream.write_all(b"S").await.unwrap();
            if let Ok(mut session) = acceptor.accept(stream).await {
                let _ = session.read_to_end(&mut Vec::new()).await;
            }
        }
    })
    .await
}

/// A server that begins with TLS and answers each thing it hears with the next of these.
pub(crate) async fn secure_talker(authority: &Authority, answers: Vec<Vec<u8>>) -> u16 {
    let acceptor = authority.certifies("localhost");
    server(move |stream| {
        let (acceptor, answers) = (acceptor.clone(), answers.clone());
        async move {
            let mut session: TlsStream<TcpStream> = acceptor.accept(stream).await.unwrap();
            answer(&mut session, &answers).await;
        }
    })
    .await
}

pub(crate) async fn answer(session: &mut (impl AsyncRead + AsyncWrite + Unpin), answers: &[Vec<u8>]) {
    let mut heard = vec![0; 4096];
    for words in answers {
        if session.read(&mut heard).await.unwrap_or_default() == 0 {
            return;
        }
        let _ = session.write_all(words).await;
        let _ = session.flush().await;
    }
    let _ = session.read(&mut heard).await;
}

pub(crate) fn postgres(host: &str, port: u16) -> Target {
    let (database, username) = ("shop".to_owned(), "app".to_owned());
    let (host, port) = (host.parse().unwrap(), port.to_string().parse().unwrap());
    Target::Postgres { host, port, database, username, password: SecretValue::new(PASSWORD) }
}

pub(crate) fn mysql(port: u16) -> Target {
    let (database, username) = ("shop".to_owned(), "app".to_owned());
    let (host, port) = ("localhost".parse().unwrap(), port.to_string().parse().unwrap());
    Target::MySql { host, port, database, username, password: SecretValue::new(PASSWORD) }
}

pub(crate) fn redis(port: u16) -> Target {
    let (host, port) = ("localhost".parse().unwrap(), port.to_string().parse().unwrap());
    Target::Redis { host, port, database: 2, username: None, password: SecretValue::new(PASSWORD) }
}

pub(crate) fn blob(port: u16) -> Target {
    let endpoint = format!("https://localhost:{port}/shopstore").parse().unwrap();
    Target::Blob { endpoint, account: "shopstore".to_owned(), key: SecretValue::new("Y2FuYXJ5LTdmM2E=") }
}

pub(crate) async fn tried(target: Target, trust: Trust) -> Report {
    let report = probe(&Request { target, trust, time_limit: Duration::from_millis(1500) }).await;
    let text = format!("{report:?}");
    assert!(!text.contains(PASSWORD) && !text.contains("Y2FuYXJ5LTdmM2E="), "a secret is in {text}");
    let order: Vec<_> = report.checks.iter().map(|check| check.name).collect();
    use CheckName::{Access, Dns, SignIn, Tcp, Tls};
    assert_eq!(order, [Dns, Tcp, Tls, SignIn, Access]);
    report
}

/// The step that failed, with code and cause as given; everything before it didn't fail, all after it was skipped.
#[track_caller]
pub(crate) fn failed<'a>(report: &'a Report, name: CheckName, code: FailureCode, cause: &str) -> &'a Check {
    let check = report.failure().unwrap_or_else(|| panic!("nothing failed: {report:#?}"));
    assert_eq!((check.name, check.code), (name, Some(code)), "{report:#?}");
    assert!(check.cause.as_ref().unwrap().contains(cause), "{check:#?}");
    assert!(!check.remedy.as_ref().unwrap().is_empty());
    let after = report.checks.iter().skip_while(|check| check.name != name).skip(1);
    assert!(after.into_iter().all(|check| check.outcome == Outcome::Skipped), "{report:#?}");
    check
}
