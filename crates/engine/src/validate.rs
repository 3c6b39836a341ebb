//! Validating a connection from inside the workload's namespace, and recording what was found.

use std::time::Duration;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use k8s_openapi::jiff::Timestamp;
use sc_cluster::Cluster;
use sc_cluster::probe::ProbeRequest;
use sc_model::resource::{READY, ServiceConnectionStatus, VALID};
use sc_model::{Failure, FailureCode, Namespace, ObjectName, Report, Result, ServiceConnection, places};

use crate::delete::find;

/// Runs the probe and writes the condition `Valid`.
pub async fn validate(
    cluster: &Cluster,
    namespace: &Namespace,
    object: &ObjectName,
    limit: Duration,
) -> Result<Report> {
    let connection = find(cluster, namespace, object).await?;
    if !connection.is_ready() {
        return Err(connection.failure(READY).unwrap_or_else(|| {
            Failure::new(FailureCode::SecretDrifted, format!("connection `{object}` isn't ready yet"))
                .because("sc-job hasn't written its Secret")
                .remedied_by(format!("`sc connection wait {object} -n {namespace}` waits for it."))
        }));
    }
    let status = connection.status.clone().unwrap_or_default();
    let request = ProbeRequest {
        namespace: namespace.clone(),
        connection: object.clone(),
        spec: connection.spec.clone(),
        secret: status.secret_name.unwrap_or_default(),
        service_account: status.service_account_name,
    };
    let outcome = cluster.run_probe(&request, limit).await;
    record(cluster, namespace, object, &connection, &outcome).await?;
    outcome
}

async fn record(
    cluster: &Cluster,
    namespace: &Namespace,
    object: &ObjectName,
    connection: &ServiceConnection,
    outcome: &Result<Report>,
) -> Result<()> {
    let (status, reason, message) = match outcome {
        Ok(report) => match report.failure() {
            None => ("True", "Validated".to_owned(), "reached the target and signed in".to_owned()),
            Some(check) => {
                let code = check.code.unwrap_or(FailureCode::ProbeFailed);
                let cause = check.cause.clone().unwrap_or_else(|| check.detail.clone());
                ("False", code.to_string(), format!("{}: {cause}", check.name))
            }
        },
        Err(failure) => ("Unknown", failure.code.to_string(), failure.to_string()),
    };
    let condition = condition(connection, VALID, status, &reason, &message);
    let status =
        ServiceConnectionStatus { conditions: vec![condition], ..ServiceConnectionStatus::default() };
    cluster.report(namespace, object, places::VALIDATION_FIELD_MANAGER, &status).await
}

/// A condition; one that says what it said before keeps its time of transition.
pub fn condition(
    connection: &ServiceConnection,
    kind: &str,
    status: &str,
    reason: &str,
    message: &str,
) -> Condition {
    let before = connection.condition(kind).filter(|before| before.status == status);
    Condition {
        type_: kind.to_owned(),
        status: status.to_owned(),
        reason: reason.to_owned(),
        message: message.to_owned(),
        observed_generation: connection.metadata.generation,
        last_transition_time: before
            .map_or_else(|| Time(Timestamp::now()), |before| before.last_transition_time.clone()),
    }
}
