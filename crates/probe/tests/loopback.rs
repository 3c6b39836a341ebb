//! Servers that misbehave, on the loopback interface: what the probe says of each.
#![allow(clippy::unwrap_used, reason = "a helper's mistake is the test's failure")]

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

const PASSWORD: &str = "canary-7f3a";

/// What PostgreSQL is asked for TLS with.
const POSTGRES_TLS: usize = 8;

/// An authority, and what a server needs that it signed for.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        Self { issuer }
    }

    fn trusted(&self) -> Trust {
        Trust::Authorities(self.issuer.pem())
    }

    fn certifies(&self, name: &str) -> TlsAcceptor {
        self.certifies_until(name, 2999)
    }

    fn certifies_until(&self, name: &str, year: i32) -> TlsAcceptor {
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
async fn server<F: Future<Output = ()> + Send>(serve: impl Fn(TcpStream) -> F + Send + 'static) -> u16 {
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
async fn talker(words: &'static [u8]) -> u16 {
    server(move |mut stream| async move {
        let _ = stream.write_all(words).await;
        let _ = stream.read_to_end(&mut Vec::new()).await;
    })
    .await
}

/// A PostgreSQL server as far as TLS, and then silence.
async fn postgres_with(acceptor: TlsAcceptor) -> u16 {
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
async fn secure_talker(authority: &Authority, answers: Vec<Vec<u8>>) -> u16 {
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

async fn answer(session: &mut (impl AsyncRead + AsyncWrite + Unpin), answers: &[Vec<u8>]) {
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

fn postgres(host: &str, port: u16) -> Target {
    let (database, username) = ("shop".to_owned(), "app".to_owned());
    let (host, port) = (host.parse().unwrap(), port.to_string().parse().unwrap());
    Target::Postgres { host, port, database, username, password: SecretValue::new(PASSWORD) }
}

fn mysql(port: u16) -> Target {
    let (database, username) = ("shop".to_owned(), "app".to_owned());
    let (host, port) = ("localhost".parse().unwrap(), port.to_string().parse().unwrap());
    Target::MySql { host, port, database, username, password: SecretValue::new(PASSWORD) }
}

fn redis(port: u16) -> Target {
    let (host, port) = ("localhost".parse().unwrap(), port.to_string().parse().unwrap());
    Target::Redis { host, port, database: 2, username: None, password: SecretValue::new(PASSWORD) }
}

fn blob(port: u16) -> Target {
    let endpoint = format!("https://localhost:{port}/shopstore").parse().unwrap();
    Target::Blob { endpoint, account: "shopstore".to_owned(), key: SecretValue::new("Y2FuYXJ5LTdmM2E=") }
}

async fn tried(target: Target, trust: Trust) -> Report {
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
fn failed<'a>(report: &'a Report, name: CheckName, code: FailureCode, cause: &str) -> &'a Check {
    let check = report.failure().unwrap_or_else(|| panic!("nothing failed: {report:#?}"));
    assert_eq!((check.name, check.code), (name, Some(code)), "{report:#?}");
    assert!(check.cause.as_ref().unwrap().contains(cause), "{check:#?}");
    assert!(!check.remedy.as_ref().unwrap().is_empty());
    let after = report.checks.iter().skip_while(|check| check.name != name).skip(1);
    assert!(after.into_iter().all(|check| check.outcome == Outcome::Skipped), "{report:#?}");
    check
}

#[tokio::test]
async fn a_closed_port_is_refused_not_silent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let report = tried(postgres("127.0.0.1", port), Trust::PublicAuthorities).await;
    failed(&report, CheckName::Tcp, FailureCode::ConnectFailed, "nothing listens");
    assert_eq!(
        (report.checks[0].outcome, report.checks[0].detail.as_str()),
        (Outcome::Skipped, "the host is an address")
    );
}

#[tokio::test]
async fn a_name_that_nobody_has_fails_at_dns() {
    let report = tried(postgres("nowhere.invalid", 5432), Trust::PublicAuthorities).await;
    assert_eq!(report.failure().unwrap().code, Some(FailureCode::NameNotResolved), "{report:#?}");
}

#[tokio::test]
async fn a_server_that_never_answers_is_told_for_every_protocol() {
    let port = talker(b"").await;
    let public = || Trust::PublicAuthorities;
    failed(
        &tried(postgres("localhost", port), public()).await,
        CheckName::Tls,
        FailureCode::TlsFailed,
        "said nothing",
    );
    failed(&tried(mysql(port), public()).await, CheckName::Tls, FailureCode::ProtocolMismatch, "no greeting");
    failed(
        &tried(redis(port), public()).await,
        CheckName::Tls,
        FailureCode::TlsFailed,
        "didn't answer as TLS",
    );
    failed(
        &tried(blob(port), public()).await,
        CheckName::Tls,
        FailureCode::TlsFailed,
        "didn't answer as TLS",
    );
}

#[tokio::test]
async fn a_web_server_on_the_port_is_recognised() {
    let port = talker(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    let public = || Trust::PublicAuthorities;
    let mismatch = FailureCode::ProtocolMismatch;
    failed(
        &tried(postgres("localhost", port), public()).await,
        CheckName::Tls,
        mismatch,
        "speaks HTTP, not PostgreSQL",
    );
    failed(&tried(mysql(port), public()).await, CheckName::Tls, mismatch, "speaks HTTP, not MySQL");
    failed(&tried(redis(port), public()).await, CheckName::Tls, mismatch, "speaks HTTP, without TLS");
    failed(
        &tried(blob(port), public()).await,
        CheckName::Tls,
        FailureCode::TlsFailed,
        "speaks HTTP without TLS",
    );
}

#[tokio::test]
async fn a_server_without_tls_is_told_from_a_stranger() {
    let report = tried(postgres("localhost", talker(b"N").await), Trust::PublicAuthorities).await;
    let check = failed(&report, CheckName::Tls, FailureCode::TlsFailed, "doesn't offer TLS");
    assert!(check.remedy.as_ref().unwrap().contains("ssl = on"));
    // A greeting with every capability but TLS.
    let greeting = b"\x20\0\0\0\x0a8.0.40\0\x01\0\0\0abcdefgh\0\x00\x82\x2d\x02\0\0\0\0\0\0\0\0";
    let report = tried(mysql(talker(greeting).await), Trust::PublicAuthorities).await;
    failed(&report, CheckName::Tls, FailureCode::TlsFailed, "doesn't offer TLS");
    let report =
        tried(redis(talker(b"-NOAUTH Authentication required.\r\n").await), Trust::PublicAuthorities).await;
    failed(&report, CheckName::Tls, FailureCode::TlsFailed, "speaks Redis without TLS");
}

#[tokio::test]
async fn bytes_smuggled_behind_the_agreement_to_tls_are_refused() {
    let report =
        tried(postgres("localhost", talker(b"SR\0\0\0\x08\0\0\0\0").await), Trust::PublicAuthorities).await;
    failed(&report, CheckName::Tls, FailureCode::ProtocolMismatch, "doesn't answer as PostgreSQL");
}

#[tokio::test]
async fn each_fault_of_a_certificate_is_named() {
    let (ours, other) = (Authority::new(), Authority::new());
    let port = postgres_with(ours.certifies("localhost")).await;
    for trust in [other.trusted(), Trust::PublicAuthorities] {
        let report = tried(postgres("localhost", port), trust).await;
        let check = failed(&report, CheckName::Tls, FailureCode::TlsFailed, "authority that isn't trusted");
        assert!(check.remedy.as_ref().unwrap().contains("--ca-certificate"));
    }
    let port = postgres_with(ours.certifies_until("localhost", 2020)).await;
    let report = tried(postgres("localhost", port), ours.trusted()).await;
    failed(&report, CheckName::Tls, FailureCode::TlsFailed, "expired on 2020-03-04");
    let port = postgres_with(ours.certifies("db.example")).await;
    let report = tried(postgres("localhost", port), ours.trusted()).await;
    failed(&report, CheckName::Tls, FailureCode::TlsFailed, "made out to db.example, not to `localhost`");
    let report = tried(postgres("127.0.0.1", port), ours.trusted()).await;
    failed(&report, CheckName::Tls, FailureCode::TlsFailed, "made out to db.example, not to `127.0.0.1`");
    let report = tried(postgres("localhost", port), Trust::Authorities("no PEM".to_owned())).await;
    failed(&report, CheckName::Tls, FailureCode::TlsFailed, "can't be read");
}

#[tokio::test]
async fn a_good_certificate_is_described_and_silence_after_it_belongs_to_the_sign_in() {
    let authority = Authority::new();
    let port = postgres_with(authority.certifies("localhost")).await;
    let report = tried(postgres("localhost", port), authority.trusted()).await;
    failed(&report, CheckName::SignIn, FailureCode::SignInRefused, "didn't answer the sign-in");
    let detail = &report.checks[2].detail;
    assert!(
        detail.starts_with("TLS 1.3, certificate of localhost") && detail.ends_with("valid until 2999-03-04"),
        "{detail}"
    );
}

#[tokio::test]
async fn a_mysql_server_that_refuses_before_its_greeting_fails_the_sign_in() {
    let error = b"\x1b\0\0\0\xff\x6a\x04Host is not allowed here";
    let report = tried(mysql(talker(error).await), Trust::PublicAuthorities).await;
    let check = failed(
        &report,
        CheckName::SignIn,
        FailureCode::SignInRefused,
        "Host is not allowed here (error 1130)",
    );
    assert!(check.remedy.as_ref().unwrap().contains("CREATE USER"));
    assert_eq!(report.checks[2].outcome, Outcome::Skipped);
}

#[tokio::test]
async fn a_secret_that_the_server_repeats_is_taken_out() {
    let authority = Authority::new();
    let port =
        secure_talker(&authority, vec![format!("-WRONGPASS {PASSWORD} is wrong\r\n").into_bytes()]).await;
    let report = tried(redis(port), authority.trusted()).await;
    failed(&report, CheckName::SignIn, FailureCode::SignInRefused, "WRONGPASS [secret] is wrong");
}

#[tokio::test]
async fn a_redis_without_the_database_refuses_the_access() {
    let authority = Authority::new();
    let answers = vec![b"+OK\r\n".to_vec(), b"-ERR DB index is out of range\r\n".to_vec()];
    let port = secure_talker(&authority, answers).await;
    let report = tried(redis(port), authority.trusted()).await;
    failed(&report, CheckName::Access, FailureCode::AccessRefused, "out of range");
    // One that may not tell its version is as good as another.
    let answers = ["+OK\r\n", "+OK\r\n", "+PONG\r\n", "-NOPERM no permissions\r\n"]
        .map(|text| text.as_bytes().to_vec());
    let port = secure_talker(&authority, answers.to_vec()).await;
    let report = tried(redis(port), authority.trusted()).await;
    assert!(report.is_valid(), "{report:#?}");
}

/// A whole HTTP answer.
fn http(status: &str, headers: &str, body: &str) -> Vec<Vec<u8>> {
    let length = body.len();
    vec![
        format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}")
            .into_bytes(),
    ]
}

#[tokio::test]
async fn the_storage_services_answers_are_told_apart() {
    let authority = Authority::new();
    let probed =
        async |answer| tried(blob(secure_talker(&authority, answer).await), authority.trusted()).await;
    let list = "<?xml version=\"1.0\"?><EnumerationResults><Containers/></EnumerationResults>";
    assert!(probed(http("200 OK", "server: Windows-Azure-Blob/1.0\r\n", list)).await.is_valid());
    let report = probed(http("200 OK", "", "<html>Welcome</html>")).await;
    failed(&report, CheckName::SignIn, FailureCode::ProtocolMismatch, "not as Blob Storage");
    let error = "<Error><Code>AuthenticationFailed</Code><Message>Server failed to authenticate the request.</Message></Error>";
    let report = probed(http("403 Forbidden", "", error)).await;
    failed(&report, CheckName::SignIn, FailureCode::SignInRefused, "AuthenticationFailed: Server failed");
    let report = probed(http("403 Forbidden", "date: Fri, 26 Jun 2015 23:39:12 GMT\r\n", error)).await;
    failed(&report, CheckName::SignIn, FailureCode::SignInRefused, "clock is");
    let header = "x-ms-error-code: AuthorizationFailure\r\n";
    let error =
        "<Error><Code>AuthorizationFailure</Code><Message>This request is not authorized.</Message></Error>";
    let report = probed(http("403 Forbidden", header, error)).await;
    failed(&report, CheckName::Access, FailureCode::AccessRefused, "not authorized");
}
