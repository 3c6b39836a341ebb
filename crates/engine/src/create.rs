//! Creating and updating a connection: observe, plan, carry out, wait, validate.

use std::collections::BTreeMap;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use sc_catalog::{Catalog, Resolved};
use sc_cluster::Cluster;
use sc_cluster::secrets::owner;
use sc_model::resource::READY;
use sc_model::{Failure, FailureCode, Report, Result, SecretValue, ServiceConnection, places};

use crate::extension::{await_with_obstacles, install, is_in_place};
use crate::plan::{Observed, Plan, Step, plan_create};
use crate::progress::Progress;
use crate::request::CreateRequest;
use crate::validate::validate;
use crate::workload;

/// What became of a request.
#[derive(Debug)]
pub struct Created {
    /// The plan as it was carried out.
    pub plan: Plan,
    /// The connection as it stands.
    pub connection: ServiceConnection,
    /// What the validation found, or why it couldn't run. `None` where it wasn't asked for or is known.
    pub validation: Option<Result<Report>>,
}

/// Looks at the cluster and plans. Writes nothing.
pub async fn observe(
    cluster: &Cluster,
    request: &CreateRequest,
) -> Result<(Resolved<'static>, Observed, Plan)> {
    let resolved = Catalog::builtin().resolve(&request.spec)?;
    let secret_name = request.name.secret_name();
    let (namespace_exists, extension_served, siblings, secret, secret_is_stored) = tokio::try_join!(
        cluster.namespace_exists(&request.namespace),
        is_in_place(cluster),
        cluster.connections(Some(&request.namespace)),
        cluster.secret_metadata(&request.namespace, secret_name.as_str()),
        is_stored(cluster, request, &resolved),
    )?;
    let secret_owner = secret.map(|secret| owner(&secret.metadata));
    let workloads = match namespace_exists {
        true => workload::look(cluster, request, &siblings).await?,
        false => Vec::new(),
    };
    let observed =
        Observed { namespace_exists, extension_served, siblings, secret_owner, secret_is_stored, workloads };
    let plan = plan_create(request, &resolved, &observed)?;
    Ok((resolved, observed, plan))
}

async fn is_stored(cluster: &Cluster, request: &CreateRequest, resolved: &Resolved<'_>) -> Result<bool> {
    let given = given(request, resolved);
    if given.is_empty() {
        return Ok(true);
    }
    let stored = match stored(cluster, request).await {
        // Who may write but not read stores it again; nothing is lost by that.
        Err(failure) if failure.code == FailureCode::NotPermitted => return Ok(false),
        stored => stored?,
    };
    let wanted = resolved.secret_keys();
    let is_same = |(key, value): (&String, &SecretValue)| {
        stored.get(key).is_some_and(|stored| stored.expose() == value.expose())
    };
    let is_wanted = |key: &String| wanted.contains(&key.as_str());
    Ok(given.iter().all(is_same) && stored.keys().all(is_wanted))
}

async fn stored(cluster: &Cluster, request: &CreateRequest) -> Result<BTreeMap<String, SecretValue>> {
    let payload = places::payload_name(&request.namespace, &request.name.object_name());
    let stored = cluster.secret_content(places::SYSTEM_NAMESPACE, &payload).await?;
    Ok(stored.map(|stored| stored.values).unwrap_or_default())
}

/// What is given, under the keys that the payload has.
fn given(request: &CreateRequest, resolved: &Resolved<'_>) -> BTreeMap<String, SecretValue> {
    let own = resolved.secret_input().zip(request.secrets.own.clone());
    let own = own.map(|(input, secret)| (input.name().to_owned(), secret));
    own.into_iter().chain(request.secrets.additional.clone()).collect()
}

/// Stores what is given, beside what is stored already and still wanted.
async fn store_secrets(cluster: &Cluster, request: &CreateRequest, resolved: &Resolved<'_>) -> Result<()> {
    let mut inputs = given(request, resolved);
    let wanted = resolved.secret_keys();
    if wanted.iter().any(|key| !inputs.contains_key(*key)) {
        let stored = stored(cluster, request).await.map_err(|failure| {
            failure.remedied_by("Ask for the right to read Secrets in sc-system, or give all secrets of the connection again.")
        })?;
        for (key, value) in stored.into_iter().filter(|(key, _)| wanted.contains(&key.as_str())) {
            inputs.entry(key).or_insert(value);
        }
    }
    cluster.store_payload(&request.namespace, &request.name.object_name(), &inputs).await
}

