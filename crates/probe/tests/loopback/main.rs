//! Servers that misbehave, on the loopback interface: what the probe says of each.
#![allow(clippy::unwrap_used, reason = "a helper's mistake is the test's failure")]

mod peers;
mod reach;
mod without_tls;

use peers::{
    Authority, PASSWORD, blob, failed, mysql, postgres, postgres_with, redis, secure_talker, talker, tried,
};
use sc_model::{CheckName, FailureCode, Outcome};
use sc_probe::Trust;
use tokio::net::TcpListener;

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
