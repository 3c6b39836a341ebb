//! The extension as it stands in the cluster: its release, its operator, its last sc-job, its image.

use std::time::Duration;

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{ConfigMap, Namespace as NamespaceObject, Secret};
use kube::api::{DeleteParams, ListParams, Patch, PatchParams, PostParams};
use kube::{Api, ResourceExt as _};
use sc_model::{Failure, FailureCode, Result, places};
use serde_json::json;

use crate::access::Cluster;
use crate::connections::gone_is_fine;
use crate::failure::Doing as _;
use crate::wait::until;

/// The newest revision of the extension's Helm release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// Helm's revision number.
    pub revision: u32,
    /// Helm's word for its state: `deployed`, `failed`, `pending-install`, `pending-upgrade`, `uninstalling`, ….
    pub status: String,
    /// Whether this or an earlier revision was put in to the end.
    pub was_deployed: bool,
}

impl Release {
    /// Whether Helm is at work on it, or was cut off.
    pub fn is_pending(&self) -> bool {
        self.status.starts_with("pending-") || self.status == "uninstalling"
    }
}

/// How the last sc-job stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobState {
    /// It isn't there: nothing to do, or it succeeded and was removed.
    Absent,
    /// It runs or waits to run.
    Running,
    /// It succeeded and is about to be removed.
    Succeeded,
    /// It failed and was kept.
    Failed {
        /// Kubernetes' reason and message.
        cause: String,
    },
}

/// The state that a Job's conditions tell.
pub fn job_state(job: &Job) -> JobState {
    let conditions = job.status.iter().flat_map(|status| status.conditions.iter().flatten());
    for condition in conditions.filter(|condition| condition.status == "True") {
        match condition.type_.as_str() {
            "Complete" => return JobState::Succeeded,
            "Failed" => {
                let parts = [condition.reason.clone(), condition.message.clone()];
                return JobState::Failed {
                    cause: parts.into_iter().flatten().collect::<Vec<_>>().join(": "),
                };
            }
            _ => {}
        }
    }
    JobState::Running
}

impl Cluster {
    /// The Jobs of the extension's namespace.
    pub fn jobs(&self) -> Api<Job> {
        Api::namespaced(self.client.clone(), places::SYSTEM_NAMESPACE)
    }

    /// Whether the custom resource is served. Everybody who may sign in to the cluster may ask this.
    pub async fn serves_connections(&self) -> Result<bool> {
        let group = format!("{}/v1alpha1", places::GROUP);
        match self.client.list_api_group_resources(&group).await {
            Ok(list) => Ok(list.resources.iter().any(|resource| resource.name == "serviceconnections")),
            Err(kube::Error::Api(status)) if status.code == 404 => Ok(false),
            Err(error) => Err(error).doing("ask the API server whether it knows connections"),
        }
    }

    /// The newest revision of the release, from the labels that Helm keeps on its Secrets.
    pub async fn release(&self) -> Result<Option<Release>> {
        let secrets: Api<Secret> = Api::namespaced(self.client.clone(), places::SYSTEM_NAMESPACE);
        let parameters = ListParams::default().labels(&format!("owner=helm,name={}", places::RELEASE));
        let list = secrets
            .list_metadata(&parameters)
            .await
            .doing("read the state of the Helm release `sc-extension`")?;
        let releases = list.items.iter().filter_map(|secret| {
            let label = |key: &str| secret.labels().get(key).cloned();
            let (revision, status) = (label("version")?.parse().ok()?, label("status")?);
            let was_deployed = ["deployed", "superseded"].contains(&status.as_str());
            Some(Release { revision, status, was_deployed })
        });
        let releases: Vec<_> = releases.collect();
        let was_deployed = releases.iter().any(|release| release.was_deployed);
        Ok(releases
            .into_iter()
            .max_by_key(|release| release.revision)
            .map(|newest| Release { was_deployed, ..newest }))
    }

    /// Makes the extension's namespace, with the Pod Security standard that its pods pass.
    pub async fn ensure_system_namespace(&self) -> Result<()> {
        let namespaces: Api<NamespaceObject> = Api::all(self.client.clone());
        let object = json!({
            "apiVersion": "v1", "kind": "Namespace",
            "metadata": {"name": places::SYSTEM_NAMESPACE, "labels": {
                "pod-security.kubernetes.io/enforce": "restricted",
                places::MANAGED_BY: places::MANAGER,
            }},
        });
        let parameters = PatchParams::apply(places::REQUEST_FIELD_MANAGER).force();
        let answer =
            namespaces.patch_metadata(places::SYSTEM_NAMESPACE, &parameters, &Patch::Apply(&object)).await;
        answer.doing("make the namespace `sc-system`").map(drop)
    }

    /// The operator's Deployment.
    pub async fn operator(&self) -> Result<Option<Deployment>> {
        let deployments: Api<Deployment> = Api::namespaced(self.client.clone(), places::SYSTEM_NAMESPACE);
        deployments.get_opt(places::OPERATOR).await.doing("look at the operator")
    }

    /// Waits until the operator is ready in its current version.
    pub async fn await_operator(&self, limit: Duration) -> Result<()> {
        let deployments: Api<Deployment> = Api::namespaced(self.client.clone(), places::SYSTEM_NAMESPACE);
        let is_ready = |operator: Option<&Deployment>| {
            let Some(status) = operator.and_then(|operator| operator.status.as_ref()) else { return false };
            let generation = operator.and_then(|operator| operator.metadata.generation);
            status.observed_generation == generation
                && status.ready_replicas == Some(1)
                && status.updated_replicas == Some(1)
        };
        until(deployments, places::OPERATOR, is_ready, limit, "the operator").await.map(drop)
    }

    /// The image of the installed extension and its pull policy; every signed-in user may read them.
    pub async fn extension_image(&self) -> Result<(String, String)> {
        let maps: Api<ConfigMap> = Api::namespaced(self.client.clone(), places::SYSTEM_NAMESPACE);
        let map = maps.get_opt(places::RELEASE).await.doing("read which image the extension has")?;
        let data = map.and_then(|map| map.data).unwrap_or_default();
        match (data.get("image"), data.get("imagePullPolicy")) {
            (Some(image), Some(policy)) => Ok((image.clone(), policy.clone())),
            _ => Err(Failure::new(FailureCode::ExtensionNotInstalled, "the extension isn't installed")
                .because("the ConfigMap `sc-extension` of namespace `sc-system` isn't there")),
        }
    }

    /// The last sc-job.
    pub async fn job(&self) -> Result<Option<Job>> {
        self.jobs().get_opt(places::JOB).await.doing("look at sc-job")
    }

    /// Starts sc-job. `false` when there is one already.
    pub async fn start_job(&self, job: &Job) -> Result<bool> {
        match self.jobs().create(&PostParams::default(), job).await {
            Err(kube::Error::Api(status)) if status.reason == "AlreadyExists" => Ok(false),
            answer => answer.doing("start sc-job").map(|_| true),
        }
    }

    /// Removes an ended sc-job and its pod.
    pub async fn remove_job(&self) -> Result<bool> {
        gone_is_fine(self.jobs().delete(places::JOB, &DeleteParams::background()).await)
            .doing("remove the ended sc-job")
    }
}
