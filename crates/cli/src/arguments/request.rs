//! What a request for a connection says apart from its target.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use sc_model::{AuthType, ClientType, OptOut, OptOuts};

use super::bind::BindArguments;
use super::extension::InstallationArguments;
use super::pair::Pair;
use super::parse_span;

/// What a request says apart from its target.
#[derive(Args, Debug, Clone)]
pub(crate) struct RequestArguments {
    /// The language or framework whose variables the workload reads.
    #[arg(short, long, value_name = "TYPE")]
    pub(crate) client_type: Option<ClientType>,
    #[command(flatten)]
    pub(crate) sign_in: SignInArguments,
    #[command(flatten)]
    pub(crate) variables: VariableArguments,
    /// What you take care of yourself: `auth` (no ServiceAccount is made), `configinfo` (no Secret is written),
    /// `publicnetwork` (the target's firewall isn't opened).
    #[arg(long, value_name = "PART", num_args = 1..)]
    pub(crate) opt_out: Vec<OptOut>,
    /// A file with the certificates of the authorities that may have signed the server's (PEM), for validation.
    #[arg(long, value_name = "FILE")]
    pub(crate) ca_certificate: Option<PathBuf>,
    /// Print the plan and change nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Store the connection and don't wait for sc-job.
    #[arg(long)]
    pub(crate) no_wait: bool,
    /// Don't validate at the end.
    #[arg(long, conflicts_with = "require_valid")]
    pub(crate) no_validate: bool,
    /// Fail (exit code 7) if the connection isn't valid at the end; otherwise that is a warning.
    #[arg(long, conflicts_with = "no_wait")]
    pub(crate) require_valid: bool,
    /// How long all of it may take.
    #[arg(long, default_value = "2m", value_parser = parse_span)]
    pub(crate) timeout: Duration,
    #[command(flatten)]
    pub(crate) binding: BindArguments,
    #[command(flatten)]
    pub(crate) installation: InstallationArguments,
}

impl RequestArguments {
    /// What the person takes care of.
    pub(crate) fn opt_outs(&self) -> OptOuts {
        self.opt_out.iter().copied().collect()
    }
}

/// How the workload signs in. Where nothing is given, the target's own secret options decide.
#[derive(Args, Debug, Clone, Default)]
pub(crate) struct SignInArguments {
    /// Sign in with a password or key (Connection String); az's `name=USER secret=VALUE` is understood, but a value given
    /// here can be seen by other users of this machine.
    #[arg(long, num_args = 0..=2, value_name = "name=USER secret=VALUE", conflicts_with_all = ["workload_identity", "service_principal", "enable_csi"], help_heading = "Sign-in")]
    pub(crate) secret: Option<Vec<String>>,
    /// Take the password or key from a Secret of the namespace instead of storing it; KEY left out is what the
    /// target calls it: `password`, `access-key`, `account-key`.
    #[arg(long, value_name = "NAME[/KEY]", help_heading = "Sign-in")]
    pub(crate) secret_ref: Option<String>,
    /// Sign in by workload identity: the client id of the managed identity.
    #[arg(long, value_name = "CLIENT-ID", conflicts_with_all = ["service_principal", "enable_csi"], help_heading = "Sign-in")]
    pub(crate) workload_identity: Option<String>,
    /// Sign in as a service principal: its client id. az's `client-id=… secret=…` is understood; `secret=@-` reads the standard
    /// input.
    #[arg(long, num_args = 1..=3, value_name = "CLIENT-ID", conflicts_with = "enable_csi", help_heading = "Sign-in")]
    pub(crate) service_principal: Option<Vec<String>>,
    /// Let the cluster's Secrets Store CSI driver read a Key Vault.
    #[arg(long, help_heading = "Sign-in")]
    pub(crate) enable_csi: bool,
    /// The client id of the identity, where no other option gives it.
    #[arg(long, value_name = "CLIENT-ID", conflicts_with_all = ["workload_identity", "secret"], help_heading = "Sign-in")]
    pub(crate) client_id: Option<String>,
    /// The tenant of the identity.
    #[arg(long, value_name = "TENANT-ID", help_heading = "Sign-in")]
    pub(crate) tenant_id: Option<String>,
}

impl SignInArguments {
    /// The auth type that an option names.
    pub(crate) fn auth_type(&self) -> Option<AuthType> {
        if self.workload_identity.is_some() {
            Some(AuthType::WorkloadIdentity)
        } else if self.service_principal.is_some() {
            Some(AuthType::ServicePrincipal)
        } else if self.enable_csi {
            Some(AuthType::Csi)
        } else if self.secret.is_some() {
            Some(AuthType::Secret)
        } else {
            None
        }
    }
}

/// How the variables differ from the catalog's. `NAME-` takes one away again, as `kubectl label` does.
#[derive(Args, Debug, Clone, Default)]
pub(crate) struct VariableArguments {
    /// Other names for variables: `AZURE_REDIS_HOST=CACHE_HOST`.
    #[arg(long, value_name = "OLD=NEW", num_args = 1.., help_heading = "Variables")]
    pub(crate) customized_keys: Vec<Pair>,
    /// Properties to put at the end of connection strings: `"Application Name=shop"`.
    #[arg(long, value_name = "KEY=VALUE", num_args = 1.., help_heading = "Variables")]
    pub(crate) connstr_props: Vec<Pair>,
    /// A variable of your own; not for secrets, which everybody who may read the connection would see.
    #[arg(long, value_name = "NAME=VALUE", help_heading = "Variables")]
    pub(crate) set: Vec<Pair>,
    /// A variable of your own whose value is secret, read from a file (`-` is the standard input). With --secret-ref, the value is
    /// taken from that Secret, under the variable's name: `--set-secret NAME=`.
    #[arg(long, value_name = "NAME=FILE", help_heading = "Variables")]
    pub(crate) set_secret: Vec<Pair>,
    /// Add the keys `type` and `provider`, for implementations of servicebinding.io.
    #[arg(long, help_heading = "Variables")]
    pub(crate) service_binding: bool,
}
