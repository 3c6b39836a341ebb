//! Asks one question, and makes words of the command line of the answer.

use inquire::error::InquireResult;
use inquire::validator::Validation;
use inquire::{Confirm, Password, PasswordDisplayMode, Select, Text};
use sc_catalog::{Catalog, Kind, Parameter, Resolved, SecretInput, SecretInputs, Service, parse_id};
use sc_model::{
    AuthType, ConnectionName, Failure, FailureCode, Namespace, Result, SecretValue, VariableName,
};

use super::answer::{Answer, Defaults};
use super::choice::{Choice, choose, client, target};
use super::draft::{Draft, Question, Said};
use super::terminal::{Terminal, discard_pending};
use crate::commands::draft as request;
use crate::secret_input::SecretSource;

/// The namespaces to choose from.
#[derive(Debug, Default)]
pub(super) struct Namespaces {
    /// The context's.
    pub(super) usual: String,
    /// All of them; empty where they aren't known.
    pub(super) known: Vec<String>,
    /// Why they aren't.
    pub(super) why_unknown: Option<String>,
}

/// Asks a question.
pub(super) async fn ask(
    terminal: &Terminal,
    question: Question,
    draft: &Draft,
    namespaces: Namespaces,
) -> Result<Answer> {
    match question {
        Question::Target => {
            let services = Catalog::builtin().services().iter();
            let chosen = choose(terminal, "target service:", services.map(target).collect(), 0).await?;
            Ok(Answer::words([chosen.name().to_owned()]))
        }
        Question::AuthType(service, offered) => {
            let auth = choose_auth(terminal, service, offered).await?;
            let words = (auth == AuthType::Csi).then(|| "--enable-csi".to_owned());
            Ok(Answer { auth: Some(auth), ..Answer::words(words) })
        }
        Question::ClientType(offered) => {
            let choices = offered.into_iter().map(client).collect();
            let chosen = choose(terminal, "client type:", choices, 0).await?;
            Ok(Answer::words(option("client-type", chosen.name())))
        }
        Question::Name(service) => {
            let name = ask_name(terminal, service).await?;
            Ok(Answer::words(option("connection", &name)))
        }
        Question::Namespace => {
            let namespace = ask_namespace(terminal, namespaces).await?;
            Ok(Answer::words(["-n".to_owned(), namespace]))
        }
        Question::Which(whole, shorts) => ask_which(terminal, whole, shorts).await,
        Question::Parameter(parameter, usual) => {
            Ok(Answer::words(ask_parameter(terminal, parameter, usual).await?))
        }
        Question::ClientId(auth, name) => {
            let help = match auth {
                AuthType::ServicePrincipal => "the service principal's client id, a UUID",
                AuthType::Csi => "the client id of the driver's identity, a UUID",
                _ => "the client id of the managed identity, a UUID",
            };
            Ok(Answer::words(ask_id(terminal, "client id:", name, help).await?))
        }
        Question::TenantId => {
            let help = "the tenant of the identity, a UUID";
            Ok(Answer::words(ask_id(terminal, "tenant id:", "tenant-id", help).await?))
        }
        Question::Variables => ask_variables(terminal).await,
        Question::Defaults(usual) => {
            let list: Vec<_> =
                usual.iter().map(|(parameter, usual)| format!("{} {usual}", parameter.option())).collect();
            let message = format!("keep {}?", list.join(", "));
            let is_kept = terminal.prompt(move || Confirm::new(&message).with_default(true).prompt()).await?;
            let defaults = if is_kept { Defaults::Kept } else { Defaults::Changed };
            Ok(Answer { defaults: Some(defaults), ..Answer::default() })
        }
        Question::Secret(input, said) => {
            let words = (said == Said::No).then(|| format!("--{}-stdin", input.name()));
            let secret = ask_secret(terminal, input, resolved(draft, input)).await?;
            Ok(Answer { secret: Some((input.name().to_owned(), secret)), ..Answer::words(words) })
        }
    }
}

/// An option with its value.
fn option(name: &str, value: &str) -> Vec<String> {
    if value.starts_with('-') {
        vec![format!("--{name}={value}")]
    } else {
        vec![format!("--{name}"), value.to_owned()]
    }
}

