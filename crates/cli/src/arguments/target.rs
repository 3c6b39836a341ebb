//! The options that the catalog lists for target services: what identifies one, and where its secret is read from.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Arg, ArgMatches, Args, FromArgMatches};
use sc_catalog::{Catalog, SecretInput, Service};
use sc_model::resource::AuthSpec;
use sc_model::{AuthType, Failure, FailureCode, Result};

use crate::secret_input::SecretSource;

/// The target's own options, as they were given.
#[derive(Debug, Clone, Default)]
pub(crate) struct TargetValues {
    /// Values by option.
    pub(crate) options: BTreeMap<String, String>,
    /// Where secrets are read from, by the secret's name: `password`, `account-key`, `client-secret`.
    pub(crate) secrets: BTreeMap<String, SecretSource>,
}

impl TargetValues {
    /// Whether nothing was given.
    pub(crate) fn is_empty(&self) -> bool {
        self.options.is_empty() && self.secrets.is_empty()
    }

    /// Puts the values that belong to a service where the custom resource holds them.
    pub(crate) fn store(
        &self,
        service: &Service,
        parameters: &mut BTreeMap<String, String>,
        auth: &mut AuthSpec,
    ) -> Result<()> {
        for (option, value) in &self.options {
            let parameter = service.parameters().iter().find(|parameter| parameter.option() == option);
            let parameter = parameter.ok_or_else(|| unknown(service, option))?;
            if parameter.is_username() {
                auth.username = Some(value.clone());
            } else if parameter.is_principal_id() {
                auth.principal_id = Some(value.clone());
            } else {
                parameters.insert(parameter.name().to_owned(), value.clone());
            }
        }
        Ok(())
    }
}

/// An option of another target; only `update`, which learns the target from the stored connection, gets so far.
fn unknown(service: &Service, option: &str) -> Failure {
    let known: Vec<_> = service.parameters().iter().map(|known| format!("--{}", known.option())).collect();
    Failure::new(FailureCode::InvalidOption, format!("--{option} has no meaning for {}", service.name()))
        .because(if known.is_empty() {
            "the target has no options of its own".to_owned()
        } else {
            format!("its options are {}", known.join(", "))
        })
}

/// The options of all target services at once, for `update`.
#[derive(Debug, Clone)]
pub(crate) struct AnyTarget(pub(crate) TargetValues);

impl Args for AnyTarget {
    fn augment_args(command: clap::Command) -> clap::Command {
        command.args(options(&all()))
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for AnyTarget {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        Ok(Self(values(&all(), matches)))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

fn all() -> Vec<&'static Service> {
    Catalog::builtin().services().iter().collect()
}

/// The options that the catalog lists for some services, each once.
pub(crate) fn options(services: &[&'static Service]) -> Vec<Arg> {
    let mut seen = BTreeMap::new();
    for (index, parameter) in services.iter().flat_map(|service| service.parameters()).enumerate() {
        let option = Arg::new(format!("target-{}", parameter.option()))
            .long(parameter.option())
            .value_name(value_name(parameter))
            .help_heading("Target")
            .display_order(index)
            .help(described(parameter));
        seen.entry(parameter.option()).or_insert(option);
    }
    let mut options: Vec<_> = seen.into_values().collect();
    options.extend(secret_options(services));
    options
}

fn value_name(parameter: &sc_catalog::Parameter) -> String {
    match parameter.kind() {
        sc_catalog::Kind::Switch => "on|off".to_owned(),
        sc_catalog::Kind::Choice => parameter.choices().join("|"),
        sc_catalog::Kind::Servers => "HOST:PORT,…".to_owned(),
        kind => format!("{kind:?}").to_uppercase(),
    }
}

fn described(parameter: &sc_catalog::Parameter) -> String {
    let help = parameter.help();
    match parameter.default_text() {
        Some(default) => format!("{help} [default: {default}]"),
        None => help.to_owned(),
    }
}

/// The secrets that some services have, each name once.
fn secret_inputs(services: &[&'static Service]) -> BTreeMap<&'static str, &'static SecretInput> {
    let inputs = services.iter().flat_map(|service| {
        service.auth_types().into_iter().filter_map(|auth: AuthType| service.secret_input(auth))
    });
    inputs.map(|input| (input.name(), input)).collect()
}

/// `--password-stdin`, `--password-file`, and the same for what other targets call their secret.
fn secret_options(services: &[&'static Service]) -> Vec<Arg> {
    let mut options = Vec::new();
    for (name, input) in secret_inputs(services) {
        let stdin = Arg::new(format!("{name}-stdin"))
            .long(format!("{name}-stdin"))
            .action(clap::ArgAction::SetTrue)
            .help_heading("Sign-in")
            .help(format!("Read the {} from the standard input: {}", input.title(), input.help()));
        let file = Arg::new(format!("{name}-file"))
            .long(format!("{name}-file"))
            .value_name("FILE")
            .value_parser(clap::value_parser!(PathBuf))
            .conflicts_with(format!("{name}-stdin"))
            .help_heading("Sign-in")
            .help(format!("Read the {} from a file", input.title()));
        options.extend([stdin, file]);
    }
    options
}

/// Reads the options of some services.
pub(crate) fn values(services: &[&'static Service], matches: &ArgMatches) -> TargetValues {
    let mut values = TargetValues::default();
    for parameter in services.iter().flat_map(|service| service.parameters()) {
        if let Some(given) = matches.get_one::<String>(&format!("target-{}", parameter.option())) {
            values.options.insert(parameter.option().to_owned(), given.clone());
        }
    }
    for name in secret_inputs(services).into_keys() {
        if matches.get_flag(&format!("{name}-stdin")) {
            values.secrets.insert(name.to_owned(), SecretSource::StandardInput);
        } else if let Some(file) = matches.get_one::<PathBuf>(&format!("{name}-file")) {
            values.secrets.insert(name.to_owned(), SecretSource::File(file.clone()));
        }
    }
    values
}
