//! The cluster that is measured, and a client that reaches it.

use std::path::Path;
use std::process::{Command, Stdio};

use k8s_openapi::api::core::v1::Namespace;
use kube::api::{Patch, PatchParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Api, Client, Config};
use sc_testbed::{Cluster, Lines, Speed};
use serde_json::json;

use crate::Result;

/// The field manager of what the benchmark itself writes.
pub(crate) const MANAGER: &str = "sc-bench";
/// The namespace of the measured connections.
pub(crate) const NAMESPACE: &str = "bench";

/// A full node of its own, with `sc` of the release profile on it.
pub(crate) struct Bench {
    cluster: Cluster,
    image: String,
}

impl Bench {
    pub(crate) fn up(binary: &Path) -> Result<Self> {
        Cluster::prepare(&Lines)?;
        let cluster = Cluster::up_telling("bench", Speed::FullNode, &Lines)?;
        let image = cluster.load_image(binary)?;
        cluster.enter_network()?;
        Ok(Self { cluster, image })
    }

    pub(crate) fn down(self) -> Result<()> {
        Ok(self.cluster.down()?)
    }

    /// Runs the measurements on this thread, which is in the cluster's network.
    pub(crate) fn run<T>(&self, measure: impl AsyncFnOnce(&Self) -> Result<T>) -> Result<T> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(measure(self))
    }

    pub(crate) async fn client(&self) -> Result<Client> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let kubeconfig = Kubeconfig::read_from(self.cluster.kubeconfig())?;
        let config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await?;
        Ok(Client::try_from(config)?)
    }

    pub(crate) async fn make_namespace(&self) -> Result<()> {
        let namespaces: Api<Namespace> = Api::all(self.client().await?);
        let object = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}});
        namespaces.patch(NAMESPACE, &PatchParams::apply(MANAGER), &Patch::Apply(object)).await?;
        Ok(())
    }

    /// `sc` with arguments, as a person calls it, its output dropped.
    pub(crate) fn sc(&self, arguments: &[&str]) -> tokio::process::Command {
        let mut command: Command = self.cluster.command("sc");
        command.args(arguments).env("SC_IMAGE", &self.image);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        command.into()
    }

    /// Runs `sc` to its end.
    pub(crate) async fn sc_succeeds(&self, arguments: &[&str]) -> Result<()> {
        let output = self.sc(arguments).output().await?;
        if output.status.success() {
            Ok(())
        } else {
            Err(format!("sc {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr)).into())
        }
    }
}
