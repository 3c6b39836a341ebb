//! The plan of a request: its steps in order, each with what it will do and whether that is done already. No I/O.

use sc_catalog::Resolved;
use sc_cluster::connections::namespace_not_found;
use sc_cluster::secrets::{Owner, resource_already_exists};
use sc_model::resource::VALID;
use sc_model::{Failure, FailureCode, Result, ServiceConnection};
use serde::Serialize;

use crate::request::{CreateRequest, Validation};
use crate::workload::Sight;

/// A step of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Step {
    /// Put the extension into the cluster.
    InstallExtension,
    /// Keep the secret input in sc-system.
    StoreSecret,
    /// Store the connection.
    StoreConnection,
    /// Wait until sc-job has written the workload's Secret.
    RunJob,
    /// Put the connection into workloads.
    BindWorkload,
    /// Reach the target in the workload's shoes.
    Validate,
}

impl Step {
    /// The step in a few words.
    pub fn title(self) -> &'static str {
        match self {
            Self::InstallExtension => "Extension",
            Self::StoreSecret => "Secret input",
            Self::StoreConnection => "Connection",
            Self::RunJob => "sc-job",
            Self::BindWorkload => "Workload",
            Self::Validate => "Validation",
        }
    }
}

/// A step in a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlannedStep {
    /// Which one.
    pub step: Step,
    /// What it will do, or what is there already.
    pub says: String,
    /// Whether there is nothing left to do.
    pub is_done: bool,
}

/// What a request will do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// The steps, in order.
    pub steps: Vec<PlannedStep>,
}

impl Plan {
    /// Whether everything is as requested already.
    pub fn is_done(&self) -> bool {
        self.steps.iter().all(|planned| planned.is_done)
    }

    /// Whether a step has something to do.
    pub fn needs(&self, step: Step) -> bool {
        self.steps.iter().any(|planned| planned.step == step && !planned.is_done)
    }
}

/// What was found in the cluster before anything is written.
#[derive(Clone, Debug, Default)]
pub struct Observed {
    /// Whether the namespace is there.
    pub namespace_exists: bool,
    /// Whether the extension is in the cluster, put in to the end.
    pub extension_served: bool,
    /// All connections of the namespace.
    pub siblings: Vec<ServiceConnection>,
    /// Whose the Secret of the connection's Secret name is, if there is one.
    pub secret_owner: Option<Owner>,
    /// Whether the secret inputs are stored as requested. True where there are none to store.
    pub secret_is_stored: bool,
    /// The workloads that it goes into or is in.
    pub workloads: Vec<Sight>,
}

impl Observed {
    /// The connection itself, if it is there.
    pub fn existing(&self, request: &CreateRequest) -> Option<&ServiceConnection> {
        let name = request.name.object_name();
        self.siblings.iter().find(|sibling| sibling.metadata.name.as_deref() == Some(name.as_str()))
    }
}

/// Decides what a create or update does, or why it can't be done.
pub fn plan_create(request: &CreateRequest, resolved: &Resolved<'_>, observed: &Observed) -> Result<Plan> {
    if !observed.namespace_exists {
        return Err(namespace_not_found(&request.namespace));
    }
    let has_variables = !resolved.keys().is_empty();
    let secret_name = request.name.secret_name();
    if has_variables {
        refuse_shared_secret(request, observed)?;
    }
    if has_variables && observed.secret_owner == Some(Owner::Foreign) {
        return Err(resource_already_exists("Secret", secret_name.as_str(), request.namespace.as_str()));
    }
    let existing = observed.existing(request);
    let is_stored = existing.is_some_and(|existing| existing.spec == request.spec);
    let is_delivered = is_stored
        && observed.secret_is_stored
        && (observed.secret_owner.is_some() || !has_variables)
        && existing.is_some_and(ServiceConnection::is_ready);
    let is_valid = is_delivered
        && existing
            .and_then(|existing| existing.condition(VALID))
            .is_some_and(|condition| condition.status == "True");
    let mut steps = vec![step(
        Step::InstallExtension,
        observed.extension_served,
        "install the Helm release `sc-extension` into `sc-system`",
        "the extension is in the cluster",
    )];
    if !request.secrets.is_empty() {
        steps.push(step(
            Step::StoreSecret,
            observed.secret_is_stored,
            "keep the secret in `sc-system`, for sc-job to use and to repair with",
            "the secret is stored",
        ));
    }
    let verb = if existing.is_some() { "update" } else { "create" };
    steps.push(step(
        Step::StoreConnection,
        is_stored,
        &format!(
            "{verb} ServiceConnection `{}` in `{}`: {}, {}, client type {}",
            request.name.object_name(),
            request.namespace,
            resolved.service().title(),
            request.spec.auth.auth_type,
            request.spec.client_type,
        ),
        "the connection is stored as requested",
    ));
    if request.waits {
        let (namespace, keys) = (&request.namespace, resolved.keys().join(", "));
        let (will, is) = if has_variables {
            (
                format!("write Secret `{secret_name}` into `{namespace}` with {keys}"),
                format!("Secret `{secret_name}` is in `{namespace}` with {keys}"),
            )
        } else {
            (
                "take note of it; the variables are yours, so no Secret is written".to_owned(),
                "done".to_owned(),
            )
        };
        steps.push(step(Step::RunJob, is_delivered, &will, &is));
        steps.extend(into_workloads(&observed.workloads));
        if request.validation != Validation::Skip && has_variables {
            steps.push(step(
                Step::Validate,
                is_valid,
                &format!("reach the target from a pod in `{}` and sign in", request.namespace),
                "the connection was found valid",
            ));
        }
    }
    Ok(Plan { steps })
}

fn into_workloads(sights: &[Sight]) -> Option<PlannedStep> {
    let says: Vec<_> = sights.iter().map(|sight| sight.says.as_str()).collect();
    let is_done = sights.iter().all(|sight| sight.is_done);
    (!sights.is_empty()).then(|| PlannedStep { step: Step::BindWorkload, says: says.join("; "), is_done })
}

fn step(step: Step, is_done: bool, will: &str, is: &str) -> PlannedStep {
    PlannedStep { step, says: if is_done { is } else { will }.to_owned(), is_done }
}

/// Two names that differ only in punctuation or case would write one Secret.
fn refuse_shared_secret(request: &CreateRequest, observed: &Observed) -> Result<()> {
    let secret = request.name.secret_name();
    let other = observed
        .siblings
        .iter()
        .filter_map(|sibling| sibling.given_name().ok())
        .find(|given| *given != request.name && given.secret_name() == secret);
    match other {
        None => Ok(()),
        Some(other) => Err(shared_secret(
            request.name.as_str(),
            other.as_str(),
            request.namespace.as_str(),
            secret.as_str(),
        )),
    }
}

/// The failure for two connections that would share one Secret.
pub fn shared_secret(name: &str, other: &str, namespace: &str, secret: &str) -> Failure {
    Failure::new(
        FailureCode::ConnectionNameConflict,
        format!(
            "connections `{name}` and `{other}` of namespace `{namespace}` would share the Secret `{secret}`"
        ),
    )
    .because("a Secret is named after the letters and digits of its connection's name")
    .remedied_by(format!(
        "Choose a name that differs from `{other}` in its letters or digits, or delete `{other}` first."
    ))
}
