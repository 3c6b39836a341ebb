//! Putting a connection into workloads, and taking it out again, with the rights of the person who asks.
//!
//! `change` decides from the workload as it is (`live`) and from what the connector has in it (`ours`); this file reads, has
//! it decided and applies. Which workloads a connection is in stands in an annotation on it, written before the first
//! workload is touched: a request that is cut off leaves nothing that a later delete wouldn't find.

mod change;
mod conflict;
mod live;
mod needs;
mod ours;
#[cfg(test)]
mod tests;

use std::time::Duration;

use sc_cluster::{Cluster, with_retry};
use sc_model::{Failure, FailureCode, Namespace, ObjectName, Result, ServiceConnection, Workload};
use serde_json::Value;

use crate::request::CreateRequest;
use change::{Reach, Wish, bind, handed_back, unbind};
use live::Live;
use needs::{Needs, account};

/// How long a delete tries to get a change in between those of others.
const PATIENCE: Duration = Duration::from_secs(10);

/// What was found of a workload before anything is written.
#[derive(Clone, Debug)]
pub struct Sight {
    /// Which one.
    pub workload: Workload,
    /// Whether this request names it, rather than an earlier one.
    pub is_requested: bool,
    /// What will be done to it, or what is so already.
    pub says: String,
    /// Whether there is nothing left to do.
    pub is_done: bool,
}

/// Looks at the workloads that a request names, and at those that the connection is in. What keeps a named one from
/// taking the connection in ends the request; an earlier one is left as it is.
pub async fn look(
    cluster: &Cluster,
    request: &CreateRequest,
    siblings: &[ServiceConnection],
) -> Result<Vec<Sight>> {
    let noted = noted(request, siblings);
    let mut sights = Vec::new();
    for workload in &request.binding.workloads {
        let seen = see(cluster, request, siblings, workload, true).await?;
        sights.push(Sight { is_done: seen.is_done && noted.contains(workload), ..seen });
    }
    for workload in noted.iter().filter(|workload| !request.binding.workloads.contains(workload)) {
        let seen = see(cluster, request, siblings, workload, false).await;
        sights.push(seen.unwrap_or_else(|failure| Sight {
            workload: workload.clone(),
            is_requested: false,
            says: format!("{workload} is left as it is ({})", failure.message),
            is_done: true,
        }));
    }
    Ok(sights)
}

async fn see(
    cluster: &Cluster,
    request: &CreateRequest,
    siblings: &[ServiceConnection],
    workload: &Workload,
    is_requested: bool,
) -> Result<Sight> {
    let live = existing(cluster, &request.namespace, workload).await?;
    let bound = wished(request, siblings, is_requested, |wish| bind(&Live::new(workload, &live), wish))?;
    if bound.change.is_some() {
        cluster.require_workload_change(&request.namespace, workload).await?;
    }
    Ok(Sight { workload: workload.clone(), is_requested, says: bound.says, is_done: bound.change.is_none() })
}

/// Puts a stored connection into the workloads that were looked at.
pub async fn bind_all(
    cluster: &Cluster,
    request: &CreateRequest,
    sights: &[Sight],
    limit: Duration,
) -> Result<()> {
    note(cluster, request, limit).await?;
    for Sight { workload, is_requested, .. } in sights.iter().filter(|sight| !sight.is_done) {
        with_retry(limit, || async {
            let live = existing(cluster, &request.namespace, workload).await?;
            // After the workload: whatever came into it since the plan was made is among the connections by now.
            let siblings = cluster.connections(Some(&request.namespace)).await?;
            let bound =
                wished(request, &siblings, *is_requested, |wish| bind(&Live::new(workload, &live), wish))?;
            match bound.change {
                Some(change) => cluster.apply_workload(&request.namespace, workload, &change).await.map(drop),
                None => Ok(()),
            }
        })
        .await?;
    }
    Ok(())
}

/// What became of a workload that a connection was in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Released {
    /// Nothing of the connection is in it any more.
    Out(Workload),
    /// It still names the Secret, because somebody else's list says so.
    Kept {
        /// The workload.
        workload: Workload,
        /// Whose the list is.
        owners: Vec<String>,
    },
}

