//! The custom resource `ServiceConnection`: what a person applies, and what sc-job reports back.

#![allow(
    unreachable_pub,
    reason = "the derive of the custom resource gives its generated items the span of the type"
)]
use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::{CustomResource, KubeSchema, ResourceExt};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::failure::{Failure, FailureCode, Result};
use crate::kind::{AuthType, ClientType};
use crate::name::{ConnectionName, Namespace, ObjectName};
use crate::opt_out::OptOuts;

/// Condition type: the Secret in the workload's namespace is what the connection says.
pub const READY: &str = "Ready";
/// Condition type: the last validation reached the target and signed in.
pub const VALID: &str = "Valid";

/// A connection of workloads in this namespace to one backing service.
#[derive(CustomResource, KubeSchema, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[kube(
    group = "serviceconnector.dev",
    version = "v1alpha1",
    kind = "ServiceConnection",
    plural = "serviceconnections",
    shortname = "sconn",
    category = "all",
    // So that implementations of servicebinding.io find that this resource is a Provisioned Service.
    label("servicebinding.io/provisioned-service", "true"),
    namespaced,
    status = "ServiceConnectionStatus",
    derive = "PartialEq",
    printcolumn(name = "Target", type_ = "string", json_path = ".spec.target.service"),
    printcolumn(name = "Client", type_ = "string", json_path = ".spec.clientType"),
    printcolumn(name = "Secret", type_ = "string", json_path = ".status.secretName"),
    printcolumn(name = "Ready", type_ = "string", json_path = ".status.conditions[?(@.type==\"Ready\")].status"),
    printcolumn(name = "Reason", type_ = "string", json_path = ".status.conditions[?(@.type==\"Ready\")].reason"),
    printcolumn(name = "Valid", type_ = "string", json_path = ".status.conditions[?(@.type==\"Valid\")].status"),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
    validation = Rule::new("size(self.metadata.name) <= 63").message("the name of a connection has at most 63 characters")
)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    validation = Rule::new("has(self.connectionName) == has(oldSelf.connectionName) && (!has(self.connectionName) || self.connectionName == oldSelf.connectionName)")
        .message("connectionName can't be changed: it decides the Secret's name; delete the connection and create it again"),
    validation = Rule::new("self.auth.type != 'workload-identity' || (has(self.auth.clientId) && has(self.auth.tenantId)) || (has(self.optOut) && 'auth' in self.optOut && 'configinfo' in self.optOut)")
        .message("workload-identity needs auth.clientId and auth.tenantId")
)]
pub struct ServiceConnectionSpec {
    /// The connection's name as a person says it; left out, it is the object's name. It decides the Secret's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 63), regex(pattern = r"^[A-Za-z0-9._-]+$"))]
    pub connection_name: Option<String>,
    /// The backing service.
    pub target: TargetSpec,
    /// How the workload signs in.
    pub auth: AuthSpec,
    /// The language or framework whose variables the workload reads.
    #[serde(default)]
    pub client_type: ClientType,
    /// How the variables differ from what the catalog gives.
    #[serde(default, skip_serializing_if = "ConfigurationSpec::is_empty")]
    pub configuration: ConfigurationSpec,
    /// What the person takes care of: sign-in, the variables, the network.
    #[serde(default, skip_serializing_if = "OptOuts::is_empty")]
    #[schemars(extend("maxItems" = 3))]
    pub opt_out: OptOuts,
}

/// How the variables of a connection differ from what the catalog gives. Nothing secret.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConfigurationSpec {
    /// Other names for variables, by the name that the catalog gives them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("maxProperties" = 64))]
    pub customized_keys: BTreeMap<String, String>,
    /// Variables of the person's own, by name. Not for secrets: everybody who may read the connection sees them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("maxProperties" = 256))]
    pub additional: BTreeMap<String, String>,
    /// The names of variables of the person's own whose values are secret. They are in the Secret that `auth.secretRef` names,
    /// under these keys; without one, they were stored by `sc connection create`.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    #[schemars(extend("maxItems" = 256))]
    pub additional_secrets: BTreeSet<String>,
    /// What is put at the end of connection strings, by property.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("maxProperties" = 64))]
    pub additional_connection_string_properties: BTreeMap<String, String>,
    /// Adds the keys `type` and `provider`, which servicebinding.io asks for in a Secret that is projected as files.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub service_binding: bool,
}

impl ConfigurationSpec {
    /// Whether the variables are as the catalog gives them.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The backing service of a connection.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TargetSpec {
    /// The kind of service, as `sc connection list-support-types` names it: `postgres-flexible`, `redis`, ….
    #[schemars(length(min = 1, max = 63), regex(pattern = r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"))]
    pub service: String,
    /// What identifies this one: `host`, `port`, `database`, `account`, … as the catalog lists them. Nothing secret.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("maxProperties" = 32))]
    pub parameters: BTreeMap<String, String>,
    /// How the server's certificate is checked when its authority isn't publicly known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<TlsSpec>,
}

/// Trust in the server's certificate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TlsSpec {
    /// Certificates of the authorities that may have signed the server's, PEM. Used by validation in place of the
    /// publicly known ones.
    #[schemars(length(min = 1, max = 65536))]
    pub ca_bundle: String,
}

