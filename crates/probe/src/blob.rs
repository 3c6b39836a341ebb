//! Azure Blob Storage: the list of containers, asked for with the account's key.
//!
//! Signed by "Authorize with Shared Key" (Azure Storage's REST reference). The list needs no container to exist.

use std::fmt::Display;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{AUTHORIZATION, HOST};
use hyper::http::response::Parts;
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use ring::hmac;
use sc_model::{CheckName, FailureCode, SecretValue};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use crate::request::Endpoint;
use crate::steps::{Found, Steps, scrubbed, shown};
use crate::tls::Plain;

/// The version of the service's interface: one that Azurite and every cloud know.
const VERSION: &str = "2021-08-06";
/// The most that is read of an answer, in bytes.
const ANSWER_LIMIT: usize = 64 * 1024;

/// How far this node's clock may be off before the service refuses a request (15 minutes by the reference).
const SKEW_LIMIT: Duration = Duration::from_secs(15 * 60);
/// A web server without TLS answers this; no secret is in it.
pub(crate) const PLAIN: Plain = Plain { hello: b"GET / HTTP/1.0\r\n\r\n", protocol: Some("HTTP") };

/// What the service answered.
#[derive(Debug, Default)]
struct Answer {
    status: StatusCode,
    /// The service's error code and words; empty if it isn't the service that answers.
    code: String,
    message: String,
    /// Whether it is the list that was asked for.
    is_list: bool,
    /// The name and version of what answers.
    server: String,
    /// The service's clock, before or after this node's by more than it tolerates.
    skew: Option<String>,
}

/// What an answer means.
#[derive(Debug, PartialEq, Eq)]
enum Meaning {
    /// The key is taken and may list.
    Listed,
    /// The key is taken, but something else forbids the list.
    Forbidden,
    /// The key isn't taken.
    Refused,
    /// It isn't the service that answers.
    Stranger,
}

/// Signs in by a first request; the same answer tells whether the account's key may list.
pub(crate) async fn sign_in(
    steps: &mut Steps,
    session: TlsStream<TcpStream>,
    endpoint: &Endpoint,
    account: &str,
    key: &SecretValue,
) -> Result<(), Found> {
    let entry = async {
        let answer = ask(session, endpoint, account, key).await?;
        match meaning(&answer) {
            Meaning::Listed | Meaning::Forbidden => {
                Ok((format!("the key of account {account} is taken"), answer))
            }
            Meaning::Refused => Err(refused(&answer, key)),
            Meaning::Stranger => Err(stranger(answer.status)),
        }
    };
    let answer = steps.run(CheckName::SignIn, entry).await?;
    let access = async {
        if answer.is_list {
            let server = if answer.server.is_empty() { "Blob Storage" } else { &answer.server };
            return Ok((shown(&format!("the containers of {account} can be listed at {server}")), ()));
        }
        let remedy = match answer.code.as_str() {
            "KeyBasedAuthenticationNotPermitted" => {
                "Allow account keys (`allowSharedKeyAccess`), or connect by workload identity."
            }
            "AccountIsDisabled" => "Enable the account.",
            _ => "Let the cluster's addresses in (the account's network rules).",
        };
        Err(Found::new(FailureCode::AccessRefused, said(&answer, key)).remedied_by(remedy))
    };
    steps.run(CheckName::Access, access).await
}

/// By "Status and error codes" of the service's reference. Azurite says `AuthorizationFailure` where Azure says
/// `AuthenticationFailed`; its words tell that it means the signature.
fn meaning(answer: &Answer) -> Meaning {
    match (answer.status, answer.code.as_str()) {
        (StatusCode::OK, _) if answer.is_list => Meaning::Listed,
        (_, "") => Meaning::Stranger,
        (_, "AuthorizationFailure") if answer.message.contains("failed to authenticate") => Meaning::Refused,
        (_, "AccountIsDisabled" | "KeyBasedAuthenticationNotPermitted") => Meaning::Forbidden,
        (StatusCode::FORBIDDEN, code)
            if code.starts_with("Authorization") || code.starts_with("InsufficientAccount") =>
        {
            Meaning::Forbidden
        }
        _ => Meaning::Refused,
    }
}

