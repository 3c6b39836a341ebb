//! What a person changes about the catalog's variables: other names, more of them, more in connection strings.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use sc_model::resource::ConfigurationSpec;
use sc_model::{Failure, FailureCode, Result, VariableName};

use crate::file::{Service, Variable};
use crate::nearest::nearest;
use crate::resolved::{Entry, Written};

/// The longest value of a variable of the person's own, in bytes. All that a connection holds has to fit into one object.
const LONGEST: usize = 32 * 1024;

/// Applies the configuration to the catalog's entries. The properties of connection strings are in them already.
pub(crate) fn apply<'c>(
    service: &'c Service,
    configuration: &ConfigurationSpec,
    mut entries: Vec<Entry<'c>>,
) -> Result<Vec<Entry<'c>>> {
    rename(&configuration.customized_keys, &mut entries)?;
    if configuration.service_binding {
        let binding = service.binding();
        entries.push(known("type", binding.kind()));
        entries.extend(binding.provider().map(|provider| known("provider", provider)));
    }
    for (name, value) in &configuration.additional {
        check_name(name, "--set")?;
        check_value(name, value)?;
        entries.push(Entry { key: Cow::Owned(name.clone()), written: Written::Known(value.clone()) });
    }
    for name in &configuration.additional_secrets {
        check_name(name, "--set-secret")?;
        if service.secret_names().any(|input| input == name) {
            return Err(Failure::new(
                FailureCode::InvalidName,
                format!("`{name}` can't be a variable of your own with a secret value"),
            )
            .because(format!("the connection's own secret is kept under `{name}`"))
            .remedied_by("Choose another name."));
        }
        entries.push(Entry { key: Cow::Owned(name.clone()), written: Written::Own });
    }
    each_once(&entries)?;
    if entries.is_empty() {
        return Err(Failure::new(
            FailureCode::MissingOption,
            format!("the connection to {} has no variables", service.name()),
        )
        .because("this target has none of its own")
        .remedied_by("Give some: --set NAME=VALUE, and --set-secret NAME=FILE for secrets (`-` reads the standard input)."));
    }
    Ok(entries)
}

fn known<'c>(key: &'static str, value: &str) -> Entry<'c> {
    Entry { key: Cow::Borrowed(key), written: Written::Known(value.to_owned()) }
}

/// Properties without a connection string to put them into would be lost in silence.
pub(crate) fn check_properties(configuration: &ConfigurationSpec, variables: &[&Variable]) -> Result<()> {
    let properties = &configuration.additional_connection_string_properties;
    let Some((first, _)) = properties.first_key_value() else { return Ok(()) };
    for name in properties.keys() {
        let fits = |c: char| c.is_ascii_alphanumeric() || " ._-".contains(c);
        if name.is_empty() || !name.chars().all(fits) || name.trim() != name {
            return Err(Failure::new(
                FailureCode::InvalidName,
                format!("`{}` can't be a property of a connection string", name.escape_debug()),
            )
            .because("it may hold letters, digits, spaces, `.`, `_` and `-`"));
        }
    }
    if variables.iter().any(|variable| variable.format.is_connection_string()) {
        return Ok(());
    }
    let names: Vec<_> = variables.iter().map(|variable| variable.name.as_str()).collect();
    Err(Failure::new(
        FailureCode::InvalidOption,
        format!("there is no connection string to put `{first}` into (--connstr-props)"),
    )
    .because(format!("the variables of this combination are {}", names.join(", ")))
    .remedied_by("Choose a client type that reads a connection string, or leave --connstr-props out."))
}

/// Gives entries other names. All are looked up by the catalog's names before any is changed, as two may take each other's.
fn rename(customized: &BTreeMap<String, String>, entries: &mut [Entry<'_>]) -> Result<()> {
    let mut renamed = Vec::new();
    for (old, new) in customized {
        check_name(new, "--customized-keys")?;
        let at = entries.iter().position(|entry| entry.key == old.as_str()).ok_or_else(|| {
            let names: Vec<_> = entries.iter().map(|entry| entry.key.as_ref()).collect();
            let failure = Failure::new(
                FailureCode::InvalidOption,
                format!("there is no variable `{}` to rename (--customized-keys)", old.escape_debug()),
            )
            .because(format!("the variables of this combination are {}", names.join(", ")));
            match nearest(old, names) {
                Some(meant) => failure.remedied_by(format!("Did you mean `{meant}`?")),
                None => failure,
            }
        })?;
        renamed.push((at, new));
    }
    for (at, new) in renamed {
        entries[at].key = Cow::Owned(new.clone());
    }
    Ok(())
}

fn check_name(name: &str, option: &str) -> Result<()> {
    name.parse::<VariableName>()
        .map(drop)
        .map_err(|failure| failure.remedied_by(format!("Give {option} another name.")))
}

fn check_value(name: &str, value: &str) -> Result<()> {
    let broken = if value.len() > LONGEST {
        format!("it has {} bytes; {LONGEST} is the most", value.len())
    } else if value.contains('\0') {
        "it holds a NUL character, which no environment variable can".to_owned()
    } else {
        return Ok(());
    };
    Err(Failure::new(FailureCode::InvalidOption, format!("the value of `{name}` can't be used"))
        .because(broken))
}

fn each_once(entries: &[Entry<'_>]) -> Result<()> {
    let mut seen = BTreeSet::new();
    match entries.iter().find(|entry| !seen.insert(entry.key.as_ref())) {
        None => Ok(()),
        Some(twice) => Err(Failure::new(
            FailureCode::InvalidOption,
            format!("two variables would have the name `{}`", twice.key),
        )
        .because("each variable of a connection needs a name of its own")
        .remedied_by("Choose another name in --customized-keys, --set or --set-secret.")),
    }
}