/// How a workload signs in to the target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuthSpec {
    /// The kind of sign-in.
    #[serde(rename = "type")]
    #[schemars(schema_with = "auth_types_of_clusters")]
    pub auth_type: AuthType,
    /// The user of the target, where it has users.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 256))]
    pub username: Option<String>,
    /// Where the password or key is, in this namespace. Left out, it was stored by `sc connection create`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_ref: Option<SecretKeyReference>,
    /// The client id of the managed identity or service principal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"))]
    pub client_id: Option<String>,
    /// The tenant of the managed identity or service principal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"))]
    pub tenant_id: Option<String>,
    /// The object id of the managed identity, for the few variables that hold it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"))]
    pub principal_id: Option<String>,
}

/// Workloads of a cluster have no system-managed identity, so the API server doesn't take it. A list costs it less than a rule.
fn auth_types_of_clusters(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    let all = AuthType::ALL.iter().filter(|auth| **auth != AuthType::SystemManagedIdentity);
    let names: Vec<_> = all.map(|auth| auth.name()).collect();
    schemars::json_schema!({"description": "The kind of sign-in.", "type": "string", "enum": names})
}

/// One key of a Secret in the connection's namespace.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SecretKeyReference {
    /// The Secret's name.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,
    /// The key in it.
    #[serde(default = "default_secret_key")]
    #[schemars(length(min = 1, max = 253), regex(pattern = r"^[-._a-zA-Z0-9]+$"))]
    pub key: String,
}

/// The key a `secretRef` means when it names none.
fn default_secret_key() -> String {
    "password".to_owned()
}

/// What sc-job saw and did.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ServiceConnectionStatus {
    /// The generation of the specification that this status speaks of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// The request (annotation `serviceconnector.dev/requested-at`) that this status answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_request: Option<String>,
    /// The Secret that the workload names in `envFrom.secretRef`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_name: Option<String>,
    /// The ServiceAccount that the workload names in `serviceAccountName`, for workload identity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_account_name: Option<String>,
    /// The same Secret, in the words of servicebinding.io: this resource is a Provisioned Service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub binding: Option<BindingReference>,
    /// The `resourceVersion` of the Secret that the secret inputs were read from, to see their rotation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_version: Option<String>,
    /// `Ready` and `Valid`; a False one has a failure code as its reason, and cause and remedy in its message.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"]))]
    pub conditions: Vec<Condition>,
}

/// A Secret by name, as servicebinding.io's Provisioned Service asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BindingReference {
    /// The Secret's name.
    pub name: String,
}

impl ServiceConnection {
    /// The name a person gave the connection.
    pub fn given_name(&self) -> Result<ConnectionName> {
        self.spec.connection_name.clone().unwrap_or_else(|| self.name_any()).parse()
    }

    /// The namespace it lives in. Every stored object has one.
    pub fn home(&self) -> Result<Namespace> {
        self.namespace().unwrap_or_default().parse()
    }

    /// The object's own name.
    pub fn object_name(&self) -> Result<ObjectName> {
        self.name_any().parse()
    }

    /// The condition of a type, if it was ever written.
    pub fn condition(&self, kind: &str) -> Option<&Condition> {
        self.status.as_ref()?.conditions.iter().find(|condition| condition.type_ == kind)
    }

    /// The last request to look at it again, if there was one.
    pub fn request(&self) -> Option<&str> {
        self.annotations().get(crate::places::REQUEST).map(String::as_str)
    }

    /// Whether sc-job has dealt with the specification and the request as they stand, successfully or not.
    pub fn is_observed(&self) -> bool {
        let Some(status) = &self.status else { return false };
        status.observed_generation.is_some()
            && status.observed_generation == self.metadata.generation
            && status.observed_request.as_deref() == self.request()
    }

    /// Whether the Secret is in place for the specification as it stands.
    pub fn is_ready(&self) -> bool {
        self.is_observed() && self.condition(READY).is_some_and(|condition| condition.status == "True")
    }

    /// The failure that a False condition tells of.
    pub fn failure(&self, kind: &str) -> Option<Failure> {
        let condition = self.condition(kind).filter(|condition| condition.status == "False")?;
        let code = condition.reason.parse().unwrap_or(FailureCode::JobFailed);
        Some(Failure::new(code, condition.message.clone()))
    }
}

#[cfg(test)]
mod tests {
    use kube::CustomResourceExt;

    use super::*;

    #[test]
    fn the_resource_is_called_what_the_places_say() {
        let crd = ServiceConnection::crd();
        assert_eq!(crd.metadata.name.as_deref(), Some(crate::places::CRD));
        assert_eq!(crd.spec.group, crate::places::GROUP);
    }

    #[test]
    fn a_secret_value_has_no_place_in_the_resource() {
        let inline = serde_json::json!({
            "target": {"service": "redis"}, "auth": {"type": "secret", "password": "canary"}
        });
        let spec: ServiceConnectionSpec = serde_json::from_value(inline).unwrap();
        assert!(!serde_json::to_string(&spec).unwrap().contains("canary"));
    }
}
