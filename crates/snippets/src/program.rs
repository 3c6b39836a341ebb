//! Short programs that read a connection's variables and use the service, one a client type and family of services.
//!
//! A program names a variable by a token, `@CONNECTIONSTRING@`, which stands for the variable of that name or the one that ends
//! in `_CONNECTIONSTRING`: so one program serves PostgreSQL of one's own, in Azure, and at Neon. `@PORT?@` is a variable that not
//! every such service has; the program then finds none and takes the usual value. `storage-blob.workload-identity.py` is for that
//! auth type, `storage-blob.py` for all others whose variables it gets along with.

use include_dir::{Dir, include_dir};
use sc_catalog::{Resolved, Service};
use sc_model::{AuthType, ClientType, Failure, FailureCode, Result};

static PROGRAMS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../../snippets");

/// The program for a connection in a language, with the names of its variables in it. The language is the connection's client
/// type, or another one whose program gets along with the same variables.
pub fn program(resolved: &Resolved<'_>, language: ClientType) -> Result<String> {
    let text = find(resolved.service(), resolved.auth_type(), language);
    text.and_then(|text| fill(text, &resolved.variable_names())).ok_or_else(|| without(resolved, language))
}

/// Puts the names of variables in the place of tokens; `None` where there is no such variable.
fn fill(text: &str, names: &[(&str, String)]) -> Option<String> {
    let mut program = String::with_capacity(text.len() + 256);
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('@') {
        program.push_str(before);
        match behind.split_once('@').filter(|(token, _)| is_token(token)) {
            Some((token, after)) => {
                match token.strip_suffix('?') {
                    Some(optional) => program.push_str(&optional_name(names, optional)),
                    None => program.push_str(named(names, token)?),
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
    Some(program)
}

fn find(service: &Service, auth: AuthType, client: ClientType) -> Option<&'static str> {
    let family = service.program()?;
    let folder = PROGRAMS.get_dir(client.name())?;
    let file =
        |name: &str| folder.files().find(|file| file.path().file_stem().is_some_and(|stem| stem == name));
    file(&format!("{family}.{auth}")).or_else(|| file(family))?.contents_utf8()
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

/// The languages whose program gets along with the variables of an auth type: their own, or those of `none`.
fn languages(service: &Service, auth: AuthType) -> Vec<&'static str> {
    let offered: Vec<_> = service.support().filter(|support| support.auth == auth).collect();
    let of = |client: ClientType| offered.iter().find(|support| support.client == client);
    let works = |client: &ClientType| {
        let text = find(service, auth, *client);
        text.zip(of(*client).or_else(|| of(ClientType::None))).is_some_and(|(text, support)| {
            let names: Vec<_> = support.keys.iter().map(|key| (*key, (*key).to_owned())).collect();
            fill(text, &names).is_some()
        })
    };
    ClientType::ALL.iter().copied().filter(works).map(ClientType::name).collect()
}

fn without(resolved: &Resolved<'_>, language: ClientType) -> Failure {
    let (service, auth) = (resolved.service(), resolved.auth_type());
    let failure = Failure::new(
        FailureCode::UnsupportedCombination,
        format!(
            "there is no sample program in {language} for {} with {auth} and the client type {}",
            service.name(),
            resolved.client_type()
        ),
    );
    let ways = service.auth_types().into_iter().map(|auth| (auth, languages(service, auth)));
    let ways: Vec<_> = ways.filter(|(_, languages)| !languages.is_empty()).collect();
    let told: Vec<_> =
        ways.iter().map(|(way, languages)| format!("with {way} for {}", languages.join(", "))).collect();
    let failure = failure.because(match told.as_slice() {
        [] => "no language has one for this target".to_owned(),
        told => format!("there are some {}", told.join("; ")),
    });
    let can_choose = ways.iter().any(|(way, _)| *way == auth);
    failure.remedied_by(format!(
        "{}Look at the variables with `sc connection list-configuration`, and write a program of your own.",
        if can_choose { "Name one of these languages with --language. Or: " } else { "" }
    ))
}