async fn choose_auth(
    terminal: &Terminal,
    service: &'static Service,
    offered: Vec<AuthType>,
) -> Result<AuthType> {
    let about = |auth: AuthType| match auth {
        AuthType::Secret => service
            .secret_input(auth)
            .map_or_else(|| "nothing secret".to_owned(), |input| input.help().to_owned()),
        AuthType::ServicePrincipal => "a service principal's client id and secret".to_owned(),
        AuthType::WorkloadIdentity => "a ServiceAccount that is federated with a managed identity".to_owned(),
        AuthType::Csi => "the identity of the cluster's Secrets Store CSI driver".to_owned(),
        AuthType::SystemManagedIdentity => "the identity that Azure gives".to_owned(),
    };
    let usual = offered.iter().position(|auth| *auth == service.default_auth()).unwrap_or_default();
    let choices = offered.into_iter().map(|auth| Choice::new(auth, auth.name(), about(auth))).collect();
    choose(terminal, "auth type:", choices, usual).await
}

async fn ask_name(terminal: &Terminal, service: &'static Service) -> Result<String> {
    let made_up = request::made_up_name(service)?.to_string();
    let check = move |name: &str| {
        request::check_name(service, &name.parse::<ConnectionName>()?)?;
        Ok(name.to_owned())
    };
    type_in(terminal, "connection name:", "letters, digits, `.`, `_` and `-`", Some(made_up), check).await
}

async fn ask_namespace(terminal: &Terminal, namespaces: Namespaces) -> Result<String> {
    let message = "namespace:";
    let Namespaces { usual, known, why_unknown } = namespaces;
    if known.is_empty() {
        let why = why_unknown.map_or_else(String::new, |why| format!(" (they can't be listed: {why})"));
        let help = format!("the workload's{why}");
        let usual = if usual.is_empty() { "default".to_owned() } else { usual };
        let check = |name: &str| Ok(name.parse::<Namespace>()?.to_string());
        return type_in(terminal, message, &help, Some(usual), check).await;
    }
    let start = known.iter().position(|name| *name == usual).unwrap_or_default();
    let choices = known.into_iter().map(|name| Choice::new(name.clone(), name, "")).collect();
    choose(terminal, message, choices, start).await
}

/// A parameter, or the short ways to say it: first which, then those.
async fn ask_which(
    terminal: &Terminal,
    whole: &'static Parameter,
    shorts: Vec<&'static Parameter>,
) -> Result<Answer> {
    let names: Vec<_> = shorts.iter().map(|short| short.option()).collect();
    let what_for = shorts.first().and_then(|short| short.short_for()).unwrap_or_default();
    let helps: Vec<_> = shorts.iter().map(|short| short.help()).collect();
    let about = format!("{what_for}: {}", helps.join(", "));
    let choices = vec![
        Choice::new(vec![whole], whole.option(), whole.help()),
        Choice::new(shorts.clone(), names.join(", "), about),
    ];
    let mut words = Vec::new();
    for parameter in choose(terminal, "where it is, by:", choices, 0).await? {
        words.extend(ask_parameter(terminal, parameter, None).await?);
    }
    Ok(Answer::words(words))
}

async fn ask_parameter(
    terminal: &Terminal,
    parameter: &'static Parameter,
    usual: Option<String>,
) -> Result<Vec<String>> {
    let message = format!("{}:", parameter.option().replace('-', " "));
    let choices: Vec<&str> = match parameter.kind() {
        Kind::Choice => parameter.choices().iter().map(String::as_str).collect(),
        Kind::Switch => vec!["on", "off"],
        _ => Vec::new(),
    };
    let value = if choices.is_empty() {
        let check = |value: &str| parameter.parse(value);
        type_in(terminal, &message, parameter.help(), usual, check).await?
    } else {
        let start = choices.iter().position(|choice| usual.as_deref() == Some(choice)).unwrap_or_default();
        let prompt = move || {
            let select = Select::new(&message, choices).with_starting_cursor(start);
            select.with_help_message(parameter.help()).prompt()
        };
        terminal.prompt(prompt).await?.to_owned()
    };
    Ok(option(parameter.option(), &value))
}

/// Variables, one by one; an empty line ends them.
async fn ask_variables(terminal: &Terminal) -> Result<Answer> {
    let mut words = Vec::new();
    loop {
        let is_first = words.is_empty();
        let (message, help) = if is_first {
            ("variable:", "NAME=VALUE, not for secrets: those are given by --set-secret NAME=FILE")
        } else {
            ("one more:", "NAME=VALUE, or nothing to go on")
        };
        let check = move |pair: &str| match pair.split_once('=') {
            _ if pair.is_empty() && !is_first => Ok(String::new()),
            Some((name, _)) => name.parse::<VariableName>().map(|_| pair.to_owned()),
            None => Err(Failure::new(FailureCode::InvalidOption, "write it NAME=VALUE")),
        };
        let pair = type_in(terminal, message, help, None, check).await?;
        if pair.is_empty() {
            return Ok(Answer::words(words));
        }
        words.extend(option("set", &pair));
    }
}