async fn ask(
    session: TlsStream<TcpStream>,
    endpoint: &Endpoint,
    account: &str,
    key: &SecretValue,
) -> Result<Answer, Found> {
    let broken = |error: &dyn Display| {
        let cause = format!("the server doesn't answer as Blob Storage does: {error}");
        Found::new(FailureCode::ProtocolMismatch, scrubbed(&cause, key.expose()))
    };
    let now = SystemTime::now();
    let date = httpdate::fmt_http_date(now);
    let signature = sign(&string_to_sign(&date, account, endpoint.path()), key)?;
    let request = Request::get(format!("{}/?comp=list&maxresults=1", endpoint.path()))
        .header(HOST, endpoint.authority())
        .header("x-ms-date", date)
        .header("x-ms-version", VERSION)
        .header(AUTHORIZATION, format!("SharedKey {account}:{signature}"))
        .body(Empty::<Bytes>::new())
        .map_err(|error| broken(&error))?;
    let (mut sender, connection) =
        http1::handshake(TokioIo::new(session)).await.map_err(|error| broken(&error))?;
    let exchange = async {
        let (head, body) = sender.send_request(request).await.map_err(|error| broken(&error))?.into_parts();
        let body = Limited::new(body, ANSWER_LIMIT).collect().await.map_err(|error| broken(&error))?;
        Ok(read(&head, &String::from_utf8_lossy(&body.to_bytes()), now))
    };
    let mut exchange = std::pin::pin!(exchange);
    tokio::select! {
        biased;
        answer = &mut exchange => answer,
        // What has arrived before the end is read all the same.
        ended = connection => match ended {
            Ok(()) => exchange.await,
            Err(error) => Err(broken(&error)),
        },
    }
}

fn read(head: &Parts, text: &str, now: SystemTime) -> Answer {
    let header =
        |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let code = match header("x-ms-error-code") {
        "" => element(text, "Code"),
        code => code,
    };
    Answer {
        status: head.status,
        code: code.to_owned(),
        message: element(text, "Message").lines().next().unwrap_or_default().to_owned(),
        is_list: text.contains("<EnumerationResults"),
        server: header("server").to_owned(),
        skew: httpdate::parse_http_date(header("date")).ok().and_then(|theirs| skew(now, theirs)),
    }
}

/// How far this node's clock is off, if it is by more than the service tolerates.
fn skew(ours: SystemTime, theirs: SystemTime) -> Option<String> {
    let (gap, word) = match ours.duration_since(theirs) {
        Ok(gap) => (gap, "ahead of"),
        Err(error) => (error.duration(), "behind"),
    };
    (gap > SKEW_LIMIT)
        .then(|| format!("this node's clock is {} min {word} the service's", gap.as_secs() / 60))
}

/// The text of the first element of a name in a small XML answer.
fn element<'a>(text: &'a str, name: &str) -> &'a str {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    text.split_once(&open).and_then(|(_, rest)| rest.split_once(&close)).map_or("", |(inner, _)| inner)
}

/// The text that is signed: the verb, eleven empty standard headers, the service's headers, the resource and the query.
/// The resource begins with the account, even where the path (an emulator's) does so too.
fn string_to_sign(date: &str, account: &str, path: &str) -> String {
    let standard_headers = "\n".repeat(11);
    format!(
        "GET\n{standard_headers}x-ms-date:{date}\nx-ms-version:{VERSION}\n/{account}{path}/\ncomp:list\nmaxresults:1"
    )
}

fn sign(text: &str, key: &SecretValue) -> Result<String, Found> {
    let key = STANDARD.decode(key.expose()).map_err(|_| {
        Found::new(FailureCode::SignInRefused, "the account key isn't Base64").remedied_by(
            "Copy the whole key; `sc connection update NAME --account-key-stdin` stores another one.",
        )
    })?;
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    Ok(STANDARD.encode(hmac::sign(&key, text.as_bytes())))
}

fn refused(answer: &Answer, key: &SecretValue) -> Found {
    let said = said(answer, key);
    if let Some(skew) = &answer.skew {
        return Found::new(FailureCode::SignInRefused, format!("{said}; {skew}"))
            .remedied_by("Set the node's clock (NTP).");
    }
    let remedy = match answer.code.as_str() {
        "AuthenticationFailed" | "AuthorizationFailure" | "InvalidAuthenticationInfo" => {
            "Check account and key; `sc connection update NAME --account-key-stdin` stores another key."
        }
        "ResourceNotFound" | "InvalidUri" | "InvalidResourceName" => {
            "Check the account's name and --endpoint."
        }
        "ServerBusy" | "InternalError" | "OperationTimedOut" => {
            "Try again; the service itself is in trouble."
        }
        _ => FailureCode::SignInRefused.remedy(),
    };
    Found::new(FailureCode::SignInRefused, said).remedied_by(remedy)
}

