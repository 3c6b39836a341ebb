//! The one place for names: where the extension lives, and the labels and annotations its objects carry.
//!
//! Names that begin with `sc-` are fixed by the original product.

use crate::name::{Namespace, ObjectName};

/// The namespace of the extension.
pub const SYSTEM_NAMESPACE: &str = "sc-system";
/// The Helm release of the extension.
pub const RELEASE: &str = "sc-extension";
/// The Job that writes into the workloads' namespaces.
pub const JOB: &str = "sc-job";
/// The operator's Deployment.
pub const OPERATOR: &str = "sc-operator";
/// The API group of the custom resource.
pub const GROUP: &str = "serviceconnector.dev";
/// The custom resource definition's name.
pub const CRD: &str = "serviceconnections.serviceconnector.dev";

/// Label that says what an object is to the connector; see the `ROLE_` values.
pub const ROLE: &str = "serviceconnector.dev/role";
/// [`ROLE`] of the Secret that a workload consumes.
pub const ROLE_BINDING: &str = "binding";
/// [`ROLE`] of the Secret in sc-system that keeps a connection's secret inputs.
pub const ROLE_PAYLOAD: &str = "payload";
/// [`ROLE`] that a person may give the Secret a `secretRef` names, so that its rotation is carried on within seconds.
pub const ROLE_INPUT: &str = "input";
/// [`ROLE`] of the ServiceAccount of an identity.
pub const ROLE_IDENTITY: &str = "identity";
/// [`ROLE`] of the pod that validates a connection.
pub const ROLE_PROBE: &str = "probe";
/// Label with the name of the connection's custom resource.
pub const CONNECTION: &str = "serviceconnector.dev/connection";
/// Label on a payload with the connection's namespace.
pub const CONNECTION_NAMESPACE: &str = "serviceconnector.dev/connection-namespace";
/// Annotation with the connection's name as the person gave it.
pub const GIVEN_NAME: &str = "serviceconnector.dev/connection-name";
/// Annotation with the keys the connector wrote into a Secret, so that drift is seen from metadata alone.
pub const KEYS: &str = "serviceconnector.dev/keys";
/// Annotation on a connection that asks sc-job to look at it again; any new value does. `sc` writes the time of its request.
pub const REQUEST: &str = "serviceconnector.dev/requested-at";
/// Annotation on a connection that lists the workloads it was put into: `deployment/web,cronjob/report`.
pub const WORKLOADS: &str = "serviceconnector.dev/workloads";
/// Label of Kubernetes' own that says who manages an object.
pub const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
/// The value of [`MANAGED_BY`].
pub const MANAGER: &str = "service-connector";

/// Field manager of server-side apply for what sc-job writes.
pub const JOB_FIELD_MANAGER: &str = "sc-job";
/// Field manager for what a person's request writes: the custom resource and the payload.
pub const REQUEST_FIELD_MANAGER: &str = "sc";
/// Field manager for the outcome of a validation.
pub const VALIDATION_FIELD_MANAGER: &str = "sc-validate";

/// Field manager for what all connections of a namespace put into its workloads, and for the annotation that lists them.
pub const WORKLOAD_FIELD_MANAGER: &str = "sc-workload";

/// Label that Azure's workload identity webhook looks for on a pod; its value is `true`.
pub const WORKLOAD_IDENTITY_USE: &str = "azure.workload.identity/use";
/// Annotation that Azure's workload identity webhook reads on a ServiceAccount.
pub const WORKLOAD_IDENTITY_CLIENT: &str = "azure.workload.identity/client-id";
/// Annotation that Azure's workload identity webhook reads on a ServiceAccount.
pub const WORKLOAD_IDENTITY_TENANT: &str = "azure.workload.identity/tenant-id";

/// The name of the payload Secret of a connection. A namespace holds no `.`, so no two connections share one.
pub fn payload_name(namespace: &Namespace, connection: &ObjectName) -> String {
    format!("sc-payload.{namespace}.{connection}")
}

/// The name of the ServiceAccount that connections of one identity share.
pub fn service_account_name(client_id: &str) -> String {
    format!("sc-account-{client_id}")
}