async fn ask_id(
    terminal: &Terminal,
    message: &'static str,
    name: &'static str,
    help: &'static str,
) -> Result<Vec<String>> {
    let id = type_in(terminal, message, help, None, move |value| parse_id(name, value)).await?;
    Ok(option(name, &id))
}

/// Lets a person type; asks again, with the reason, until the check takes it. Its usual form is the answer.
async fn type_in(
    terminal: &Terminal,
    message: &str,
    help: &str,
    usual: Option<String>,
    check: impl Fn(&str) -> Result<String> + Clone + Send + 'static,
) -> Result<String> {
    let (message, help, validate) = (message.to_owned(), help.to_owned(), check.clone());
    let typed = terminal
        .prompt(move || {
            let validator = move |typed: &str| {
                Ok(match validate(typed.trim()) {
                    Ok(_) => Validation::Valid,
                    Err(failure) => Validation::Invalid(reason(failure).into()),
                })
            };
            let text = Text::new(&message).with_help_message(&help).with_validator(validator);
            match &usual {
                Some(usual) => text.with_default(usual).prompt(),
                None => text.prompt(),
            }
        })
        .await?;
    check(typed.trim())
}

/// What is said of an answer that isn't taken.
fn reason(failure: Failure) -> String {
    failure.cause.unwrap_or(failure.message)
}

/// The request with everything but its secret, to try the secret in its variables.
fn resolved(draft: &Draft, input: &SecretInput) -> Option<Resolved<'static>> {
    let mut given = draft.given.clone()?;
    let has_companion = !given.companion.is_empty();
    let parts = [&mut given.target, &mut given.companion];
    // Of a companion nobody spoke of, there is no secret either.
    for (values, is_wanted) in parts.into_iter().zip([true, has_companion]) {
        if is_wanted {
            values.secrets.entry(input.name().to_owned()).or_insert(SecretSource::StandardInput);
        }
    }
    let drafts = request::drafts(&given).unwrap_or_default();
    let resolved = drafts.iter().filter_map(|draft| Catalog::builtin().resolve(&draft.spec).ok());
    // With others beside it, it can't be tried alone.
    let is_its_own = |resolved: &Resolved<'_>| {
        resolved.secret_input() == Some(input) && resolved.additional_secrets().next().is_none()
    };
    resolved.into_iter().find(is_its_own)
}

async fn ask_secret(
    terminal: &Terminal,
    input: &'static SecretInput,
    resolved: Option<Resolved<'static>>,
) -> Result<SecretValue> {
    let check = move |value: &str| -> Result<()> {
        input.check(value)?;
        match &resolved {
            Some(resolved) => resolved.render(&SecretInputs::from(Some(SecretValue::new(value)))).map(drop),
            None => Ok(()),
        }
    };
    terminal.prompt(move || type_secret(input, &check)).await.map(SecretValue::new)
}

fn type_secret(
    input: &SecretInput,
    check: &(impl Fn(&str) -> Result<()> + Clone + 'static),
) -> InquireResult<String> {
    let message = format!("{}:", input.title());
    let help = format!("{}; what you type or paste isn't shown", input.help());
    loop {
        let check = check.clone();
        let validator = move |typed: &str| {
            Ok(if typed.chars().any(char::is_control) {
                // A key that edits elsewhere, or a paste with tabs: nobody sees that it became part of the secret.
                Validation::Invalid("a key was pressed that isn't text; type it again".into())
            } else {
                match check(typed) {
                    Ok(()) => Validation::Valid,
                    Err(failure) => Validation::Invalid(reason(failure).into()),
                }
            })
        };
        let secret = Password::new(&message)
            .with_display_mode(PasswordDisplayMode::Hidden)
            .with_help_message(&help)
            .with_validator(validator)
            .without_confirmation()
            .prompt()?;
        if !discard_pending() {
            return Ok(secret);
        }
        let name = input.name();
        eprintln!("  # only its first line would be taken; one of several lines is given by --{name}-file\r");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_looks_like_an_option_stays_with_its_own() {
        assert_eq!(option("database", "-x"), ["--database=-x"]);
        assert_eq!(option("database", "x"), ["--database", "x"]);
    }
}
