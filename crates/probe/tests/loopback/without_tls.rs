//! Servers that the person said have no TLS.

use std::sync::{Arc, Mutex};

use sc_model::{CheckName, FailureCode, Outcome, Report};
use sc_probe::{Target, Trust};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::peers::{PASSWORD, answer, blob, failed, mysql, postgres, redis, server, talker, tried};

/// What a server heard, of all its connections.
type Heard = Arc<Mutex<Vec<u8>>>;
/// The packets that a MySQL server says in one go.
type Turn = &'static [&'static [u8]];

const DONE: &[u8] = b"\0\0\0\x02\0\0\0";
const OK: Turn = &[DONE];
/// The hash is that of the server's cache.
const KNOWN: Turn = &[b"\x01\x03", DONE];
/// The password itself is wanted.
const FULL: Turn = &[b"\x01\x04"];
const SWITCH: Turn = &[b"\xfesha256_password\0abcdefghijklmnopqrst\0"];

/// A MySQL server without TLS; it greets, and answers what it hears with these, one after the other.
async fn mysql_server(plugin: &'static str, answers: &'static [Turn]) -> (u16, Heard) {
    let heard = Heard::default();
    let ear = Arc::clone(&heard);
    let port = server(move |mut stream| {
        let ear = Arc::clone(&ear);
        async move {
            let mut greeting = b"\x0a8.4.3\0\x01\0\0\0abcdefgh\0\x00\x82\x2d\x02\0\x08\0\x15".to_vec();
            greeting.extend([0; 10]);
            greeting.extend(b"ijklmnopqrst\0");
            greeting.extend(plugin.bytes().chain([0]));
            say(&mut stream, 0, &greeting).await;
            let mut answers = answers.iter();
            let mut packet = vec![0; 4096];
            while let Ok(length @ 5..) = stream.read(&mut packet).await {
                ear.lock().unwrap().extend_from_slice(&packet[..length]);
                let Some(words) = answers.next() else { return };
                for (number, words) in (packet[3] + 1..).zip(*words) {
                    say(&mut stream, number, words).await;
                }
            }
        }
    })
    .await;
    (port, heard)
}

async fn say(stream: &mut TcpStream, number: u8, words: &[u8]) {
    let length = u8::try_from(words.len()).unwrap();
    let _ = stream.write_all(&[&[length, 0, 0, number], words].concat()).await;
}

/// The target was tried without TLS, and the report says what that means.
async fn tried_readable(target: Target) -> Report {
    let report = tried(target, Trust::TlsOff).await;
    let check = &report.checks[2];
    assert_eq!((check.name, check.outcome), (CheckName::Tls, Outcome::Skipped), "{report:#?}");
    assert!(check.detail.contains("`tls: off`") && check.detail.contains("read by others"), "{check:#?}");
    report
}

fn hears_password(heard: &Heard) -> bool {
    heard.lock().unwrap().windows(PASSWORD.len()).any(|window| window == PASSWORD.as_bytes())
}

#[tokio::test]
async fn redis_is_signed_in_to_without_tls() {
    let port = server(|mut stream| async move {
        let answers = ["+OK\r\n", "+OK\r\n", "+PONG\r\n", "$21\r\nredis_version:7.4.1\r\n\r\n"];
        answer(&mut stream, &answers.map(|text| text.as_bytes().to_vec())).await;
    })
    .await;
    let report = tried_readable(redis(port)).await;
    assert!(report.is_valid(), "{report:#?}");
    assert_eq!(report.checks[4].detail, "database 2 of Redis 7.4.1");
}

#[tokio::test]
async fn postgres_is_signed_in_to_without_asking_for_tls() {
    // AuthenticationOk and ReadyForQuery to the start-up message; the query's answer is an error.
    let port = server(|mut stream| async move {
        let mut start = [0; 8];
        stream.read_exact(&mut start).await.unwrap();
        assert_eq!(start[4..], [0, 3, 0, 0], "the start-up message comes first");
        let opened = b"R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I".to_vec();
        let error = b"E\0\0\0\x1bSERROR\0C42501\0Mnobody\0\0Z\0\0\0\x05I".to_vec();
        answer(&mut stream, &[opened, error]).await;
    })
    .await;
    let report = tried_readable(postgres("localhost", port)).await;
    assert_eq!(report.checks[3].outcome, Outcome::Passed, "{report:#?}");
    failed(&report, CheckName::Access, FailureCode::AccessRefused, "nobody (SQLSTATE 42501)");
}

