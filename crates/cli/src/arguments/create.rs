//! `sc connection create TARGET …`: a subcommand a target service, with the options that the catalog lists for it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};
use sc_catalog::{Catalog, Service};
use sc_model::{AuthType, ClientType, ConnectionName};

use super::bind::BindArguments;
use super::extension::InstallationArguments;
use super::{InNamespace, parse_span};
use crate::secret_input::SecretSource;

/// What a request says apart from its target.
#[derive(Args, Debug, Clone)]
pub(crate) struct RequestArguments {
    /// The language or framework whose variables the workload reads.
    #[arg(short, long, value_name = "TYPE")]
    pub(crate) client_type: Option<ClientType>,
    /// Sign in with a password or key (Connection String); az's `name=USER secret=VALUE` is understood, but a value given
    /// here can be seen by other users of this machine.
    #[arg(long, num_args = 0..=2, value_name = "name=USER secret=VALUE", conflicts_with = "workload_identity", help_heading = "Sign-in")]
    pub(crate) secret: Option<Vec<String>>,
    /// Take the password or key from a Secret of the namespace instead of storing it; KEY left out is what the
    /// target calls it: `password`, `access-key`, `account-key`.
    #[arg(long, value_name = "NAME[/KEY]", help_heading = "Sign-in")]
    pub(crate) secret_ref: Option<String>,
    /// Sign in by workload identity: the client id of the managed identity.
    #[arg(long, value_name = "CLIENT-ID", requires = "tenant_id", help_heading = "Sign-in")]
    pub(crate) workload_identity: Option<String>,
    /// The tenant of the identity.
    #[arg(long, value_name = "TENANT-ID", help_heading = "Sign-in")]
    pub(crate) tenant_id: Option<String>,
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

/// The target's own options, as they were given.
#[derive(Debug, Clone, Default)]
pub(crate) struct TargetValues {
    /// Values by the catalog's parameter name.
    pub(crate) parameters: BTreeMap<String, String>,
    /// The user, where the target has users.
    pub(crate) username: Option<String>,
    /// Where the password or key is read from.
    pub(crate) secret: Option<SecretSource>,
}

/// A whole create request.
#[derive(Debug, Clone)]
pub(crate) struct CreateArguments {
    pub(crate) service: String,
    pub(crate) name: Option<ConnectionName>,
    pub(crate) place: InNamespace,
    pub(crate) target: TargetValues,
    pub(crate) request: RequestArguments,
}

impl Args for CreateArguments {
    fn augment_args(command: Command) -> Command {
        let services = Catalog::builtin().services();
        command
            .subcommand_required(true)
            .arg_required_else_help(true)
            .subcommand_value_name("TARGET")
            .subcommand_help_heading("Target services")
            .disable_help_subcommand(true)
            .subcommands(services.iter().map(service_command))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for CreateArguments {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let missing =
            || clap::Error::raw(clap::error::ErrorKind::MissingSubcommand, "a target service is missing\n");
        let (name, matches) = matches.subcommand().ok_or_else(missing)?;
        let service = Catalog::builtin().service(name).map_err(|failure| {
            clap::Error::raw(clap::error::ErrorKind::InvalidSubcommand, format!("{failure}\n"))
        })?;
        let named = |id: &str| matches.get_one::<ConnectionName>(id).cloned();
        Ok(Self {
            service: service.name().to_owned(),
            name: named("name").or_else(|| named("connection")),
            place: InNamespace::from_arg_matches(matches)?,
            target: target_values(std::slice::from_ref(service), matches),
            request: RequestArguments::from_arg_matches(matches)?,
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

fn service_command(service: &'static Service) -> Command {
    let name = Arg::new("name")
        .value_name("NAME")
        .value_parser(clap::value_parser!(ConnectionName))
        .help("The connection's name (letters, digits, `.`, `_`, `-`); left out, one is made up");
    let connection = Arg::new("connection")
        .long("connection")
        .value_name("NAME")
        .value_parser(clap::value_parser!(ConnectionName))
        .conflicts_with("name")
        .help("The same, as az gives it");
    let command = Command::new(service.name())
        .visible_aliases(service.aliases().iter().map(String::as_str))
        .about(service.title())
        .arg(name)
        .arg(connection)
        .args(target_options(std::slice::from_ref(service)));
    // The texts on the argument structs are for readers of the code; a command is described by its service.
    RequestArguments::augment_args(InNamespace::augment_args(command)).about(service.title()).long_about(None)
}

/// The options of all target services at once, for `update`, which learns the target from the stored connection.
#[derive(Debug, Clone)]
pub(crate) struct AnyTarget(pub(crate) TargetValues);

impl Args for AnyTarget {
    fn augment_args(command: Command) -> Command {
        command.args(target_options(Catalog::builtin().services()))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for AnyTarget {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        Ok(Self(target_values(Catalog::builtin().services(), matches)))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// The options that the catalog lists for some services, each once.
fn target_options(services: &'static [Service]) -> Vec<Arg> {
    let mut options = BTreeMap::new();
    for (index, parameter) in services.iter().flat_map(|service| service.parameters()).enumerate() {
        let kind = format!("{:?}", parameter.kind());
        let option = Arg::new(format!("target-{}", parameter.option()))
            .long(parameter.option())
            .value_name(kind.to_uppercase())
            .help_heading("Target")
            .display_order(index)
            .help(described(parameter.help(), parameter.default_text()));
        options.entry(parameter.option().to_owned()).or_insert(option);
    }
    let mut options: Vec<_> = options.into_values().collect();
    options.extend(secret_options(services));
    options
}

fn described(help: &str, default: Option<String>) -> String {
    match default {
        Some(default) => format!("{help} [default: {default}]"),
        None => help.to_owned(),
    }
}

/// `--password-stdin`, `--password-file`, and the same for what other targets call their secret.
fn secret_options(services: &'static [Service]) -> Vec<Arg> {
    let mut options = BTreeMap::new();
    for input in services.iter().filter_map(|service| service.secret_input(AuthType::Secret)) {
        let name = input.name();
        let stdin = Arg::new(format!("{name}-stdin"))
            .long(format!("{name}-stdin"))
            .action(clap::ArgAction::SetTrue)
            .conflicts_with("secret_ref")
            .help_heading("Sign-in")
            .help(format!("Read the {} from the standard input: {}", input.title(), input.help()));
        let file = Arg::new(format!("{name}-file"))
            .long(format!("{name}-file"))
            .value_name("FILE")
            .value_parser(clap::value_parser!(PathBuf))
            .conflicts_with(format!("{name}-stdin"))
            .help_heading("Sign-in")
            .help(format!("Read the {} from a file", input.title()));
        options.entry(name.to_owned()).or_insert([stdin, file]);
    }
    options.into_values().flatten().collect()
}

fn target_values(services: &'static [Service], matches: &ArgMatches) -> TargetValues {
    let mut values = TargetValues::default();
    for parameter in services.iter().flat_map(|service| service.parameters()) {
        let given = matches.get_one::<String>(&format!("target-{}", parameter.option()));
        match given {
            Some(given) if parameter.is_username() => values.username = Some(given.clone()),
            Some(given) => {
                values.parameters.insert(parameter.name().to_owned(), given.clone());
            }
            None => {}
        }
    }
    for input in services.iter().filter_map(|service| service.secret_input(AuthType::Secret)) {
        let name = input.name();
        if matches.get_flag(&format!("{name}-stdin")) {
            values.secret = Some(SecretSource::StandardInput);
        } else if let Some(file) = matches.get_one::<PathBuf>(&format!("{name}-file")) {
            values.secret = Some(SecretSource::File(file.clone()));
        }
    }
    values
}
