//! Azure Blob Storage: the list of containers, asked for with the account's key.
//!
//! Signed by "Authorize with Shared Key" (Azure Storage's REST reference). The list needs no container to exist.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::body::Bytes;
use hyper::header::{CONTENT_LENGTH, HOST};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use ring::hmac;
use sc_model::{CheckName, FailureCode, SecretValue};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use crate::request::Endpoint;
use crate::steps::{Found, Steps, scrubbed};

/// The version of the service's interface: one that Azurite and every cloud know.
const VERSION: &str = "2021-08-06";
/// The most that is read of an answer, in bytes.
const ANSWER_LIMIT: usize = 64 * 1024;

/// An answer's status, and the service's error code and words.
struct Answer {
    status: StatusCode,
    code: String,
    message: String,
    containers: usize,
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
        match answer.status {
            StatusCode::OK => Ok((format!("the key of account {account} is taken"), answer)),
            // The signature was right; something else forbids the list.
            StatusCode::FORBIDDEN if is_about_access(&answer) => Ok((format!("the key of account {account} is taken"), answer)),
            _ => Err(refused(&answer, key)),
        }
    };
    let answer = steps.run(CheckName::SignIn, entry).await?;
    let access = async {
        if answer.status == StatusCode::OK {
            let some = if answer.containers == 0 { "no container yet" } else { "containers can be listed" };
            return Ok((some.to_owned(), ()));
        }
        let cause = scrubbed(&format!("{}: {}", answer.code, answer.message), key.expose());
        Err(Found::new(FailureCode::AccessRefused, cause)
            .remedied_by("Let the cluster's addresses in (the account's network rules), and allow account keys (`allowSharedKeyAccess`)."))
    };
    steps.run(CheckName::Access, access).await
}

async fn ask(session: TlsStream<TcpStream>, endpoint: &Endpoint, account: &str, key: &SecretValue) -> Result<Answer, Found> {
    let mismatch = |error: &dyn std::fmt::Display| {
        Found::new(FailureCode::ProtocolMismatch, format!("the server doesn't answer as Blob Storage does: {error}"))
    };
    let date = httpdate::fmt_http_date(std::time::SystemTime::now());
    let signature = sign(&string_to_sign(&date, account, &endpoint.path), key)?;
    let host = match endpoint.port.number() {
        443 => endpoint.host.to_string(),
        port => format!("{}:{port}", endpoint.host),
    };
    let request = Request::get(format!("{}/?comp=list&maxresults=1", endpoint.path))
        .header(HOST, host)
        .header(CONTENT_LENGTH, 0)
        .header("x-ms-date", date)
        .header("x-ms-version", VERSION)
        .header("authorization", format!("SharedKey {account}:{signature}"))
        .body(Empty::<Bytes>::new())
        .map_err(|error| mismatch(&error))?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(session)).await.map_err(|error| mismatch(&error))?;
    let exchange = async {
        let response = sender.send_request(request).await.map_err(|error| mismatch(&error))?;
        let status = response.status();
        let code = response.headers().get("x-ms-error-code").and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        let body = Limited::new(response.into_body(), ANSWER_LIMIT).collect().await.map_err(|error| mismatch(&error))?.to_bytes();
        let text = String::from_utf8_lossy(&body);
        let code = if code.is_empty() { element(&text, "Code").to_owned() } else { code };
        let message = element(&text, "Message").lines().next().unwrap_or_default().to_owned();
        Ok(Answer { status, code, message, containers: text.matches("<Container>").count() })
    };
    tokio::select! {
        answer = exchange => answer,
        ended = connection => Err(match ended {
            Ok(()) => mismatch(&"it ended the connection"),
            Err(error) => mismatch(&error),
        }),
    }
}

/// Azure tells a wrong key (`AuthenticationFailed`) from a closed network (`AuthorizationFailure`) by the code; Azurite
/// says `AuthorizationFailure` for both, and only its words tell.
fn is_about_access(answer: &Answer) -> bool {
    answer.code.starts_with("Authorization") && !answer.message.contains("failed to authenticate")
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
    format!("GET\n{standard_headers}x-ms-date:{date}\nx-ms-version:{VERSION}\n/{account}{path}/\ncomp:list\nmaxresults:1")
}

fn sign(text: &str, key: &SecretValue) -> Result<String, Found> {
    let key = STANDARD.decode(key.expose()).map_err(|_| {
        Found::new(FailureCode::SignInRefused, "the account key isn't Base64")
            .remedied_by("Copy the whole key; `sc connection update NAME --account-key-stdin` stores another one.")
    })?;
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    Ok(STANDARD.encode(hmac::sign(&key, text.as_bytes())))
}

fn refused(answer: &Answer, key: &SecretValue) -> Found {
    let said = if answer.code.is_empty() { answer.status.to_string() } else { format!("{}: {}", answer.code, answer.message) };
    let said = scrubbed(&said, key.expose());
    if answer.code.is_empty() && answer.status != StatusCode::FORBIDDEN {
        return Found::new(FailureCode::ProtocolMismatch, format!("the server doesn't answer as Blob Storage does: {said}"));
    }
    let remedy = match answer.code.as_str() {
        "AuthenticationFailed" | "AuthorizationFailure" | "InvalidAuthenticationInfo" => {
            "Check account and key (and this node's clock); `sc connection update NAME --account-key-stdin` stores another key."
        }
        "KeyBasedAuthenticationNotPermitted" => "Allow account keys (`allowSharedKeyAccess`), or connect by workload identity.",
        "ResourceNotFound" | "InvalidUri" => "Check the account's name and --endpoint.",
        _ => FailureCode::SignInRefused.remedy(),
    };
    Found::new(FailureCode::SignInRefused, said).remedied_by(remedy)
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
    fn a_wrong_key_is_told_from_a_closed_network() {
        let answer = |code: &str, message: &str| Answer {
            status: StatusCode::FORBIDDEN,
            code: code.to_owned(),
            message: message.to_owned(),
            containers: 0,
        };
        assert!(is_about_access(&answer("AuthorizationFailure", "This request is not authorized to perform this operation.")));
        assert!(!is_about_access(&answer("AuthorizationFailure", "Server failed to authenticate the request.")));
        assert!(!is_about_access(&answer("AuthenticationFailed", "Server failed to authenticate the request.")));
    }

    #[test]
    fn the_services_words_are_read_from_its_answer() {
        let text = "<?xml?><Error><Code>AuthenticationFailed</Code><Message>Server failed.\nRequestId:1</Message></Error>";
        assert_eq!(element(text, "Code"), "AuthenticationFailed");
        assert_eq!(element(text, "Nothing"), "");
    }
}
