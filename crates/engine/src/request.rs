//! A requested connection, parsed: everything a create or update is decided from, besides the cluster.

use std::time::Duration;

use sc_catalog::SecretInputs;
use sc_cluster::workloads::Conflicts;
use sc_model::{ConnectionName, Namespace, ServiceConnectionSpec, Workload};

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

/// What a request says about workloads.
#[derive(Clone, Debug, Default)]
pub struct Binding {
    /// The workloads to put the connection into, beside those it is in.
    pub workloads: Vec<Workload>,
    /// The only container that gets it.
    pub container: Option<String>,
    /// What happens to fields of others.
    pub conflicts: Conflicts,
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
    /// The workloads it goes into.
    pub binding: Binding,
    /// How the extension is installed, should it be missing.
    pub installation: Installation,
    /// What happens at the end.
    pub validation: Validation,
    /// Whether to wait for sc-job.
    pub waits: bool,
    /// How long all of it may take.
    pub limit: Duration,
}
