//! The closed sets a request chooses from: auth types and client types, and the name of a target service.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::failure::{Failure, FailureCode};

/// Declares an enum together with the names it has on the command line, in the custom resource and in the catalog.
macro_rules! named_set {
    ($(#[$meta:meta])* $set:ident, $what:literal { $($(#[$variant_meta:meta])* $variant:ident = $name:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        pub enum $set { $($(#[$variant_meta])* #[serde(rename = $name)] $variant,)+ }

        impl $set {
            /// Every member, in the order it is shown to people.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The name a person writes.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }
        }

        impl fmt::Display for $set {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result { formatter.pad(self.name()) }
        }

        impl FromStr for $set {
            type Err = Failure;

            fn from_str(given: &str) -> Result<Self, Failure> {
                Self::ALL.iter().copied().find(|member| member.name().eq_ignore_ascii_case(given)).ok_or_else(|| {
                    let known: Vec<_> = Self::ALL.iter().map(|member| member.name()).collect();
                    Failure::new(FailureCode::InvalidOption, format!("`{given}` is not {}", $what))
                        .because(format!("it has to be one of: {}", known.join(", ")))
                })
            }
        }
    };
}

named_set! {
    /// How the workload proves who it is to the target.
    AuthType, "an auth type" {
        /// A password, key or connection string (the original's "Connection String").
        Secret = "secret",
        /// A service principal's client id and secret.
        ServicePrincipal = "service-principal",
        /// A Kubernetes ServiceAccount federated with a managed identity.
        WorkloadIdentity = "workload-identity",
        /// The identity of the cluster's Secrets Store CSI driver add-on, which mounts the secrets of a vault.
        Csi = "csi",
        /// The identity that Azure gives a web app or a function. Workloads of a cluster have none; the catalog knows it for
        /// other sources.
        SystemManagedIdentity = "system-managed-identity",
    }
}

named_set! {
    /// A part of a connection that the person takes care of. Names as in `az aks connection --opt-out`.
    OptOut, "something to opt out of" {
        /// Sign-in: no ServiceAccount is made and no role is given. The variables are written all the same.
        Auth = "auth",
        /// The variables: no Secret is written.
        ConfigInfo = "configinfo",
        /// The network: the target's firewall isn't opened.
        PublicNetwork = "publicnetwork",
    }
}

named_set! {
    /// The language or framework whose variables the workload reads. Names as in `az aks connection --client-type`.
    #[derive(Default)]
    ClientType, "a client type" {
        /// No client: the values one by one. What `az` takes when the option is left out for a cluster.
        #[default]
        None = "none",
        /// .NET.
        Dotnet = "dotnet",
        /// Java with JDBC.
        Java = "java",
        /// Python.
        Python = "python",
        /// Node.js.
        Nodejs = "nodejs",
        /// Go.
        Go = "go",
        /// PHP.
        Php = "php",
        /// Ruby.
        Ruby = "ruby",
        /// Spring Boot.
        SpringBoot = "springBoot",
        /// Spring Boot with the Kafka binder.
        KafkaSpringBoot = "kafka-springBoot",
        /// Django.
        Django = "django",
    }
}

/// The name of a target service, as the catalog's file is called: `postgres-flexible`, `storage-blob`, ….
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct ServiceName(
    #[schemars(length(min = 1, max = 63), regex(pattern = r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"))] String,
);

impl ServiceName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ServiceName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

impl FromStr for ServiceName {
    type Err = Failure;

    fn from_str(given: &str) -> Result<Self, Failure> {
        crate::name::check_label(given, "target service name").map(Self)
    }
}
