//! `sc connection …`.

use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use sc_model::{AuthType, ClientType, ConnectionName};

use super::create_command::CreateCommand;
use super::request::RequestArguments;
use super::target::AnyTarget;
use super::{InNamespace, parse_span};

#[derive(Subcommand, Debug)]
pub(crate) enum ConnectionCommand {
    /// Create a connection, or bring an existing one to what is given.
    ///
    /// At a terminal it asks for what is missing, the target included; in a pipe a missing value is an error.
    ///
    /// Shows its plan, then what it does: the extension is installed if it is missing, the connection is stored, sc-job
    /// writes the Secret, and the connection is validated. The same command finishes one that was cut off.
    Create(Box<CreateCommand>),
    /// List connections.
    List(ListArguments),
    /// Show a connection, or what a workload needs to use it.
    Show(ShowArguments),
    /// Change a connection: what isn't given stays as it is.
    Update(Box<UpdateArguments>),
    /// Delete a connection. The Secret that workloads read stays, and is named.
    Delete(DeleteArguments),
    /// Reach the target in the workload's shoes, and say line by line what holds.
    Validate(ValidateArguments),
    /// Show the variables that a workload gets.
    #[command(visible_alias = "list-config")]
    ListConfiguration(ListConfigurationArguments),
    /// List the target services with their auth and client types.
    ListSupportTypes(SupportArguments),
    /// Wait for a connection.
    Wait(WaitArguments),
}

impl ConnectionCommand {
    /// How long the command may take.
    pub(crate) fn limit(&self) -> Duration {
        match self {
            Self::Create(command) => command.limit(),
            Self::Update(arguments) => arguments.request.timeout,
            Self::Validate(arguments) => arguments.timeout,
            Self::Wait(arguments) => arguments.timeout,
            // A person may take a while to answer whether to delete.
            Self::Delete(_) => super::QUESTION_LIMIT,
            Self::List(_) | Self::Show(_) | Self::ListConfiguration(_) | Self::ListSupportTypes(_) => {
                super::READ_LIMIT
            }
        }
    }
}

/// A connection by name: as an argument, or as az gives it.
#[derive(Args, Debug, Clone)]
pub(crate) struct Named {
    /// The connection's name.
    #[arg(value_name = "NAME", required_unless_present = "connection")]
    pub(crate) positional: Option<ConnectionName>,
    /// The same, as az gives it.
    #[arg(long, value_name = "NAME", conflicts_with = "positional")]
    pub(crate) connection: Option<ConnectionName>,
    #[command(flatten)]
    pub(crate) place: InNamespace,
}

impl Named {
    /// The name that was given. Clap has made sure of one.
    pub(crate) fn name(&self) -> Option<&ConnectionName> {
        self.positional.as_ref().or(self.connection.as_ref())
    }
}

/// What is printed for a person's own files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Snippet {
    /// The lines that a Deployment needs, as a patch.
    Deployment,
    /// A whole Job.
    Job,
    /// A short program in the connection's language that reads the variables and uses the service.
    Code,
}

#[derive(Args, Debug, Clone)]
pub(crate) struct ShowArguments {
    #[command(flatten)]
    pub(crate) named: Named,
    /// Print what a workload needs to use the connection.
    #[arg(long, value_enum, value_name = "KIND")]
    pub(crate) snippet: Option<Snippet>,
    /// The image that the Job of `--snippet job` runs.
    #[arg(long, default_value = "YOUR-IMAGE", requires = "snippet")]
    pub(crate) image: String,
    /// The language of `--snippet code`; left out, the connection's client type.
    #[arg(long, value_name = "TYPE", requires = "snippet")]
    pub(crate) language: Option<ClientType>,
}

#[derive(Args, Debug, Clone)]
pub(crate) struct ListArguments {
    #[command(flatten)]
    pub(crate) place: InNamespace,
    /// Those of all namespaces.
    #[arg(short = 'A', long, conflicts_with = "namespace")]
    pub(crate) all_namespaces: bool,
}

#[derive(Args, Debug, Clone)]
pub(crate) struct DeleteArguments {
    #[command(flatten)]
    pub(crate) named: Named,
    /// Don't ask.
    #[arg(short, long)]
    pub(crate) yes: bool,
}

#[derive(Args, Debug, Clone)]
pub(crate) struct ValidateArguments {
    #[command(flatten)]
    pub(crate) named: Named,
    /// How long it may take.
    #[arg(long, default_value = "60s", value_parser = parse_span)]
    pub(crate) timeout: Duration,
}

#[derive(Args, Debug, Clone)]
pub(crate) struct ListConfigurationArguments {
    #[command(flatten)]
    pub(crate) named: Named,
    /// Print secret values too. They end up wherever your terminal's output does.
    #[arg(long)]
    pub(crate) show_secrets: bool,
}

#[derive(Args, Debug, Clone)]
pub(crate) struct SupportArguments {
    /// Only this target service.
    #[arg(short, long, visible_alias = "target-type", value_name = "SERVICE")]
    pub(crate) target: Option<String>,
    /// Only this auth type.
    #[arg(long, value_name = "TYPE")]
    pub(crate) auth_type: Option<AuthType>,
    /// Only this client type.
    #[arg(short, long, value_name = "TYPE")]
    pub(crate) client_type: Option<ClientType>,
    /// Show the variables of each combination.
    #[arg(long)]
    pub(crate) show_keys: bool,
}

/// What to wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum WaitFor {
    /// Its Secret is in place.
    Ready,
    /// The last validation reached the target.
    Valid,
    /// It is gone.
    Deleted,
}

#[derive(Args, Debug, Clone)]
pub(crate) struct WaitArguments {
    #[command(flatten)]
    pub(crate) named: Named,
    /// What to wait for.
    #[arg(long = "for", value_enum, default_value_t = WaitFor::Ready, value_name = "STATE")]
    pub(crate) state: WaitFor,
    /// The same as --for=ready, as az gives it.
    #[arg(long, conflicts_with_all = ["state", "deleted"])]
    pub(crate) created: bool,
    /// The same as --for=deleted, as az gives it.
    #[arg(long, conflicts_with = "state")]
    pub(crate) deleted: bool,
    /// How long to wait.
    #[arg(long, default_value = "2m", value_parser = parse_span)]
    pub(crate) timeout: Duration,
}

#[derive(Args, Debug, Clone)]
pub(crate) struct UpdateArguments {
    #[command(flatten)]
    pub(crate) named: Named,
    #[command(flatten)]
    pub(crate) request: RequestArguments,
    #[command(flatten)]
    pub(crate) target: AnyTarget,
}
