//! Why a pod doesn't run, found out from what Kubernetes says of it.

use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{ContainerState, Pod};
use kube::api::{ListParams, LogParams};
use kube::{Api, ResourceExt as _};
use sc_model::{Failure, FailureCode, Result};

use crate::access::Cluster;
use crate::failure::Doing as _;

/// Why a pod doesn't get on, and whether waiting may help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obstacle {
    /// What to tell.
    pub failure: Failure,
    /// The kubelet has tried and will fail again in the same way: waiting longer is of no use.
    pub is_final: bool,
}

impl Cluster {
    /// The first obstacle among the pods of a namespace that match a selector, apart from those of these names. A pod that
    /// is being deleted, or whose Job is gone, waits for its removal only.
    pub async fn obstacle(
        &self,
        namespace: &str,
        selector: &str,
        apart_from: &[String],
    ) -> Result<Option<Obstacle>> {
        let pods: Api<Pod> = Api::namespaced(self.client.clone(), namespace);
        let jobs: Api<Job> = Api::namespaced(self.client.clone(), namespace);
        let doing = format!("look at the pods of namespace `{namespace}`");
        let matching = ListParams::default().labels(selector);
        let (pods, jobs) =
            tokio::try_join!(pods.list(&matching), jobs.list_metadata(&matching)).doing(&doing)?;
        let jobs: Vec<_> = jobs.items.iter().filter_map(|job| job.metadata.uid.as_deref()).collect();
        let matters = |pod: &&Pod| {
            let owners = pod.owner_references().iter();
            let is_left_over =
                owners.into_iter().any(|owner| owner.kind == "Job" && !jobs.contains(&owner.uid.as_str()));
            pod.metadata.deletion_timestamp.is_none()
                && !is_left_over
                && !apart_from.contains(&pod.name_any())
        };
        Ok(pods.items.iter().filter(matters).find_map(obstacle_of))
    }

    /// The names of the pods of a namespace that match a selector.
    pub async fn pod_names(&self, namespace: &str, selector: &str) -> Result<Vec<String>> {
        let pods: Api<Pod> = Api::namespaced(self.client.clone(), namespace);
        let doing = format!("look at the pods of namespace `{namespace}`");
        let list = pods.list_metadata(&ListParams::default().labels(selector)).await.doing(&doing)?;
        Ok(list.items.iter().map(kube::ResourceExt::name_any).collect())
    }

    /// The last lines a pod wrote. Empty where it wrote nothing or nothing can be read any more.
    pub async fn last_lines(&self, namespace: &str, pod: &str, lines: i64) -> String {
        let pods: Api<Pod> = Api::namespaced(self.client.clone(), namespace);
        pods.logs(pod, &LogParams { tail_lines: Some(lines), ..LogParams::default() })
            .await
            .unwrap_or_default()
    }
}

/// What keeps a pod from running, if anything does.
pub fn obstacle_of(pod: &Pod) -> Option<Obstacle> {
    let name = pod.name_any();
    let status = pod.status.as_ref()?;
    let unschedulable = status.conditions.iter().flatten().find(|condition| {
        condition.type_ == "PodScheduled"
            && condition.status == "False"
            && condition.reason.as_deref() == Some("Unschedulable")
    });
    if let Some(condition) = unschedulable {
        let cause = condition.message.clone().unwrap_or_else(|| "the scheduler gives no reason".to_owned());
        let failure = Failure::new(FailureCode::PodUnschedulable, format!("no node takes the pod `{name}`"))
            .because(cause);
        return Some(Obstacle { failure, is_final: false });
    }
    let containers =
        status.init_container_statuses.iter().flatten().chain(status.container_statuses.iter().flatten());
    containers.filter_map(|container| container.state.as_ref().map(|state| (container, state))).find_map(
        |(container, state)| {
            container_obstacle(&name, &container.image, state, container.last_state.as_ref())
        },
    )
}

fn container_obstacle(
    pod: &str,
    image: &str,
    state: &ContainerState,
    last: Option<&ContainerState>,
) -> Option<Obstacle> {
    let waiting = state.waiting.as_ref()?;
    let reason = waiting.reason.as_deref().unwrap_or_default();
    let said = waiting.message.clone().unwrap_or_else(|| reason.to_owned());
    match reason {
        "ErrImagePull" | "ImagePullBackOff" | "InvalidImageName" | "ErrImageNeverPull" => Some(Obstacle {
            failure: Failure::new(
                FailureCode::ImagePullFailed,
                format!("the image `{image}` of pod `{pod}` can't be pulled"),
            )
            .because(said),
            is_final: reason != "ErrImagePull",
        }),
        "CrashLoopBackOff" | "CreateContainerConfigError" | "CreateContainerError" | "RunContainerError" => {
            let ended = last.and_then(|last| last.terminated.as_ref());
            let cause = match ended {
                Some(ended) => format!("{said}; it last ended with exit code {}", ended.exit_code),
                None => said,
            };
            let failure =
                Failure::new(FailureCode::PodFailed, format!("the pod `{pod}` doesn't start")).because(cause);
            Some(Obstacle { failure, is_final: false })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pod(status: serde_json::Value) -> Pod {
        serde_json::from_value(serde_json::json!({"metadata": {"name": "sc-job-x"}, "status": status}))
            .unwrap()
    }

    #[test]
    fn a_pod_that_no_node_takes_says_why() {
        let obstacle = obstacle_of(&pod(serde_json::json!({"conditions": [
            {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/1 nodes are available: 1 node(s) were unschedulable."}
        ]})))
        .unwrap();
        assert_eq!(obstacle.failure.code, FailureCode::PodUnschedulable);
        assert!(
            !obstacle.is_final && obstacle.failure.cause.unwrap().contains("1 node(s) were unschedulable")
        );
    }

    #[test]
    fn an_image_that_was_refused_twice_is_final() {
        let waiting = |reason: &str| {
            pod(serde_json::json!({"containerStatuses": [{
                "name": "sc-job", "image": "nowhere/sc:1", "imageID": "", "ready": false, "restartCount": 0,
                "state": {"waiting": {"reason": reason, "message": "no such host"}},
            }]}))
        };
        let first = obstacle_of(&waiting("ErrImagePull")).unwrap();
        assert!(!first.is_final && first.failure.message.contains("nowhere/sc:1"));
        assert!(obstacle_of(&waiting("ImagePullBackOff")).unwrap().is_final);
        assert_eq!(obstacle_of(&waiting("ContainerCreating")), None);
    }
}