/// Takes a connection out of the workloads it is in. One that is gone has nothing to let go.
pub async fn release_all(cluster: &Cluster, connection: &ServiceConnection) -> Result<Vec<Released>> {
    let (workloads, namespace) = (connection.workloads(), connection.home()?);
    if workloads.is_empty() {
        return Ok(Vec::new());
    }
    let secret = connection.given_name()?.secret_name();
    let siblings = cluster.connections(Some(&namespace)).await?;
    let others = others(&siblings, connection.object_name()?.as_str());
    let mut released = Vec::new();
    for workload in workloads {
        let letting_go = with_retry(PATIENCE, || release(cluster, &namespace, &workload, &secret, &others));
        let owners = letting_go.await.map_err(|failure| or_by_kubectl(failure, connection))?;
        released.extend(owners.map(|owners| match owners.is_empty() {
            true => Released::Out(workload.clone()),
            false => Released::Kept { workload: workload.clone(), owners },
        }));
    }
    Ok(released)
}

/// Takes a connection out of one workload; who keeps it there. `None` where the workload is gone.
async fn release(
    cluster: &Cluster,
    namespace: &Namespace,
    workload: &Workload,
    secret: &ObjectName,
    others: &[Needs],
) -> Result<Option<Vec<String>>> {
    let Some(mut live) = cluster.workload(namespace, workload).await? else { return Ok(None) };
    let unbound = unbind(&Live::new(workload, &live), secret.as_str(), others);
    if let Some(change) = &unbound.change {
        live = cluster.apply_workload(namespace, workload, change).await?;
    }
    let live = Live::new(workload, &live);
    if let Some(owners) = handed_back(&live) {
        cluster.write_workload_owners(namespace, workload, live.version(), &owners).await?;
    }
    Ok(Some(unbound.kept_by))
}

/// Adds the requested workloads to the connection's annotation.
async fn note(cluster: &Cluster, request: &CreateRequest, limit: Duration) -> Result<()> {
    let object = request.name.object_name();
    with_retry(limit, || async {
        let connection = cluster.connection(&request.namespace, &object).await?.ok_or_else(|| {
            Failure::new(
                FailureCode::ConnectionNotFound,
                format!("connection `{}` was deleted meanwhile", request.name),
            )
        })?;
        let mut workloads = connection.workloads();
        let before = workloads.len();
        let missing = |workload: &&Workload| !connection.workloads().contains(workload);
        workloads.extend(request.binding.workloads.iter().filter(missing).cloned());
        if workloads.len() == before {
            return Ok(());
        }
        cluster.note_workloads(&request.namespace, &connection, &workloads).await
    })
    .await
}

fn noted(request: &CreateRequest, siblings: &[ServiceConnection]) -> Vec<Workload> {
    let object = request.name.object_name();
    let itself = siblings.iter().find(|sibling| sibling.metadata.name.as_deref() == Some(object.as_str()));
    itself.map(ServiceConnection::workloads).unwrap_or_default()
}

/// Has something decided about what a request wishes for a workload.
fn wished<T>(
    request: &CreateRequest,
    siblings: &[ServiceConnection],
    is_requested: bool,
    decide: impl FnOnce(&Wish<'_>) -> T,
) -> T {
    let needs = Needs {
        connection: request.name.to_string(),
        secret: request.name.secret_name().to_string(),
        account: account(&request.spec),
    };
    let reach = match (is_requested, &request.binding.container) {
        (true, None) => Reach::All,
        (true, Some(name)) => Reach::One(name),
        (false, _) => Reach::Kept,
    };
    let others = others(siblings, request.name.object_name().as_str());
    decide(&Wish { needs: &needs, others: &others, reach, conflicts: request.binding.conflicts })
}

/// What the other connections of the namespace need.
fn others(siblings: &[ServiceConnection], object: &str) -> Vec<Needs> {
    let is_other = |sibling: &&ServiceConnection| sibling.metadata.name.as_deref() != Some(object);
    siblings.iter().filter(is_other).filter_map(Needs::of).collect()
}

async fn existing(cluster: &Cluster, namespace: &Namespace, workload: &Workload) -> Result<Value> {
    cluster.workload(namespace, workload).await?.ok_or_else(|| {
        let plural = workload.kind.plural();
        Failure::new(FailureCode::WorkloadNotFound, format!("namespace `{namespace}` has no {workload}"))
            .remedied_by(format!(
                "`kubectl get {plural} -n {namespace}` shows what there is; -n chooses another namespace."
            ))
    })
}

/// Who may not change the workload can still end the connection.
fn or_by_kubectl(failure: Failure, connection: &ServiceConnection) -> Failure {
    if failure.code != FailureCode::NotPermitted {
        return failure;
    }
    let object = connection.metadata.name.clone().unwrap_or_default();
    let remedy = format!(
        "{} Or leave the workload as it is: `kubectl delete serviceconnection {object} -n {}`.",
        failure.remedy,
        connection.metadata.namespace.clone().unwrap_or_default()
    );
    failure.remedied_by(remedy)
}
