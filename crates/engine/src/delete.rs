//! Deleting a connection. The Secret that workloads read stays.

use sc_cluster::Cluster;
use sc_model::{Failure, FailureCode, Namespace, ObjectName, Result, places};

use crate::workload::{Released, release_all};

/// What a delete removed and what it left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deleted {
    /// The connection's name as given.
    pub name: String,
    /// The Secret in the workload's namespace, which stays. `None` where the person took care of the variables.
    pub secret_left: Option<String>,
    /// The ServiceAccount, which stays as well.
    pub service_account_left: Option<String>,
    /// The workloads it was in.
    pub workloads: Vec<Released>,
}

/// Removes a connection and its secret input. First it goes out of its workloads, while it still says which these are.
pub async fn delete(cluster: &Cluster, namespace: &Namespace, object: &ObjectName) -> Result<Deleted> {
    let connection = find(cluster, namespace, object).await?;
    let name = connection.given_name()?;
    let workloads = release_all(cluster, &connection).await?;
    cluster.delete_connection(namespace, object).await?;
    if connection.spec.auth.secret_ref.is_none() {
        cluster.delete_payload(&places::payload_name(namespace, object)).await?;
    }
    let service_account_left =
        connection.status.as_ref().and_then(|status| status.service_account_name.clone());
    let has_variables = !connection.spec.opt_out.leave_out_variables();
    Ok(Deleted {
        secret_left: has_variables.then(|| name.secret_name().to_string()),
        name: name.to_string(),
        service_account_left,
        workloads,
    })
}

/// A connection that has to be there.
pub async fn find(
    cluster: &Cluster,
    namespace: &Namespace,
    object: &ObjectName,
) -> Result<sc_model::ServiceConnection> {
    match cluster.connection(namespace, object).await? {
        Some(connection) => Ok(connection),
        None if !cluster.serves_connections().await? => {
            Err(Failure::new(FailureCode::ExtensionNotInstalled, "the extension isn't in the cluster")
                .because("without it there are no connections"))
        }
        None => Err(Failure::new(
            FailureCode::ConnectionNotFound,
            format!("namespace `{namespace}` has no connection `{object}`"),
        )),
    }
}
