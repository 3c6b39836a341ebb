//! The command line: verbs, options and their defaults, after `az aks connection` and kubectl.

mod bind;
mod connection;
mod create;
mod create_command;
mod extension;
mod pair;
mod request;
mod target;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use sc_cluster::Access;
use sc_model::{Failure, FailureCode, Namespace, ObjectName, Result};

pub(crate) use connection::{
    ConnectionCommand, DeleteArguments, ListArguments, ListConfigurationArguments, Named, ShowArguments,
    Snippet, SupportArguments, UpdateArguments, ValidateArguments, WaitArguments, WaitFor,
};
pub(crate) use create::CreateArguments;
pub(crate) use create_command::CreateCommand;
pub(crate) use extension::{ExtensionCommand, InstallArguments, UninstallArguments};
pub(crate) use pair::Pair;
pub(crate) use request::{RequestArguments, SignInArguments, VariableArguments};
pub(crate) use target::TargetValues;

/// Connect workloads in a Kubernetes cluster to backing services.
///
/// One request finds out what a service's clients need and leaves a Secret, and for workload identity a ServiceAccount, in
/// the workload's namespace. The workload only says `envFrom.secretRef` and `serviceAccountName`.
#[derive(Parser, Debug)]
#[command(name = "sc", version, propagate_version = true, after_long_help = AFTER_HELP)]
pub(crate) struct Invocation {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const AFTER_HELP: &str = "\
Examples:
  sc connection create postgres-server orders --host db.example.com --database shop --user app --password-stdin -n shop < password
  sc connection list -n shop
  sc connection validate orders -n shop
  sc extension show

Exit codes:
  0  done                          4  the name or object is taken
  1  failed                        5  the cluster can't be reached or doesn't allow it
  2  the request is wrong          6  the time is over
  3  not found                     7  the connection is in place, but not valid
                                 130  stopped by Ctrl-C

As a kubectl plugin: put a link named kubectl-sc to this program on the PATH; then `kubectl sc …` does the same.";

/// How long a command that only reads may take.
const READ_LIMIT: Duration = Duration::from_secs(30);
/// How long a question waits for its answer.
const QUESTION_LIMIT: Duration = Duration::from_secs(600);

/// Options that every command takes.
#[derive(clap::Args, Debug, Clone)]
pub(crate) struct Global {
    /// The kubeconfig's context to use; left out, its current one.
    #[arg(long, global = true, value_name = "NAME", help_heading = "Cluster")]
    context: Option<String>,
    /// The kubeconfig to use; left out, $KUBECONFIG or ~/.kube/config.
    #[arg(long, global = true, value_name = "FILE", help_heading = "Cluster")]
    kubeconfig: Option<PathBuf>,
    /// How the result is printed.
    #[arg(short, long, global = true, value_enum, default_value_t = OutputFormat::Table, value_name = "FORMAT", help_heading = "Output")]
    pub(crate) output: OutputFormat,
    /// No progress, only the result.
    #[arg(short, long, global = true, help_heading = "Output")]
    pub(crate) quiet: bool,
    /// Tell on the standard error output what is asked of the cluster.
    #[arg(short, long, global = true, help_heading = "Output")]
    pub(crate) verbose: bool,
}

impl Global {
    /// How the cluster is reached.
    pub(crate) fn access(&self) -> Access {
        Access { kubeconfig: self.kubeconfig.clone(), context: self.context.clone() }
    }
}

/// The namespace option, as az and kubectl name it.
#[derive(clap::Args, Debug, Clone)]
pub(crate) struct InNamespace {
    /// The namespace of the workload; left out, the context's.
    #[arg(short = 'n', long = "kube-namespace", visible_alias = "namespace", value_name = "NAMESPACE")]
    pub(crate) namespace: Option<Namespace>,
}

/// How results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputFormat {
    /// Columns for people.
    Table,
    /// JSON; its fields are stable.
    Json,
    /// The same as YAML.
    Yaml,
    /// Tab-separated values without a header.
    Tsv,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Create, look at and validate connections.
    #[command(subcommand)]
    Connection(ConnectionCommand),
    /// Install and look at the extension in the cluster.
    #[command(subcommand)]
    Extension(ExtensionCommand),
    /// Run as the operator (in the cluster).
    #[command(hide = true)]
    Operator(OperatorArguments),
    /// Run as sc-job (in the cluster).
    #[command(hide = true)]
    Job(JobArguments),
    /// Run as the probe (in a workload's namespace).
    #[command(hide = true)]
    Probe,
    /// Run as a sample workload: query the service with what is in the environment (in the cluster).
    #[command(hide = true)]
    SampleJob,
    /// Write one Secret and end (in the cluster): the floor that the benchmark measures sc-job against.
    #[command(hide = true)]
    WriteSecret {
        /// The namespace.
        namespace: Namespace,
        /// The Secret's name.
        name: ObjectName,
    },
    /// Print a completion script for a shell: `source <(sc completion bash)`.
    Completion {
        /// The shell.
        shell: Shell,
    },
    /// Write the manual pages into a folder.
    Man {
        /// The folder; it is made if it isn't there.
        directory: PathBuf,
    },
}

