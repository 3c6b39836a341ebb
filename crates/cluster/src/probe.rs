//! The pod that validates a connection in the workload's shoes: its namespace, its ServiceAccount, its Secret.

use std::time::Duration;

use k8s_openapi::api::core::v1::{ContainerStateTerminated, Pod};
use kube::Api;
use kube::api::{DeleteParams, PostParams};
use sc_model::{Failure, FailureCode, Namespace, ObjectName, Report, Result, ServiceConnectionSpec, places};
use serde_json::json;

use crate::access::Cluster;
use crate::connections::gone_is_fine;
use crate::failure::Doing as _;
use crate::pods::obstacle_of;
use crate::wait::until;

/// The environment variable that tells the probe what the connection says. Nothing in it is secret.
pub const SPECIFICATION: &str = "SC_CONNECTION_SPEC";

/// What the probe's pod is made from.
#[derive(Clone, Debug)]
pub struct ProbeRequest {
    /// The workload's namespace.
    pub namespace: Namespace,
    /// The connection's object name.
    pub connection: ObjectName,
    /// What the connection says.
    pub spec: ServiceConnectionSpec,
    /// The Secret that the workload consumes.
    pub secret: String,
    /// The ServiceAccount that the workload runs as, for workload identity.
    pub service_account: Option<String>,
}

impl Cluster {
    /// Runs the probe and reads its report. The pod is removed afterwards; one left by a run that was cut off is too.
    pub async fn run_probe(&self, request: &ProbeRequest, limit: Duration) -> Result<Report> {
        let (image, policy) = self.extension_image().await?;
        let pods: Api<Pod> = Api::namespaced(self.client.clone(), request.namespace.as_str());
        let pod = probe_pod(request, &image, &policy, limit)?;
        let name = pod.metadata.name.clone().unwrap_or_default();
        let now = DeleteParams::default().grace_period(0);
        let doing = format!("run the probe's pod in namespace `{}`", request.namespace);
        if gone_is_fine(pods.delete(&name, &now).await).doing(&doing)? {
            let left = format!("the probe's pod `{name}` of an earlier run");
            until(pods.clone(), &name, |pod| pod.is_none(), limit, &left).await?;
        }
        pods.create(&PostParams::default(), &pod).await.doing(&doing)?;
        let waiting = format!("the probe's pod `{name}` in namespace `{}`", request.namespace);
        let ended = until(pods.clone(), &name, |pod| pod.is_none_or(is_settled), limit, &waiting).await;
        let outcome = match ended {
            Ok(Some(pod)) => report_of(&pod),
            Ok(None) => Err(failed("somebody deleted its pod")),
            Err(failure) if failure.code == FailureCode::TimedOut => {
                Err(self.why_late(&pods, &name).await.unwrap_or(failure))
            }
            Err(failure) => Err(failure),
        };
        gone_is_fine(pods.delete(&name, &now).await).doing("remove the probe's pod")?;
        outcome
    }

    async fn why_late(&self, pods: &Api<Pod>, name: &str) -> Option<Failure> {
        let pod = pods.get_opt(name).await.ok()??;
        obstacle_of(&pod).map(|obstacle| obstacle.failure)
    }
}

fn probe_pod(request: &ProbeRequest, image: &str, policy: &str, limit: Duration) -> Result<Pod> {
    let spec = serde_json::to_string(&request.spec)
        .map_err(|error| Failure::local("can't write down the connection", error))?;
    let account = request.service_account.clone();
    let pod = json!({
        "metadata": {
            "name": format!("sc-probe-{}", request.connection),
            "labels": {
                places::MANAGED_BY: places::MANAGER,
                places::ROLE: places::ROLE_PROBE,
                places::CONNECTION: request.connection,
                places::WORKLOAD_IDENTITY_USE: account.is_some().to_string(),
            },
        },
        "spec": {
            "restartPolicy": "Never",
            "activeDeadlineSeconds": limit.as_secs().max(1),
            "terminationGracePeriodSeconds": 1,
            "serviceAccountName": account,
            "automountServiceAccountToken": false,
            "enableServiceLinks": false,
            "securityContext": {
                "runAsNonRoot": true, "runAsUser": 65532, "runAsGroup": 65532, "seccompProfile": {"type": "RuntimeDefault"},
            },
            "containers": [{
                "name": "probe",
                "image": image,
                "imagePullPolicy": policy,
                "args": ["probe"],
                "env": [{"name": SPECIFICATION, "value": spec}],
                "envFrom": [{"secretRef": {"name": request.secret}}],
                "resources": {"requests": {"cpu": "10m", "memory": "16Mi"}, "limits": {"cpu": "500m", "memory": "64Mi"}},
                "securityContext": {
                    "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "capabilities": {"drop": ["ALL"]},
                },
            }],
        },
    });
    serde_json::from_value(pod).map_err(|error| Failure::local("can't build the probe's pod", error))
}

fn terminated(pod: &Pod) -> Option<&ContainerStateTerminated> {
    let container = pod.status.as_ref()?.container_statuses.as_ref()?.first()?;
    container.state.as_ref()?.terminated.as_ref()
}

fn is_settled(pod: &Pod) -> bool {
    terminated(pod).is_some()
        || phase(pod) == "Failed"
        || obstacle_of(pod).is_some_and(|obstacle| obstacle.is_final)
}

fn phase(pod: &Pod) -> &str {
    pod.status.as_ref().and_then(|status| status.phase.as_deref()).unwrap_or_default()
}

/// The probe leaves its report as its termination message: no log needs to be read for it.
fn report_of(pod: &Pod) -> Result<Report> {
    if let Some(obstacle) = obstacle_of(pod) {
        return Err(obstacle.failure);
    }
    let Some(ended) = terminated(pod) else {
        let status = pod.status.as_ref();
        let reason = status.and_then(|status| status.message.clone().or_else(|| status.reason.clone()));
        return Err(failed(&reason.unwrap_or_else(|| "its pod ended without a word".to_owned())));
    };
    let message = ended.message.as_deref().unwrap_or_default();
    serde_json::from_str(message).map_err(|_| {
        let said = if message.is_empty() { "nothing" } else { message };
        failed(&format!("its pod ended with exit code {} and said: {said}", ended.exit_code))
    })
}

fn failed(cause: &str) -> Failure {
    Failure::new(FailureCode::ProbeFailed, "the validation couldn't run").because(cause)
}
