//! Failures: a stable code, what failed, why, and what to do. The same in the CLI, in conditions and in every log.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The result of everything that can fail.
pub type Result<T, E = Failure> = std::result::Result<T, E>;

/// How `sc` ends, by kind of failure. Documented in `docs/troubleshoot.md` and `sc --help`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitCode {
    /// Something failed that none of the others names.
    Failed = 1,
    /// The request itself is wrong: an option, a name, a combination.
    Usage = 2,
    /// What the request names is not there.
    NotFound = 3,
    /// What the request would write is taken by something else.
    Conflict = 4,
    /// The cluster can't be reached, or doesn't allow it.
    Cluster = 5,
    /// The time that the request allowed is over.
    TimedOut = 6,
    /// The connection is in place, but it doesn't work.
    Invalid = 7,
    /// The person stopped it.
    Interrupted = 130,
}

/// Declares the table of failure codes: code, exit code, title and the remedy where no better one is known.
macro_rules! codes {
    ($($variant:ident, $exit:ident, $title:literal, $remedy:literal;)+) => {
        /// A stable code: a person searches for it, a program branches on it. Once published it keeps its meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
        pub enum FailureCode { $(#[doc = $title] $variant,)+ }

        impl FailureCode {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The code as written: in conditions as `reason`, in JSON, in brackets after an error.
            pub const fn name(self) -> &'static str { match self { $(Self::$variant => stringify!($variant),)+ } }

            /// What kind of failure it is, in a few words.
            pub const fn title(self) -> &'static str { match self { $(Self::$variant => $title,)+ } }

            /// How `sc` ends.
            pub const fn exit_code(self) -> ExitCode { match self { $(Self::$variant => ExitCode::$exit,)+ } }

            /// What to do when nothing more precise is known.
            pub const fn remedy(self) -> &'static str { match self { $(Self::$variant => $remedy,)+ } }
        }
    };
}

codes! {
    InvalidName, Usage, "A name or address breaks a rule", "Correct the value and run the command again.";
    InvalidOption, Usage, "An option or its value is wrong", "See the command's --help.";
    MissingOption, Usage, "A value is missing", "Give it by the option named above.";
    UnknownTarget, Usage, "The target service is not in the catalog", "`sc connection list-support-types` lists the target services.";
    UnsupportedCombination, Usage, "The target has no such auth and client type", "`sc connection list-support-types` lists the combinations.";
    ConnectionNotFound, NotFound, "There is no such connection", "`sc connection list` shows the connections of the namespace; -n chooses another one.";
    NamespaceNotFound, NotFound, "The namespace doesn't exist", "Create it with `kubectl create namespace`, or choose another one with -n.";
    ExtensionNotInstalled, NotFound, "The extension is not in the cluster", "Install it with `sc extension install`.";
    WorkloadNotFound, NotFound, "The workload doesn't exist", "`kubectl get deployments,statefulsets,daemonsets,cronjobs` shows what the namespace has; -n chooses another one.";
    ResourceAlreadyExists, Conflict, "Resource already exists in your cluster", "Rename or remove that object, or give the connection another name.";
    ConnectionNameConflict, Conflict, "Two connection names share one Secret", "Choose a name that differs in its letters and digits.";
    FieldConflict, Conflict, "A field of the workload belongs to somebody else", "Add the lines where the field's owner keeps its manifest, or take the field over with --force-conflicts.";
    ChangedMeanwhile, Conflict, "Somebody changed it at the same moment", "Run the same command again.";
    NotPermitted, Cluster, "The cluster doesn't allow it", "Ask an administrator of the cluster for the right named above.";
    ClusterUnreachable, Cluster, "The API server can't be reached", "Check that the cluster runs and that --context names it (`kubectl cluster-info`).";
    KubeconfigInvalid, Cluster, "The kubeconfig can't be used", "Check --kubeconfig, $KUBECONFIG and --context (`kubectl config get-contexts`).";
    RequestRejected, Failed, "The API server refused the request", "The cause is the API server's own; correct what it names.";
    HelmNotFound, Failed, "Helm is not installed", "Install Helm 3.14 or newer, or name the program with --helm.";
    HelmUnsuitable, Failed, "This Helm is too old", "Install Helm 3.14 or newer, or name the program with --helm.";
    HelmOperationInProgress, Conflict, "Another Helm operation is in progress", "Wait until it ends (`helm status sc-extension -n sc-system`); if it was cut off: `helm rollback sc-extension -n sc-system`, or `sc extension uninstall` when there is no earlier revision.";
    HelmFailed, Failed, "Helm failed", "The cause is Helm's own; correct what it names and run the command again.";
    PodUnschedulable, Failed, "No node takes the pod", "Make room on a node, or remove the cordon or taint that the cause names (`kubectl get nodes`).";
    ImagePullFailed, Failed, "The image can't be pulled", "Check the image's name and the registry's credentials; `sc extension install --image` chooses another image.";
    PodFailed, Failed, "A pod of the extension failed", "`kubectl describe pods -n sc-system` tells more.";
    JobFailed, Failed, "sc-job failed", "`kubectl logs job/sc-job -n sc-system` tells why.";
    SecretInputMissing, Failed, "The secret that the connection refers to is missing", "Create the Secret and key that `secretRef` names, or run `sc connection update` with the secret.";
    InvalidConnection, Failed, "The connection's specification can't be used", "Correct the ServiceConnection; the cause names the field.";
    TimedOut, TimedOut, "The time is over", "Run the same command again to go on from here; --timeout gives it longer.";
    NameNotResolved, Invalid, "The host's name doesn't resolve", "Check the host's name, and the cluster's DNS (`kubectl get pods -n kube-system -l k8s-app=kube-dns`).";
    ConnectFailed, Invalid, "The port doesn't accept a connection", "Check host and port, the server's firewall and the namespace's network policies.";
    TlsFailed, Invalid, "TLS with the server fails", "Check the server's certificate; --ca-certificate names the authority that signed it.";
    SignInRefused, Invalid, "The server refuses the sign-in", "Check user and secret; `sc connection update` stores another one.";
    AccessRefused, Invalid, "The server refuses the access", "Check that the database or container exists and that the user may use it.";
    ProtocolMismatch, Invalid, "The server speaks something else", "Check that host and port belong to this kind of service.";
    SecretDrifted, Invalid, "The Secret isn't what the connection wrote", "The operator puts it back; `sc extension show` tells why it hasn't.";
    ProbeFailed, Invalid, "The validation itself couldn't run", "The cause tells what stopped the probe's pod in the workload's namespace.";
    Interrupted, Interrupted, "Stopped", "Run the same command again to go on from here.";
    Local, Failed, "Something on this machine failed", "The cause is the operating system's.";
}

impl fmt::Display for FailureCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

impl FromStr for FailureCode {
    type Err = Failure;

    fn from_str(given: &str) -> Result<Self> {
        Self::ALL.iter().copied().find(|code| code.name() == given).ok_or_else(|| {
            Failure::new(FailureCode::InvalidOption, format!("`{given}` is not a failure code"))
        })
    }
}

/// What failed, why, and what to do. Never holds a secret value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The stable code.
    pub code: FailureCode,
    /// What failed, with the offending value unless it is secret.
    pub message: String,
    /// Why, as found out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// What to do.
    pub remedy: String,
}

impl Failure {
    /// A failure with the code's own remedy.
    pub fn new(code: FailureCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), cause: None, remedy: code.remedy().to_owned() }
    }

    /// Says why.
    #[must_use]
    pub fn because(mut self, cause: impl fmt::Display) -> Self {
        self.cause = Some(cause.to_string());
        self
    }

    /// Replaces the code's remedy by a more precise one.
    #[must_use]
    pub fn remedied_by(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = remedy.into();
        self
    }

    /// A mistake of this machine's: a file, a pipe, a program that can't be started.
    pub fn local(message: impl Into<String>, error: impl fmt::Display) -> Self {
        Self::new(FailureCode::Local, message).because(error)
    }
}

/// One line: `message: cause [Code]`. The remedy is for the edge that has room for it.
impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)?;
        if let Some(cause) = &self.cause {
            write!(formatter, ": {cause}")?;
        }
        write!(formatter, " [{}]", self.code)
    }
}

impl std::error::Error for Failure {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_title_and_a_remedy_and_reads_back() {
        for code in FailureCode::ALL {
            assert_eq!(code.name().parse::<FailureCode>().unwrap(), *code);
            assert!(!code.title().is_empty() && code.remedy().ends_with('.'), "{code}");
        }
    }

    #[test]
    fn a_failure_reads_as_one_line() {
        let failure = Failure::new(FailureCode::NamespaceNotFound, "namespace `shop` doesn't exist")
            .because("not found");
        assert_eq!(failure.to_string(), "namespace `shop` doesn't exist: not found [NamespaceNotFound]");
    }
}
