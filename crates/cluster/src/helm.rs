//! The real `helm` program: found, checked, run, and its errors explained.

use std::fs::File;
use std::io::{Read as _, Seek as _};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use include_dir::{Dir, include_dir};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use sc_model::{Failure, FailureCode, Result, places};
use tempfile::{TempDir, tempfile};
use tokio::process::{Child, Command};

use crate::access::Access;

/// The oldest Helm that knows all options used here (`--reset-then-reuse-values` came with 3.14).
pub const OLDEST_HELM: (u64, u64) = (3, 14);

/// The chart that this binary carries.
static CHART: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../../charts/sc-extension");

/// Where the chart comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Chart {
    /// The one in this binary.
    #[default]
    Carried,
    /// Anything that Helm understands: `oci://…`, a folder, an archive.
    Named(String),
}

/// What an installation sets beyond the chart's own values. Nothing secret is ever a Helm value.
#[derive(Clone, Debug, Default)]
pub struct Values {
    /// The extension's image.
    pub image: Option<String>,
    /// Files for Helm's `--values`.
    pub files: Vec<PathBuf>,
    /// Settings for Helm's `--set`.
    pub settings: Vec<String>,
}

/// A Helm program that is there and new enough.
#[derive(Clone, Debug)]
pub struct Helm {
    program: PathBuf,
    access: Access,
}

impl Helm {
    /// Takes the named program, else `helm` from the PATH.
    pub async fn find(named: Option<&Path>, access: &Access) -> Result<Self> {
        let program = named.map_or_else(|| PathBuf::from("helm"), Path::to_path_buf);
        let helm = Self { program, access: access.clone() };
        let version = helm.version().await?;
        let numbers: Vec<u64> =
            version.trim_start_matches('v').split('.').map_while(|part| part.parse().ok()).collect();
        match numbers[..] {
            [major, minor, ..] | [major, minor] if (major, minor) >= OLDEST_HELM => Ok(helm),
            _ => Err(Failure::new(
                FailureCode::HelmUnsuitable,
                format!("`{}` is Helm {version}", helm.program.display()),
            )
            .because(format!("Helm {}.{} or newer is needed", OLDEST_HELM.0, OLDEST_HELM.1))),
        }
    }

    async fn version(&self) -> Result<String> {
        let mut command = Command::new(&self.program);
        command.args(["version", "--template", "{{.Version}}"]);
        let output = run(command, &self.program, Duration::from_secs(20)).await?;
        Ok(output.trim().to_owned())
    }

    /// Installs the extension or brings it to this chart and these values; values set earlier stay.
    pub async fn install(&self, chart: &Chart, values: &Values, limit: Duration) -> Result<()> {
        let unpacked = TempDir::with_prefix("sc-chart-")
            .map_err(|error| Failure::local("can't make a folder for the chart", error))?;
        let mut command = self.command(&["upgrade", "--install", places::RELEASE], limit);
        match chart {
            Chart::Carried => {
                CHART
                    .extract(unpacked.path())
                    .map_err(|error| Failure::local("can't write the chart to a folder", error))?;
                command.arg(unpacked.path());
            }
            Chart::Named(reference) => {
                command.arg(reference);
            }
        }
        command.args(["--create-namespace", "--reset-then-reuse-values", "--output", "json"]);
        if let Some(image) = &values.image {
            command.arg("--set-string").arg(format!("image={}", image.replace(',', "\\,")));
        }
        for file in &values.files {
            command.arg("--values").arg(file);
        }
        for setting in &values.settings {
            command.arg("--set").arg(setting);
        }
        run(command, &self.program, limit + Duration::from_secs(5)).await.map(drop)
    }

    /// Removes the release, and with it the custom resource definition and every connection.
    pub async fn uninstall(&self, limit: Duration) -> Result<()> {
        let command = self.command(&["uninstall", places::RELEASE, "--wait", "--ignore-not-found"], limit);
        run(command, &self.program, limit + Duration::from_secs(5)).await.map(drop)
    }

    fn command(&self, verb: &[&str], limit: Duration) -> Command {
        let mut command = Command::new(&self.program);
        command.args(verb).args(["--namespace", places::SYSTEM_NAMESPACE]);
        command.arg("--timeout").arg(format!("{}s", limit.as_secs().max(1)));
        if let Some(kubeconfig) = &self.access.kubeconfig {
            command.arg("--kubeconfig").arg(kubeconfig);
        }
        if let Some(context) = &self.access.context {
            command.arg("--kube-context").arg(context);
        }
        command
    }
}

/// A running Helm. Dropped while it runs (Ctrl-C, a time-out), Helm is asked to stop: it then marks its release as
/// failed, from where the next run goes on. A killed Helm would leave the release locked.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(id) = self.0.id().and_then(|id| i32::try_from(id).ok()) {
            let _ = kill(Pid::from_raw(id), Signal::SIGINT);
        }
    }
}

