//! Reaching a cluster: by kubeconfig for people, by the pod's own ServiceAccount for the extension.

use std::path::PathBuf;
use std::time::Duration;

use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use sc_model::{Failure, FailureCode, Result};

use crate::failure::Doing as _;

/// How long opening a connection to the API server may take, TLS included: as long as kubectl waits for the handshake. An API
/// server that has hardly a processor left gets there, and an address where nothing answers is told within a person's patience.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// Which cluster a person means; the habits of kubectl.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// `--kubeconfig`; else `$KUBECONFIG`, else `~/.kube/config`.
    pub kubeconfig: Option<PathBuf>,
    /// `--context`; else the kubeconfig's current one.
    pub context: Option<String>,
}

/// A connected cluster. Cheap to clone.
#[derive(Clone)]
pub struct Cluster {
    pub(crate) client: Client,
    /// What Helm has to be told so that it reaches the same cluster.
    access: Access,
    /// The namespace of the kubeconfig's context.
    default_namespace: String,
}

impl Cluster {
    /// Connects as a person does. Makes no request yet.
    pub async fn connect(access: Access) -> Result<Self> {
        let unusable = |error: &dyn std::error::Error| {
            Failure::new(FailureCode::KubeconfigInvalid, "the kubeconfig can't be used")
                .because(crate::failure::chain(error))
        };
        let options = KubeConfigOptions { context: access.context.clone(), ..Default::default() };
        let config = match &access.kubeconfig {
            Some(path) => {
                let file = Kubeconfig::read_from(path).map_err(|error| unusable(&error))?;
                Config::from_custom_kubeconfig(file, &options).await.map_err(|error| unusable(&error))?
            }
            None => Config::from_kubeconfig(&options).await.map_err(|error| unusable(&error))?,
        };
        Self::from_config(config, access)
    }

    /// Connects as the ServiceAccount of the pod this runs in.
    pub fn in_cluster() -> Result<Self> {
        let config = Config::incluster().map_err(|error| {
            Failure::new(FailureCode::KubeconfigInvalid, "this doesn't run in a pod with a ServiceAccount")
                .because(error)
        })?;
        Self::from_config(config, Access::default())
    }

    fn from_config(mut config: Config, access: Access) -> Result<Self> {
        // One TLS provider in the whole binary; a second installation is no harm.
        let _ = rustls::crypto::ring::default_provider().install_default();
        config.connect_timeout = Some(CONNECT_LIMIT);
        let default_namespace = config.default_namespace.clone();
        let client = Client::try_from(config).doing("prepare the connection to the API server")?;
        Ok(Self { client, access, default_namespace })
    }

    /// The client itself, for watches.
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// How it was reached, for Helm to reach the same.
    pub fn access(&self) -> &Access {
        &self.access
    }

    /// The namespace that the kubeconfig's context names, else `default`.
    pub fn default_namespace(&self) -> &str {
        &self.default_namespace
    }

    /// The API server's version, as `kubectl version` shows it. The cheapest request that shows it is there.
    pub async fn version(&self) -> Result<String> {
        let version = self.client.apiserver_version().await.doing("ask the API server for its version")?;
        Ok(version.git_version)
    }
}
