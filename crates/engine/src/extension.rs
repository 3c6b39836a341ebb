//! The extension: put in, looked at, taken out; and what keeps it from working.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use sc_cluster::Cluster;
use sc_cluster::extension::{JobState, Release, job_state};
use sc_cluster::helm::{Chart, Helm, Values};
use sc_cluster::pods::Obstacle;
use sc_model::resource::READY;
use sc_model::{Failure, FailureCode, Result, places};
use serde::Serialize;

use crate::progress::Progress;

/// How often a waiting request looks for what keeps it waiting.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// How the extension is installed.
#[derive(Clone, Debug, Default)]
pub struct Installation {
    /// The Helm program; else the one on the PATH.
    pub helm: Option<PathBuf>,
    /// The chart.
    pub chart: Chart,
    /// What is set beyond the chart's own values.
    pub values: Values,
}

/// Installs the extension, or brings it to this chart and these values.
pub async fn install(
    cluster: &Cluster,
    installation: &Installation,
    limit: Duration,
    progress: &dyn Progress,
) -> Result<()> {
    let deadline = Instant::now() + limit;
    let helm = Helm::find(installation.helm.as_deref(), cluster.access()).await?;
    loop {
        await_other_operation(cluster, deadline, progress).await?;
        cluster.ensure_system_namespace().await?;
        // What an earlier try left is about to be replaced, so it is no obstacle to this one.
        let replaced = cluster.pod_names(places::SYSTEM_NAMESPACE, &selector()).await.unwrap_or_default();
        // Helm gets a little less, so that it ends in good order before the request does.
        let left = deadline.saturating_duration_since(Instant::now());
        let helm_limit = left.saturating_sub(Duration::from_secs(1)).max(Duration::from_secs(1));
        let running = helm.install(&installation.chart, &installation.values, helm_limit);
        match await_apart_from(cluster, &replaced, running, left + Duration::from_secs(5), progress).await {
            // Another operation began between the look and Helm's own: it is waited for like any other.
            Err(failure)
                if failure.code == FailureCode::HelmOperationInProgress && Instant::now() < deadline =>
            {
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
            outcome => return outcome,
        }
    }
}

/// Whether the extension is there for requests to rely on. A first install that was cut off doesn't count: nobody knows how
/// far it came.
pub async fn is_in_place(cluster: &Cluster) -> Result<bool> {
    let release = async {
        match cluster.release().await {
            // Who may not look takes it as it is; so does who put it in without Helm.
            Err(failure) if failure.code == FailureCode::NotPermitted => Ok(None),
            found => found,
        }
    };
    let (serves, release) = tokio::try_join!(cluster.serves_connections(), release)?;
    Ok(serves && release.is_none_or(|release| release.was_deployed))
}

/// Waits until the operator works.
pub async fn await_working(cluster: &Cluster, limit: Duration, progress: &dyn Progress) -> Result<()> {
    await_with_obstacles(cluster, cluster.await_operator(limit), limit, progress).await
}

/// Waits until no Helm operation works on the release, as long as there is time.
async fn await_other_operation(cluster: &Cluster, deadline: Instant, progress: &dyn Progress) -> Result<()> {
    let mut is_told = false;
    loop {
        let Some(release) = cluster.release().await?.filter(Release::is_pending) else { return Ok(()) };
        if Instant::now() >= deadline {
            let failure = Failure::new(
                FailureCode::HelmOperationInProgress,
                "another Helm operation works on the extension",
            );
            return Err(failure
                .because(format!("revision {} of the release is `{}`", release.revision, release.status)));
        }
        if !is_told {
            progress.note(&format!(
                "another Helm operation is at work (release is `{}`); waiting for it",
                release.status
            ));
            is_told = true;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// Removes the extension and with it every connection; the workloads' Secrets stay.
pub async fn uninstall(cluster: &Cluster, helm: Option<&std::path::Path>, limit: Duration) -> Result<()> {
    Helm::find(helm, cluster.access()).await?.uninstall(limit).await?;
    cluster.remove_job().await?;
    cluster.delete_payloads().await
}

/// Waits for something that needs the extension's pods, and tells meanwhile what keeps them. An obstacle that waiting
/// can't mend ends the wait; one that may pass is the cause when the time is over.
pub async fn await_with_obstacles<T>(
    cluster: &Cluster,
    waiting: impl Future<Output = Result<T>>,
    limit: Duration,
    progress: &dyn Progress,
) -> Result<T> {
    await_apart_from(cluster, &[], waiting, limit, progress).await
}

/// [`await_with_obstacles`] that doesn't look at some pods.
async fn await_apart_from<T>(
    cluster: &Cluster,
    apart_from: &[String],
    waiting: impl Future<Output = Result<T>>,
    limit: Duration,
    progress: &dyn Progress,
) -> Result<T> {
    let mut told: Option<Obstacle> = None;
    let watching = async {
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            match obstacle(cluster, apart_from).await {
                Some(obstacle) if obstacle.is_final => return obstacle.failure,
                Some(obstacle) => {
                    if told.as_ref() != Some(&obstacle) {
                        progress.note(&obstacle.failure.to_string());
                    }
                    told = Some(obstacle);
                }
                None => told = None,
            }
        }
    };
    let outcome = tokio::select! {
        answer = tokio::time::timeout(limit, waiting) => answer.unwrap_or_else(|_| Err(late(limit))),
        failure = watching => return Err(failure),
    };
    match outcome {
        Err(failure) if failure.code == FailureCode::TimedOut => {
            let cause = match told {
                Some(obstacle) => Some(obstacle.failure),
                None => standstill(cluster).await,
            };
            Err(cause.map_or(failure, |cause| Failure {
                message: format!("{} within {} s", cause.message, limit.as_secs()),
                ..cause
            }))
        }
        outcome => outcome,
    }
}

fn late(limit: Duration) -> Failure {
    Failure::new(
        FailureCode::TimedOut,
        format!("the extension didn't get there within {} s", limit.as_secs()),
    )
}

/// What keeps a pod of the extension. `None` also where a person may not look.
async fn obstacle(cluster: &Cluster, apart_from: &[String]) -> Option<Obstacle> {
    cluster.obstacle(places::SYSTEM_NAMESPACE, &selector(), apart_from).await.ok().flatten()
}

/// The selector of the extension's pods.
fn selector() -> String {
    format!("app.kubernetes.io/instance={}", places::RELEASE)
}

/// Why nothing happens although no pod complains.
async fn standstill(cluster: &Cluster) -> Option<Failure> {
    let stands = |cause: &str, remedy: &str| {
        Some(
            Failure::new(FailureCode::PodFailed, "the extension doesn't get on")
                .because(cause)
                .remedied_by(remedy),
        )
    };
    let operator = match cluster.operator().await {
        Ok(operator) => operator,
        Err(failure) if failure.code == FailureCode::ClusterUnreachable => {
            return Some(Failure {
                message: "the API server went away and didn't come back".to_owned(),
                ..failure
            });
        }
        Err(_) => return None,
    };
    let Some(operator) = operator else {
        return stands(
            "the operator's Deployment isn't there",
            "Install the extension again with `sc extension install`.",
        );
    };
    if operator.spec.as_ref().and_then(|spec| spec.replicas) == Some(0) {
        return stands(
            "the operator is scaled to 0",
            "Start it with `kubectl scale deployment sc-operator -n sc-system --replicas=1`.",
        );
    }
    match cluster.job().await.ok().flatten().map(|job| job_state(&job)) {
        Some(JobState::Failed { cause }) => {
            Some(Failure::new(FailureCode::JobFailed, "sc-job failed").because(cause))
        }
        _ if operator.status.as_ref().and_then(|status| status.ready_replicas).unwrap_or_default() == 0 => {
            stands(
                "the operator isn't ready",
                "`kubectl describe pods -n sc-system` and `kubectl logs deployment/sc-operator -n sc-system` tell more.",
            )
        }
        _ => None,
    }
}

/// The state of the extension in one word, as ARM resources have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum ProvisioningState {
    /// In place and working.
    Succeeded,
    /// Something of it failed; `statuses` says what.
    Failed,
    /// Helm is at work on it.
    Updating,
    /// It isn't in the cluster.
    NotInstalled,
}

/// One thing to know about the extension.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// `Error` or `Information`.
    pub level: Level,
    /// What failed, why, and what to do.
    #[serde(flatten)]
    pub failure: Failure,
}

/// How grave a status is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Level {
    /// It keeps something from working.
    Error,
    /// It will pass by itself.
    Information,
}

