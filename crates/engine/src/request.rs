//! A requested connection, parsed: everything a create or update is decided from, besides the cluster.

use std::time::Duration;

use sc_catalog::SecretInputs;
use sc_model::{ConnectionName, Namespace, ServiceConnectionSpec};

use crate::extension::Installation;

/// What happens at the end of a create.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Validation {
    /// Not validated.
    Skip,
    /// Validated; an invalid connection is a warning.
    #[default]
    Warn,
    /// Validated; an invalid connection is a failure.
    Require,
}

/// A requested connection, parsed.
#[derive(Clone, Debug)]
pub struct CreateRequest {
    /// The namespace of the connection and its workloads.
    pub namespace: Namespace,
    /// The connection's name as given.
    pub name: ConnectionName,
    /// What it says.
    pub spec: ServiceConnectionSpec,
    /// The secret inputs that are given; those that aren't stay as they are stored, or are referred to.
    pub secrets: SecretInputs,
    /// How the extension is installed, should it be missing.
    pub installation: Installation,
    /// What happens at the end.
    pub validation: Validation,
    /// Whether to wait for sc-job.
    pub waits: bool,
    /// How long all of it may take.
    pub limit: Duration,
}