#[derive(clap::Args, Debug, Clone)]
pub(crate) struct OperatorArguments {
    /// The Job's manifest.
    #[arg(long)]
    pub(crate) job_template: PathBuf,
    /// Where health is answered.
    #[arg(long, default_value = "0.0.0.0:8080")]
    pub(crate) listen: std::net::SocketAddr,
}

#[derive(clap::Args, Debug, Clone)]
pub(crate) struct JobArguments {
    /// Look at every connection, not only at those that changed.
    #[arg(long)]
    pub(crate) everything: bool,
    /// How many connections are written at once.
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) concurrency: u16,
}

/// Parses the command line, or prints help or what is wrong with it and ends (exit code 2).
pub(crate) fn parse() -> Invocation {
    let matches = command().try_get_matches().unwrap_or_else(|error| {
        let _told_as_far_as_possible = error.print();
        let words = std::env::args_os().map(|word| word.to_string_lossy().into_owned());
        if error.kind() == clap::error::ErrorKind::UnknownArgument
            && let Some(rather) = create::rather(words)
        {
            eprintln!("\nnote: {rather}");
        }
        std::process::exit(error.exit_code())
    });
    Invocation::from_arg_matches(&matches).unwrap_or_else(|error| error.format(&mut command()).exit())
}

/// Parses a command line that was put together, not typed.
pub(crate) fn parse_words(words: &[OsString]) -> Result<Invocation> {
    let matches = command().try_get_matches_from(words);
    matches.and_then(|matches| Invocation::from_arg_matches(&matches)).map_err(|error| {
        Failure::new(FailureCode::InvalidOption, "these answers make no command")
            .because(error.to_string().trim_end())
    })
}

/// The whole command line; called as `kubectl-sc`, it says so in its help.
fn command() -> clap::Command {
    let own = Invocation::command();
    match program_name() {
        "sc" => own,
        plugin => own.bin_name(plugin),
    }
}

/// How a person calls this program.
pub(crate) fn program_name() -> &'static str {
    let called = std::env::args_os().next().map(PathBuf::from);
    let is_plugin =
        called.and_then(|path| path.file_stem().map(|stem| stem == "kubectl-sc")).unwrap_or_default();
    if is_plugin { "kubectl sc" } else { "sc" }
}

/// Prints a completion script.
pub(crate) fn print_completion(shell: Shell) -> Result<ExitCode> {
    clap_complete::generate(shell, &mut Invocation::command(), "sc", &mut std::io::stdout());
    Ok(ExitCode::SUCCESS)
}

/// Writes one manual page a command.
pub(crate) fn write_man_pages(directory: &std::path::Path) -> Result<ExitCode> {
    let unwritable =
        |error| Failure::local(format!("can't write manual pages into `{}`", directory.display()), error);
    std::fs::create_dir_all(directory).map_err(unwritable)?;
    clap_mangen::generate_to(Invocation::command(), directory).map_err(unwritable)?;
    Ok(ExitCode::SUCCESS)
}

/// A time span as people write it: `90s`, `2m`, `1h`, `500ms`, or a number of seconds.
pub(crate) fn parse_span(given: &str) -> std::result::Result<Duration, String> {
    let split = given.find(|c: char| !c.is_ascii_digit()).unwrap_or(given.len());
    let (number, unit) = given.split_at(split);
    let number: u64 = number.parse().map_err(|_| "write it like 90s, 2m or 1h".to_owned())?;
    let span = match unit {
        "ms" => Some(Duration::from_millis(number)),
        "" | "s" => Some(Duration::from_secs(number)),
        "m" => number.checked_mul(60).map(Duration::from_secs),
        "h" => number.checked_mul(3600).map(Duration::from_secs),
        _ => None,
    };
    let longest = Duration::from_secs(24 * 3600);
    span.filter(|span| !span.is_zero() && *span <= longest)
        .ok_or_else(|| "write it like 90s, 2m or 1h, at most 24h".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_of_the_command_line_is_sound() {
        command().debug_assert();
    }

    #[test]
    fn time_spans_are_read_as_people_write_them() {
        assert_eq!(parse_span("90"), Ok(Duration::from_secs(90)));
        assert_eq!(parse_span("2m"), Ok(Duration::from_secs(120)));
        assert_eq!(parse_span("500ms"), Ok(Duration::from_millis(500)));
        for wrong in ["", "0", "m", "-1", "1d", "99999999999999999999", "25h"] {
            assert!(parse_span(wrong).is_err(), "{wrong}");
        }
    }
}