async fn run(mut command: Command, program: &Path, limit: Duration) -> Result<String> {
    // Files, not pipes: a Helm that outlives its caller would die of a broken pipe before it has marked its release.
    let unwritable = |error| Failure::local("can't make a file for what Helm says", error);
    let (out, err) = (tempfile().map_err(unwritable)?, tempfile().map_err(unwritable)?);
    command.stdin(Stdio::null());
    command.stdout(out.try_clone().map_err(unwritable)?).stderr(err.try_clone().map_err(unwritable)?);
    let child = command.spawn().map_err(|error| {
        Failure::new(
            FailureCode::HelmNotFound,
            format!("the program `{}` can't be started", program.display()),
        )
        .because(error)
    })?;
    let mut running = Running(child);
    match tokio::time::timeout(limit, running.0.wait()).await {
        Ok(Ok(status)) if status.success() => Ok(read_all(out)),
        Ok(Ok(_)) => Err(explain(&read_all(err))),
        Ok(Err(error)) => Err(Failure::local("can't wait for Helm", error)),
        Err(_) => Err(Failure::new(FailureCode::TimedOut, "Helm didn't end in time")),
    }
}

fn read_all(mut file: File) -> String {
    // Enough for any message of Helm's; what comes after is not worth the memory.
    const LIMIT: u64 = 1 << 20;
    let mut bytes = Vec::new();
    let _ = file.rewind().and_then(|()| file.take(LIMIT).read_to_end(&mut bytes));
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What Helm says, and the failure it is. The first part that is contained in the message decides.
const EXPLANATIONS: &[(&str, FailureCode)] = &[
    ("another operation (install/upgrade/rollback) is in progress", FailureCode::HelmOperationInProgress),
    // Two first installs at once: the other one was quicker.
    ("release: already exists", FailureCode::HelmOperationInProgress),
    ("cannot re-use a name that is still in use", FailureCode::HelmOperationInProgress),
    // The operator made its own between Helm's removing the old one and making the hook.
    ("jobs.batch \"sc-job\" already exists", FailureCode::HelmOperationInProgress),
    ("Kubernetes cluster unreachable", FailureCode::ClusterUnreachable),
    ("connection refused", FailureCode::ClusterUnreachable),
    ("cannot be imported into the current release", FailureCode::ResourceAlreadyExists),
    ("is forbidden", FailureCode::NotPermitted),
    ("context deadline exceeded", FailureCode::TimedOut),
    ("timed out waiting for the condition", FailureCode::TimedOut),
    ("context canceled", FailureCode::Interrupted),
    ("BackoffLimitExceeded", FailureCode::JobFailed),
    ("job sc-job failed", FailureCode::JobFailed),
];

/// Helm's message as a failure of ours.
fn explain(stderr: &str) -> Failure {
    let said: Vec<_> = stderr
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("WARNING"))
        .collect();
    let cause = said.last().map_or("Helm said nothing", |line| line.trim_start_matches("Error: "));
    let code = EXPLANATIONS
        .iter()
        .find(|(part, _)| stderr.contains(part))
        .map_or(FailureCode::HelmFailed, |(_, code)| *code);
    let message = match code {
        FailureCode::HelmOperationInProgress => "another Helm operation works on the extension",
        FailureCode::TimedOut => "Helm waited for the extension until its time was over",
        _ => "Helm can't put the extension into the cluster",
    };
    Failure::new(code, message).because(cause)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_binary_carries_the_whole_chart() {
        for file in
            ["Chart.yaml", "values.yaml", "templates/crd.yaml", "templates/job.yaml", "templates/rbac.yaml"]
        {
            assert!(CHART.get_file(file).is_some(), "{file}");
        }
    }

    #[test]
    fn helms_errors_are_recognised() {
        for (said, code) in [
            (
                "Error: UPGRADE FAILED: another operation (install/upgrade/rollback) is in progress",
                FailureCode::HelmOperationInProgress,
            ),
            (
                "Error: Kubernetes cluster unreachable: Get \"https://127.0.0.1:1/version\": dial tcp: refused",
                FailureCode::ClusterUnreachable,
            ),
            (
                "Error: UPGRADE FAILED: warning: Hook post-upgrade sc-extension/templates/job.yaml failed: 1 error occurred:\n\t* \
                 jobs.batch \"sc-job\" already exists\n\n",
                FailureCode::HelmOperationInProgress,
            ),
            ("Error: INSTALLATION FAILED: something new", FailureCode::HelmFailed),
        ] {
            let failure = explain(said);
            assert_eq!(failure.code, code, "{said}");
            assert!(!failure.cause.unwrap().starts_with("Error:"));
        }
    }

    #[tokio::test]
    async fn a_missing_helm_is_named() {
        let failure = Helm::find(Some(Path::new("/nowhere/helm")), &Access::default()).await.unwrap_err();
        assert_eq!(failure.code, FailureCode::HelmNotFound);
        assert!(failure.message.contains("/nowhere/helm"));
    }
}
