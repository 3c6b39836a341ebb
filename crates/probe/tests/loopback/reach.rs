//! Servers whose protocol the probe doesn't speak.

use sc_model::{CheckName, FailureCode, Outcome, Report};
use sc_probe::{Opening, Target, Trust};
use tokio::net::TcpListener;

use crate::peers::{Authority, failed, secure_talker, talker, tried};

fn reach(port: u16, opening: Opening, why_no_further: Option<&str>) -> Target {
    let (host, port) = ("localhost".parse().unwrap(), port.to_string().parse().unwrap());
    Target::Reach { host, port, opening, why_no_further: why_no_further.map(str::to_owned) }
}

fn unspoken() -> Opening {
    Opening::Unspoken { why: "SQL Server begins TLS within its own protocol".to_owned() }
}

#[track_caller]
fn skipped(report: &Report, name: CheckName, why: &str) {
    let check = report.checks.iter().find(|check| check.name == name).unwrap();
    assert_eq!((check.outcome, check.detail.as_str()), (Outcome::Skipped, why), "{report:#?}");
}

#[tokio::test]
async fn a_server_of_another_protocol_is_reached_and_its_certificate_verified() {
    let authority = Authority::new();
    let port = secure_talker(&authority, Vec::new()).await;
    let report = tried(reach(port, Opening::Tls, None), authority.trusted()).await;
    assert!(report.is_valid(), "{report:#?}");
    assert_eq!(report.checks[2].outcome, Outcome::Passed);
    assert!(report.checks[2].detail.contains("certificate of localhost"), "{report:#?}");
    for name in [CheckName::SignIn, CheckName::Access] {
        skipped(&report, name, "the probe doesn't speak this protocol; the server was reached");
    }
    let report = tried(reach(port, Opening::Tls, Some("Entra signs in")), authority.trusted()).await;
    skipped(&report, CheckName::SignIn, "Entra signs in");
}

#[tokio::test]
async fn a_certificate_of_another_authority_is_refused_there_too() {
    let (ours, other) = (Authority::new(), Authority::new());
    let port = secure_talker(&ours, Vec::new()).await;
    let report = tried(reach(port, Opening::Tls, None), other.trusted()).await;
    failed(&report, CheckName::Tls, FailureCode::TlsFailed, "authority that isn't trusted");
}

#[tokio::test]
async fn whatever_speaks_without_tls_lacks_tls() {
    for (words, cause) in [
        (&b"AMQP\0\0\x09\x01"[..], "speaks AMQP without TLS"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "speaks HTTP without TLS"),
    ] {
        let report = tried(reach(talker(words).await, Opening::Tls, None), Trust::PublicAuthorities).await;
        failed(&report, CheckName::Tls, FailureCode::TlsFailed, cause);
    }
    let report = tried(reach(talker(b"").await, Opening::Tls, None), Trust::PublicAuthorities).await;
    failed(&report, CheckName::Tls, FailureCode::TlsFailed, "didn't answer as TLS");
}

#[tokio::test]
async fn a_protocol_that_begins_tls_itself_is_reached_by_tcp_alone() {
    let report = tried(reach(talker(b"").await, unspoken(), None), Trust::PublicAuthorities).await;
    assert!(report.is_valid(), "{report:#?}");
    assert_eq!(report.checks[1].outcome, Outcome::Passed);
    skipped(&report, CheckName::Tls, "SQL Server begins TLS within its own protocol");
    // That others can read along is worth more than why the probe doesn't look.
    let report = tried(reach(talker(b"").await, unspoken(), None), Trust::TlsOff).await;
    assert!(report.checks[2].detail.contains("`tls: off`"), "{report:#?}");
}

#[tokio::test]
async fn a_server_of_another_protocol_that_is_down_is_not_reached() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let report = tried(reach(port, unspoken(), None), Trust::PublicAuthorities).await;
    failed(&report, CheckName::Tcp, FailureCode::ConnectFailed, "nothing listens");
}
