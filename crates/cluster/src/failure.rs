//! Kubernetes' errors in our words: a stable code, what was being done, and the cause without its wrapping.

use std::error::Error as StdError;

use kube::core::Status;
use sc_model::{Failure, FailureCode, Result};

/// Names what was being done when a call to the API server failed.
pub trait Doing<T> {
    /// `doing` completes the sentence "can't …".
    fn doing(self, doing: &str) -> Result<T>;
}

impl<T> Doing<T> for kube::Result<T> {
    fn doing(self, doing: &str) -> Result<T> {
        self.map_err(|error| failure_of(doing, &error))
    }
}

/// The failure of a call: `doing` completes the sentence "can't …".
pub fn failure_of(doing: &str, error: &kube::Error) -> Failure {
    let message = format!("can't {doing}");
    match error {
        kube::Error::Api(status) => {
            let code = code_of(status);
            let cause =
                if status.message.is_empty() { status.reason.clone() } else { status.message.clone() };
            Failure::new(code, message).because(cause)
        }
        kube::Error::Auth(_) => Failure::new(FailureCode::NotPermitted, message)
            .because(chain(error))
            .remedied_by("Sign in to the cluster again (`kubectl cluster-info` shows whether it works)."),
        kube::Error::HyperError(_) | kube::Error::Service(_) | kube::Error::ReadEvents(_) => {
            Failure::new(FailureCode::ClusterUnreachable, message).because(unreachable(error))
        }
        _ => Failure::new(FailureCode::RequestRejected, message).because(chain(error)),
    }
}

fn code_of(status: &Status) -> FailureCode {
    match status.code {
        401 | 403 if is_terminating(status) => FailureCode::NamespaceNotFound,
        401 | 403 => FailureCode::NotPermitted,
        404 if names_kind(status, "namespaces") => FailureCode::NamespaceNotFound,
        // An unknown path, not an unknown object: the custom resource's kind isn't there.
        404 if status.details.as_ref().is_none_or(|details| details.name.is_empty()) => {
            FailureCode::ExtensionNotInstalled
        }
        404 if names_kind(status, "serviceconnections") => FailureCode::ConnectionNotFound,
        409 if status.reason == "AlreadyExists" => FailureCode::ResourceAlreadyExists,
        // Server-side apply answers so when an object doesn't fit its schema; it will not fit the next time either.
        500 if status.message.contains("typed patch") => FailureCode::RequestRejected,
        429 | 500..=599 => FailureCode::ClusterUnreachable,
        _ => FailureCode::RequestRejected,
    }
}

/// A namespace on its way out takes no new objects; the API server says so with 403.
fn is_terminating(status: &Status) -> bool {
    status.message.contains("is being terminated")
}

fn names_kind(status: &Status, kind: &str) -> bool {
    status.details.as_ref().is_some_and(|details| details.kind == kind)
}

/// Why the API server couldn't be reached, without the names of the layers that pass it on.
fn unreachable(error: &kube::Error) -> String {
    const LAYERS: [&str; 3] = ["ServiceError: ", "HyperError: ", "client error (Connect): "];
    let told = chain(error);
    let told = LAYERS.iter().fold(told.as_str(), |told, layer| told.strip_prefix(layer).unwrap_or(told));
    match told {
        // A person isn't told of deadlines.
        "deadline has elapsed" => "it didn't take the connection in time".to_owned(),
        told => told.to_owned(),
    }
}

/// An error and its sources in one line, each once.
pub(crate) fn chain(error: &dyn StdError) -> String {
    let mut line = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        let text = inner.to_string();
        if !line.contains(&text) {
            line = format!("{line}: {text}");
        }
        source = inner.source();
    }
    line
}

/// Whether the same call may succeed in a moment: the API server restarts, is busy, or the network blinked; or somebody
/// changed the object between reading and writing it.
pub(crate) fn is_passing(failure: &Failure) -> bool {
    matches!(failure.code, FailureCode::ClusterUnreachable | FailureCode::ChangedMeanwhile)
}