#[tokio::test]
async fn mysql_is_signed_in_to_by_a_hash() {
    let plugins: [(_, &[Turn]); 2] =
        [("mysql_native_password", &[OK, OK]), ("caching_sha2_password", &[KNOWN, OK])];
    for (plugin, answers) in plugins {
        let (port, heard) = mysql_server(plugin, answers).await;
        let report = tried_readable(mysql(port)).await;
        assert!(report.is_valid(), "{report:#?}");
        assert_eq!(report.checks[4].detail, "database shop of MySQL 8.4.3");
        assert!(!hears_password(&heard), "{plugin}");
        let second_byte_of_capabilities = heard.lock().unwrap()[5];
        assert_eq!(second_byte_of_capabilities & 0x08, 0, "the flag for TLS would make a server wait for it");
    }
}

#[tokio::test]
async fn mysql_that_asks_for_the_password_itself_does_not_hear_it() {
    let cases: [(_, &[Turn], _); 3] = [
        ("caching_sha2_password", &[FULL], "sign in once over TLS"),
        ("caching_sha2_password", &[SWITCH], "Turn TLS on"),
        ("sha256_password", &[SWITCH], "Turn TLS on"),
    ];
    for (plugin, answers, remedy) in cases {
        let (port, heard) = mysql_server(plugin, answers).await;
        let report = tried_readable(mysql(port)).await;
        let check =
            failed(&report, CheckName::SignIn, FailureCode::SignInRefused, "asks for the password itself");
        assert!(check.remedy.as_ref().unwrap().contains(remedy), "{check:#?}");
        assert!(!hears_password(&heard), "{plugin}");
    }
}

#[tokio::test]
async fn a_stranger_is_recognised_without_tls_too() {
    let mismatch = FailureCode::ProtocolMismatch;
    let web = talker(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    let report = tried_readable(postgres("localhost", web)).await;
    failed(&report, CheckName::SignIn, mismatch, "speaks HTTP, not PostgreSQL");
    failed(&tried_readable(mysql(web)).await, CheckName::SignIn, mismatch, "speaks HTTP, not MySQL");
    failed(&tried_readable(redis(web)).await, CheckName::SignIn, mismatch, "speaks HTTP, not Redis");
}

#[tokio::test]
async fn a_server_that_wants_tls_after_all_says_what_to_take_out() {
    // One that answers everything with an alert, and one that speaks of TLS only when it hears TLS.
    for alert_to in [&[0x16, b'*', 0, b'P'][..], &[0x16]] {
        let port = server(move |mut stream| async move {
            let mut heard = [0; 512];
            if matches!(stream.read(&mut heard).await, Ok(1..)) && alert_to.contains(&heard[0]) {
                let _ = stream.write_all(b"\x15\x03\x01\0\x02\x02\x46").await;
            }
        })
        .await;
        for target in [redis(port), postgres("localhost", port)] {
            let report = tried_readable(target).await;
            let check = failed(&report, CheckName::SignIn, FailureCode::ProtocolMismatch, "speaks TLS");
            assert!(check.remedy.as_ref().unwrap().contains("leave `tls: off` out"), "{check:#?}");
        }
    }
}

#[tokio::test]
async fn silence_without_tls_belongs_to_the_sign_in() {
    let port = talker(b"").await;
    let refused = FailureCode::SignInRefused;
    let report = tried_readable(postgres("localhost", port)).await;
    failed(&report, CheckName::SignIn, refused, "didn't answer the sign-in");
    failed(&tried_readable(redis(port)).await, CheckName::SignIn, refused, "didn't answer the sign-in");
    let report = tried_readable(mysql(port)).await;
    failed(&report, CheckName::SignIn, FailureCode::ProtocolMismatch, "no greeting");
}

#[tokio::test]
async fn an_https_endpoint_is_never_spoken_to_without_tls() {
    let report = tried(blob(talker(b"").await), Trust::TlsOff).await;
    failed(&report, CheckName::Tls, FailureCode::TlsFailed, "https://");
}