/// The extension as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExtensionReport {
    /// The release's name.
    pub name: &'static str,
    /// Its namespace.
    pub namespace: &'static str,
    /// The state in one word.
    pub provisioning_state: ProvisioningState,
    /// Helm's revision and word for it.
    pub release: Option<String>,
    /// The image.
    pub image: Option<String>,
    /// Connections in the whole cluster.
    pub connections: usize,
    /// How many of them are ready.
    pub ready: usize,
    /// Every error, and what is under way.
    pub statuses: Vec<Status>,
}

/// Looks at the release, the pods, sc-job and every connection.
pub async fn report(cluster: &Cluster) -> Result<ExtensionReport> {
    let (release, serves) = tokio::try_join!(cluster.release(), cluster.serves_connections())?;
    let mut report = ExtensionReport {
        name: places::RELEASE,
        namespace: places::SYSTEM_NAMESPACE,
        provisioning_state: ProvisioningState::NotInstalled,
        release: release.as_ref().map(|release| format!("revision {}, {}", release.revision, release.status)),
        image: None,
        connections: 0,
        ready: 0,
        statuses: Vec::new(),
    };
    let Some(release) = release else { return Ok(report) };
    report.image = cluster.extension_image().await.ok().map(|(image, _)| image);
    let mut tell = |level, failure| report.statuses.push(Status { level, failure });
    if release.status == "failed" {
        tell(Level::Error, Failure::new(FailureCode::HelmFailed, "the last Helm operation failed")
            .because(format!("revision {} is `failed`", release.revision))
            .remedied_by("Run `sc extension update` again; `helm history sc-extension -n sc-system` shows Helm's own reason."));
    }
    if !serves && !release.is_pending() {
        tell(
            Level::Error,
            Failure::new(FailureCode::ExtensionNotInstalled, "the API server doesn't know connections")
                .because(format!("the CustomResourceDefinition `{}` isn't there", places::CRD))
                .remedied_by("Run `sc extension update`, which puts it back."),
        );
    }
    if let Some(obstacle) = obstacle(cluster, &[]).await {
        tell(Level::Error, obstacle.failure);
    } else if !release.is_pending()
        && let Some(failure) = standstill(cluster).await
    {
        tell(Level::Error, failure);
    }
    for connection in cluster.connections(None).await? {
        report.connections += 1;
        report.ready += usize::from(connection.is_ready());
        if let Some(failure) = connection.failure(READY).filter(|_| connection.is_observed()) {
            let place = format!(
                "{}/{}",
                connection.metadata.namespace.as_deref().unwrap_or_default(),
                connection.metadata.name.as_deref().unwrap_or_default()
            );
            report.statuses.push(Status {
                level: Level::Error,
                failure: Failure { message: format!("{place}: {}", failure.message), ..failure },
            });
        }
    }
    let has_errors = report.statuses.iter().any(|status| status.level == Level::Error);
    report.provisioning_state = match has_errors {
        _ if release.is_pending() => ProvisioningState::Updating,
        true => ProvisioningState::Failed,
        false => ProvisioningState::Succeeded,
    };
    Ok(report)
}