/// Carries a request out. Cut off anywhere, it is finished by the same request.
///
/// `announce` is told the plan before anything is written.
pub async fn create(
    cluster: &Cluster,
    request: &CreateRequest,
    progress: &dyn Progress,
    announce: impl FnOnce(&Plan),
) -> Result<Created> {
    let deadline = Instant::now() + request.limit;
    let (resolved, observed, plan) = observe(cluster, request).await?;
    announce(&plan);
    let object = request.name.object_name();
    let mut connection = observed.existing(request).cloned();
    let mut validation = None;
    // A request of its own, so that the answer to an earlier one isn't taken for the answer to this one.
    let id = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos().to_string();
    let is_asked =
        plan.needs(Step::StoreConnection) || plan.needs(Step::StoreSecret) || plan.needs(Step::RunJob);
    for (number, planned) in plan.steps.iter().enumerate() {
        progress.begin(number + 1, plan.steps.len(), planned.step.title());
        let stores = planned.step == Step::StoreConnection && is_asked;
        if planned.is_done && !stores {
            progress.end(&planned.says);
            continue;
        }
        match planned.step {
            Step::InstallExtension => {
                install(cluster, &request.installation, left(deadline), progress).await?;
                progress.end("installed");
            }
            Step::StoreSecret => {
                store_secrets(cluster, request, &resolved).await?;
                progress.end("stored");
            }
            Step::StoreConnection => {
                connection =
                    Some(cluster.store_connection(&request.namespace, &object, &request.spec, &id).await?);
                progress.end("stored");
            }
            Step::RunJob => {
                let settled = delivered(cluster, request, &id, left(deadline), progress).await?;
                progress.end(&match resolved.keys().as_slice() {
                    [] => "done; no Secret is written".to_owned(),
                    _ => format!("Secret `{}` written", request.name.secret_name()),
                });
                connection = Some(settled);
            }
            Step::BindWorkload => {
                workload::bind_all(cluster, request, &observed.workloads, left(deadline)).await?;
                progress.end("rolls out with it");
                // With the annotation that lists them.
                connection = cluster.connection(&request.namespace, &object).await?;
            }
            Step::Validate => {
                let outcome = validate(cluster, &request.namespace, &object, left(deadline)).await;
                progress.end(&in_a_word(&outcome));
                validation = Some(outcome);
                // With the condition that tells of it.
                connection = cluster.connection(&request.namespace, &object).await?;
            }
        }
    }
    let connection = connection
        .ok_or_else(|| Failure::new(FailureCode::ConnectionNotFound, "the connection isn't there"))?;
    Ok(Created { plan, connection, validation })
}

/// Waits for sc-job's answer to a request.
async fn delivered(
    cluster: &Cluster,
    request: &CreateRequest,
    id: &str,
    limit: Duration,
    progress: &dyn Progress,
) -> Result<ServiceConnection> {
    let object = request.name.object_name();
    let answers = |connection: &ServiceConnection| {
        // A later request of somebody else replaces this one; its answer is as good.
        connection.is_observed() && connection.request().is_some_and(|current| current >= id)
    };
    let waiting = cluster.await_connection(&request.namespace, &object, answers, limit);
    let settled = await_with_obstacles(cluster, waiting, limit, progress).await?;
    let Some(connection) = settled else {
        return Err(Failure::new(
            FailureCode::ConnectionNotFound,
            format!("connection `{}` was deleted meanwhile", request.name),
        ));
    };
    match connection.failure(READY) {
        Some(failure) => Err(failure),
        None => Ok(connection),
    }
}

fn in_a_word(outcome: &Result<Report>) -> String {
    match outcome {
        Ok(report) => report
            .failure()
            .map_or_else(|| "valid".to_owned(), |check| format!("not valid: {} failed", check.name)),
        Err(failure) => format!("couldn't run: {}", failure.message),
    }
}

fn left(deadline: Instant) -> Duration {
    // At least a second, so that a step that is nearly there isn't cut off by rounding.
    deadline.saturating_duration_since(Instant::now()).max(Duration::from_secs(1))
}
