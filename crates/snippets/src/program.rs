//! Short programs that read a connection's variables and use the service, one a client type and family of services.
//!
//! A program names a variable by a token, `@CONNECTIONSTRING@`, which stands for the variable of that name or the one that ends
//! in `_CONNECTIONSTRING`: so one program serves PostgreSQL of one's own, in Azure, and at Neon. `@PORT?@` is a variable that not
//! every such service has; the program then finds none and takes the usual value.

use include_dir::{Dir, File, include_dir};
use sc_catalog::{Resolved, Service};
use sc_model::{AuthType, ClientType, Failure, FailureCode, Result};

static PROGRAMS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../../snippets");

/// The program for a connection in a language, with the names of its variables in it. The language is the connection's client
/// type, or another one whose program gets along with the same variables.
pub fn program(resolved: &Resolved<'_>, language: ClientType) -> Result<String> {
    let service = resolved.service();
    let without = || without(resolved, language);
    let text = find(service, language).ok_or_else(without)?;
    let names = resolved.variable_names();
    let mut program = String::with_capacity(text.len() + 256);
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('@') {
        program.push_str(before);
        match behind.split_once('@').filter(|(token, _)| is_token(token)) {
            Some((token, after)) => {
                match token.strip_suffix('?') {
                    Some(optional) => program.push_str(&optional_name(&names, optional)),
                    None => program.push_str(named(&names, token).ok_or_else(without)?),
                }
                rest = after;
            }
            None => {
                program.push('@');
                rest = behind;
            }
        }
    }
    program.push_str(rest);
    Ok(program)
}

/// The client types for which there is a program that uses a service.
pub fn clients_with_a_program(service: &Service) -> Vec<ClientType> {
    ClientType::ALL.iter().copied().filter(|client| find(service, *client).is_some()).collect()
}

fn find(service: &Service, client: ClientType) -> Option<&'static str> {
    let family = service.program()?;
    let is_it = |file: &&File<'static>| file.path().file_stem().is_some_and(|stem| stem == family);
    PROGRAMS.get_dir(client.name())?.files().find(is_it)?.contents_utf8()
}

fn is_token(text: &str) -> bool {
    let text = text.strip_suffix('?').unwrap_or(text);
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
}

/// The present name of the variable that a token stands for.
fn named<'n>(names: &'n [(&str, String)], token: &str) -> Option<&'n str> {
    let ends = |name: &str| name.strip_suffix(token).is_some_and(|before| before.ends_with('_'));
    let is_it = |(name, _): &&(&str, String)| *name == token || ends(name);
    names.iter().find(is_it).map(|(_, present)| present.as_str())
}

/// A variable that may not be there: then by the name that it would have beside the others, which nothing else gives to a pod.
fn optional_name(names: &[(&str, String)], token: &str) -> String {
    let prefix = names.first().and_then(|(name, _)| name.rsplit_once('_')).map_or("", |(prefix, _)| prefix);
    named(names, token).map_or_else(|| format!("{prefix}_{token}"), str::to_owned)
}

fn without(resolved: &Resolved<'_>, language: ClientType) -> Failure {
    let (service, auth) = (resolved.service(), resolved.auth_type());
    let clients: Vec<_> = clients_with_a_program(service).into_iter().map(ClientType::name).collect();
    let failure = Failure::new(
        FailureCode::UnsupportedCombination,
        format!(
            "there is no sample program in {language} for {} with {auth} and the client type {}",
            service.name(),
            resolved.client_type()
        ),
    );
    match clients.as_slice() {
        [] => failure.because("no language has one for this target"),
        clients => failure
            .because(format!("there are some with {} for {}", AuthType::Secret, clients.join(", ")))
            .remedied_by(
                "Name a language with --language; or look at the variables with `sc connection list-configuration`, and \
                 write a program of your own.",
            ),
    }
}
