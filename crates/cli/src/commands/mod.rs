//! What each command does: parse further where the catalog is needed, call, print.

pub(crate) mod connection;
mod create;
pub(crate) mod draft;
pub(crate) mod extension;
pub(crate) mod roles;
pub(crate) mod sign_in;
mod snippet;
mod support;

use sc_cluster::Cluster;
use sc_model::{Failure, FailureCode, Namespace, Result};

use crate::arguments::InNamespace;

/// The namespace a person means: what is given, else the context's.
fn namespace(cluster: &Cluster, place: &InNamespace) -> Result<Namespace> {
    place.namespace.clone().map_or_else(|| cluster.default_namespace().parse(), Ok)
}

/// The failure that a failed check is.
fn invalid(name: &str, check: &sc_model::Check) -> Failure {
    let code = check.code.unwrap_or(FailureCode::ProbeFailed);
    let failure =
        Failure::new(code, format!("connection `{name}` is in place but not valid: {} failed", check.name))
            .because(check.cause.as_ref().unwrap_or(&check.detail));
    match &check.remedy {
        Some(remedy) => failure.remedied_by(remedy.clone()),
        None => failure,
    }
}

/// The failure for a name that the command line should have asked for.
fn name_missing() -> Failure {
    Failure::new(FailureCode::MissingOption, "the connection's name is missing")
}
