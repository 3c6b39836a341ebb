//! `sc connection create TARGET …`: a subcommand a target service, with the options that the catalog lists for it.

use std::collections::BTreeSet;

use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};
use sc_catalog::{Catalog, Service};
use sc_model::{ClientType, ConnectionName};

use super::InNamespace;
use super::request::RequestArguments;
use super::target::{TargetValues, options, values};

/// A whole create request.
#[derive(Debug, Clone)]
pub(crate) struct CreateArguments {
    pub(crate) service: String,
    pub(crate) name: Option<ConnectionName>,
    pub(crate) place: InNamespace,
    pub(crate) target: TargetValues,
    /// The options of the service that people connect to together with it.
    pub(crate) companion: TargetValues,
    pub(crate) request: RequestArguments,
}

impl Args for CreateArguments {
    fn augment_args(command: Command) -> Command {
        let services = Catalog::builtin().services();
        command
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
            target: values(&[service], matches),
            companion: companion(service)
                .map_or_else(TargetValues::default, |other| values(&[other], matches)),
            request: RequestArguments::from_arg_matches(matches)?,
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// The service that people connect to together with another one.
fn companion(service: &Service) -> Option<&'static Service> {
    let companion = service.companion()?;
    // The build script has made sure of it.
    Catalog::builtin().service(companion.service()).ok()
}

/// What a person is told whose options don't fit the service that they named, and who may have meant another one.
pub(crate) fn rather(words: impl Iterator<Item = String>) -> Option<&'static str> {
    let mut words = words.skip_while(|word| word != "create").skip(1);
    let named = words.find(|word| !word.starts_with('-'))?;
    Catalog::builtin().service(&named).ok()?.rather()
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
        .args(options(&std::iter::once(service).chain(companion(service)).collect::<Vec<_>>()));
    let command = match service.rather() {
        Some(rather) => command.after_help(rather),
        None => command,
    };
    // The texts on the argument structs are for readers of the code; a command is described by its service.
    let command = RequestArguments::augment_args(InNamespace::augment_args(command));
    command.about(service.title()).long_about(None).mut_arg("client_type", |argument| {
        let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
        argument.help(format!("{}: {}", help.trim_end_matches('.'), clients(service)))
    })
}

/// The client types that a service has with one sign-in or another.
fn clients(service: &Service) -> String {
    let offered: BTreeSet<_> =
        service.auth_types().into_iter().flat_map(|auth| service.client_types(auth)).collect();
    offered.into_iter().map(ClientType::name).collect::<Vec<_>>().join(", ")
}
