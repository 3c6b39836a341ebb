//! What a file of the catalog says besides its variables: who may connect to the service, and what Azure and servicebinding.io
//! call it. Shared with the build script, as `file` is.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::AuthType;
use crate::template::Template;

/// What servicebinding.io calls a service: the keys `type` and `provider` of a Secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BindingKind {
    /// The kind of service: `postgresql`, `redis`.
    pub(crate) r#type: String,
    /// Who provides it: `azure`. Left out where nobody in particular does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) provider: Option<String>,
}

/// A second connection that one request makes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Companion {
    /// The other service. Its own parameters and its secret are options of the same command.
    pub(crate) service: String,
    /// What follows the given name in the second connection's; the given name can't end in it.
    pub(crate) suffix: String,
}

/// Who may connect to a service, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sources {
    /// Workloads of a Kubernetes cluster.
    pub(crate) cluster: Offer,
    /// A developer's own machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) local: Option<Offer>,
}

/// The auth types that a source has, and the one it takes if none is given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Offer {
    /// The auth types.
    pub(crate) auth: Vec<SourceAuth>,
    /// The one that is taken if none is given.
    pub(crate) default: SourceAuth,
}

/// An auth type as a source has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum SourceAuth {
    /// A password, key or connection string.
    Secret,
    /// A service principal's client id and secret.
    ServicePrincipal,
    /// A Kubernetes ServiceAccount federated with a managed identity.
    WorkloadIdentity,
    /// The identity of the cluster's Secrets Store CSI driver add-on.
    Csi,
    /// The developer's own Azure account; only a developer's machine has it.
    UserAccount,
}

impl SourceAuth {
    /// Its name in the catalog.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Secret => "secret",
            Self::ServicePrincipal => "service-principal",
            Self::WorkloadIdentity => "workload-identity",
            Self::Csi => "csi",
            Self::UserAccount => "user-account",
        }
    }

    /// The auth type of a connection; `None` for what no cluster has.
    pub(crate) fn auth_type(self) -> Option<AuthType> {
        match self {
            Self::Secret => Some(AuthType::Secret),
            Self::ServicePrincipal => Some(AuthType::ServicePrincipal),
            Self::WorkloadIdentity => Some(AuthType::WorkloadIdentity),
            Self::Csi => Some(AuthType::Csi),
            Self::UserAccount => None,
        }
    }
}

/// What Azure knows about a service: for those who ask Azure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Azure {
    /// The resource type: `Microsoft.Cache/redis`. Left out where the service is no resource of Azure's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) r#type: Option<String>,
    /// The `kind` of the resource, where several services share a type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) kind: Option<String>,
    /// The resource's id, or what a linker holds in its place. Placeholders are parameters, `{subscription}` and `{resource-group}`.
    pub(crate) id: Template,
    /// The roles that an identity is given if no others are asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) roles: Vec<Role>,
    /// Where the secret comes from if the person doesn't give it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) secret_from: Option<SecretFrom>,
    /// How its network can be opened.
    pub(crate) network: Network,
    /// What is not certain, and what was decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) doubt: Option<String>,
}

/// A role of Azure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Role {
    /// Its name for people.
    pub(crate) name: String,
    /// Its id, a UUID.
    pub(crate) id: String,
}

/// Where a secret comes from in Azure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SecretFrom {
    /// The operation that gives it: `Microsoft.Cache/redis/listKeys/action`.
    pub(crate) operation: String,
    /// What it gives, in words.
    pub(crate) gives: String,
}

/// How the network of a service can be opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Network {
    /// Its firewall, in words. Left out where it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) firewall: Option<String>,
    /// Whether a virtual network's service endpoint leads to it.
    #[serde(default)]
    pub(crate) service_endpoint: bool,
    /// Whether a private endpoint leads to it.
    #[serde(default)]
    pub(crate) private_endpoint: bool,
}
impl BindingKind {
    /// The kind of service: `postgresql`, `redis`.
    pub fn kind(&self) -> &str {
        &self.r#type
    }

    /// Who provides it: `azure`.
    pub fn provider(&self) -> Option<&str> {
        self.provider.as_deref()
    }
}

impl Companion {
    /// The other service's name.
    pub fn service(&self) -> &str {
        &self.service
    }

    /// What follows the given name in the second connection's.
    pub fn suffix(&self) -> &str {
        &self.suffix
    }
}

impl Azure {
    /// The resource type.
    pub fn resource_type(&self) -> Option<&str> {
        self.r#type.as_deref()
    }

    /// The `kind` of the resource, where several services share a type.
    pub fn kind(&self) -> Option<&str> {
        self.kind.as_deref()
    }

    /// The resource's id, as written in the catalog.
    pub fn id_text(&self) -> String {
        self.id.clone().into()
    }

    /// The roles that an identity is given if no others are asked for: name and id.
    pub fn roles(&self) -> impl Iterator<Item = (&str, &str)> {
        self.roles.iter().map(|Role { name, id }| (name.as_str(), id.as_str()))
    }

    /// The operation that gives the secret.
    pub fn secret_operation(&self) -> Option<&str> {
        self.secret_from.as_ref().map(|SecretFrom { operation, .. }| operation.as_str())
    }

    /// Its firewall in words, and whether service endpoints and private endpoints lead to it.
    pub fn network(&self) -> (Option<&str>, bool, bool) {
        let Network { firewall, service_endpoint, private_endpoint } = &self.network;
        (firewall.as_deref(), *service_endpoint, *private_endpoint)
    }
}