fn stranger(status: StatusCode) -> Found {
    Found::new(
        FailureCode::ProtocolMismatch,
        format!("a web server answers ({status}), but not as Blob Storage does"),
    )
    .remedied_by("Check the account's name and --endpoint.")
}

/// The service's own code and words.
fn said(answer: &Answer, key: &SecretValue) -> String {
    scrubbed(&format!("{}: {}", answer.code, answer.message), key.expose())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signed_text_has_the_form_that_the_reference_prescribes() {
        let text = string_to_sign("Fri, 26 Jun 2015 23:39:12 GMT", "myaccount", "");
        assert_eq!(
            text,
            "GET\n\n\n\n\n\n\n\n\n\n\n\nx-ms-date:Fri, 26 Jun 2015 23:39:12 GMT\nx-ms-version:2021-08-06\n/myaccount/\ncomp:list\nmaxresults:1"
        );
        assert!(string_to_sign("d", "acct", "/acct").contains("\n/acct/acct/\n"));
    }

    #[test]
    fn a_key_that_is_not_base64_is_told_without_showing_it() {
        let found = sign("x", &SecretValue::new("no base64!")).unwrap_err();
        assert!(!format!("{found:?}").contains("no base64!"));
    }

    #[test]
    fn a_signature_is_the_one_that_openssl_makes() {
        // printf 'text' | openssl dgst -sha256 -mac HMAC -macopt hexkey:6b6579 -binary | base64
        assert_eq!(
            sign("text", &SecretValue::new("a2V5")).unwrap(),
            "avqQRqlXnK0UOjhMG1ZLmiUNJ9b2pj+fIL86dZTJ4sY="
        );
    }

    #[test]
    fn an_answer_is_told_apart_by_status_code_and_words() {
        let answer = |status, code: &str, message: &str, is_list| {
            let (code, message) = (code.to_owned(), message.to_owned());
            meaning(&Answer { status, code, message, is_list, ..Answer::default() })
        };
        assert_eq!(answer(StatusCode::OK, "", "", true), Meaning::Listed);
        assert_eq!(answer(StatusCode::OK, "", "", false), Meaning::Stranger);
        assert_eq!(answer(StatusCode::FORBIDDEN, "", "", false), Meaning::Stranger);
        assert_eq!(answer(StatusCode::FORBIDDEN, "AuthenticationFailed", "", false), Meaning::Refused);
        let azurite = "Server failed to authenticate the request.";
        assert_eq!(answer(StatusCode::FORBIDDEN, "AuthorizationFailure", azurite, false), Meaning::Refused);
        let azure = "This request is not authorized to perform this operation.";
        assert_eq!(answer(StatusCode::FORBIDDEN, "AuthorizationFailure", azure, false), Meaning::Forbidden);
        assert_eq!(
            answer(StatusCode::FORBIDDEN, "KeyBasedAuthenticationNotPermitted", "", false),
            Meaning::Forbidden
        );
        assert_eq!(answer(StatusCode::NOT_FOUND, "ResourceNotFound", "", false), Meaning::Refused);
    }

    #[test]
    fn a_clock_that_is_off_is_the_cause_that_is_named() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        assert_eq!(skew(now, now - Duration::from_secs(60)), None);
        assert!(skew(now, now - Duration::from_secs(3600)).unwrap().contains("60 min ahead of"));
        let skew = skew(now, now + Duration::from_secs(3600));
        assert!(skew.as_ref().unwrap().contains("60 min behind"));
        let answer = Answer { code: "AuthenticationFailed".to_owned(), skew, ..Answer::default() };
        assert!(refused(&answer, &SecretValue::new("")).remedy.contains("clock"));
    }

    #[test]
    fn the_services_words_are_read_from_its_answer() {
        let text = "<?xml?><Error><Code>AuthenticationFailed</Code><Message>Server failed.\nRequestId:1</Message></Error>";
        assert_eq!(element(text, "Code"), "AuthenticationFailed");
        assert_eq!(element(text, "Nothing"), "");
    }
}
