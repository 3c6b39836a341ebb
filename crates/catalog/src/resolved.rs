//! A request that was checked against the catalog: everything about its variables is known but the secret.

use std::borrow::Cow;
use std::collections::BTreeMap;

use sc_model::{Failure, FailureCode, Result, SecretValue};

use crate::file::{Format, SecretInput, Service};
use crate::format::{Place, refused_by_client};
use crate::value::check_secret;
use crate::values::fill;
use crate::{AuthType, ClientType};

/// The most bytes that Linux takes for one variable, its name, the `=` and the final NUL included.
const LONGEST_VARIABLE: usize = 128 * 1024;

/// One environment variable of a workload.
#[derive(Clone, Debug)]
pub struct Binding {
    /// The variable's name.
    pub key: String,
    /// Its value.
    pub value: SecretValue,
    /// Whether a secret is in it.
    pub secret: bool,
}

/// A checked request. It holds no secret.
#[derive(Clone, Debug)]
pub struct Resolved<'c> {
    pub(crate) service: &'c Service,
    pub(crate) auth: AuthType,
    pub(crate) client: ClientType,
    pub(crate) values: BTreeMap<&'c str, String>,
    /// The names that the person gave to variables, by the catalog's.
    pub(crate) renamed: BTreeMap<String, String>,
    pub(crate) entries: Vec<Entry<'c>>,
}

/// A variable, written as far as it is known.
#[derive(Clone, Debug)]
pub(crate) struct Entry<'c> {
    pub(crate) key: Cow<'c, str>,
    pub(crate) written: Written<'c>,
}

/// What is known of a variable's value.
#[derive(Clone, Debug)]
pub(crate) enum Written<'c> {
    /// All of it.
    Known(String),
    /// What stands before and behind the connection's secret.
    WithSecret { before: String, gap: Gap<'c>, after: String },
    /// Nothing: it is a secret of the person's own, kept under the variable's name.
    Own,
}

/// Where in a variable the secret goes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gap<'c> {
    pub(crate) format: Format,
    pub(crate) place: Place,
    /// The field of the secret that is written, in place of all of it.
    pub(crate) field: Option<&'c str>,
}

/// The secrets of a connection.
#[derive(Clone, Debug, Default)]
pub struct SecretInputs {
    /// What [`Resolved::secret_input`] asks for.
    pub own: Option<SecretValue>,
    /// What [`Resolved::additional_secrets`] asks for, by name.
    pub additional: BTreeMap<String, SecretValue>,
}

impl SecretInputs {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.own.is_none() && self.additional.is_empty()
    }
}

impl From<Option<SecretValue>> for SecretInputs {
    fn from(own: Option<SecretValue>) -> Self {
        Self { own, additional: BTreeMap::new() }
    }
}

impl<'c> Resolved<'c> {
    /// The target service.
    pub fn service(&self) -> &'c Service {
        self.service
    }

    /// How the workload signs in.
    pub fn auth_type(&self) -> AuthType {
        self.auth
    }

    /// The workload's language or framework.
    pub fn client_type(&self) -> ClientType {
        self.client
    }

    /// The names of the variables, in order.
    pub fn keys(&self) -> Vec<&str> {
        self.entries.iter().map(|entry| entry.key.as_ref()).collect()
    }

    /// The checked value of a parameter, its default included: `host`, `port`, `database`, `username`, `endpoint`, …,
    /// and `client-id`, `tenant-id` with an identity.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// The names that the catalog's variables have here, by the name that the catalog gives them. Those that are left out while a
    /// parameter is at its default are among them.
    pub fn variable_names(&self) -> Vec<(&'c str, String)> {
        let variables = self.service.variables(self.auth, self.client).into_iter().flatten();
        let present = |name: &str| {
            let renamed = self.renamed.get(name);
            renamed.cloned().unwrap_or_else(|| name.to_owned())
        };
        variables.map(|variable| (variable.name.as_str(), present(&variable.name))).collect()
    }

    /// The secret that has to be given, if any: none where no variable holds it.
    pub fn secret_input(&self) -> Option<&'c SecretInput> {
        let is_written = self.entries.iter().any(|entry| matches!(entry.written, Written::WithSecret { .. }));
        self.service.secret_input(self.auth).filter(|_| is_written)
    }

    /// The names of the person's own variables whose values are secret and have to be given as well.
    pub fn additional_secrets(&self) -> impl Iterator<Item = &str> {
        let own = |entry: &&Entry<'_>| matches!(entry.written, Written::Own);
        self.entries.iter().filter(own).map(|entry| entry.key.as_ref())
    }

    /// The keys under which its secrets are kept, beside the one that a `secretRef` names.
    pub fn secret_keys(&self) -> Vec<&str> {
        self.secret_input().map(SecretInput::name).into_iter().chain(self.additional_secrets()).collect()
    }

    /// Where the target is reached, as `host:port` or a URL, for protocols that have no parameters `host` and `port`.
    pub fn address(&self) -> Option<String> {
        fill(self.service.address.as_ref()?, &self.values)
    }

    /// Whether a variable has a secret in it.
    pub fn is_secret(&self, key: &str) -> bool {
        let is_secret = |entry: &Entry<'_>| !matches!(entry.written, Written::Known(_));
        self.entries.iter().any(|entry| entry.key == key && is_secret(entry))
    }

    /// Writes the variables.
    pub fn render(&self, secrets: &SecretInputs) -> Result<Vec<Binding>> {
        let own = self.check_own(secrets.own.as_ref())?;
        self.entries.iter().map(|entry| self.binding(entry, own, secrets)).collect()
    }

    /// Finds the connection's secret in what a workload sees in its environment, and checks that all variables are as
    /// [`Resolved::render`] writes them. `None` if the connection has no secret.
    pub fn recover_secret(&self, environment: &BTreeMap<String, SecretValue>) -> Result<Option<SecretValue>> {
        let mut secret: Option<String> = None;
        let mut fields = Vec::new();
        for entry in &self.entries {
            let key = entry.key.as_ref();
            let found = environment.get(key).ok_or_else(|| drifted(key, "it is missing"))?.expose();
            match &entry.written {
                // What it should be is known to sc-job alone.
                Written::Own => {}
                Written::Known(value) if found == value => {}
                Written::Known(_) => return Err(drifted(key, "it has another value")),
                Written::WithSecret { before, gap, after } => {
                    let text = found
                        .strip_prefix(before.as_str())
                        .and_then(|rest| rest.strip_suffix(after.as_str()));
                    let held = text
                        .and_then(|text| gap.format.decode(gap.place, text))
                        .filter(|held| !held.is_empty())
                        .ok_or_else(|| drifted(key, "it has another form"))?;
                    match (gap.field, &secret) {
                        (Some(field), _) => fields.push((key, field, held)),
                        (None, Some(known)) if *known != held => {
                            return Err(drifted(key, ANOTHER_SECRET));
                        }
                        (None, _) => secret = Some(held),
                    }
                }
            }
        }
        for (key, field, held) in fields {
            if secret.as_deref().and_then(|secret| field_of(secret, field)) != Some(held.as_str()) {
                return Err(drifted(key, ANOTHER_SECRET));
            }
        }
        Ok(secret.map(SecretValue::new))
    }

    fn check_own<'s>(&self, secret: Option<&'s SecretValue>) -> Result<Option<&'s str>> {
        match (self.secret_input(), secret) {
            (None, _) => Ok(None),
            (Some(input), Some(secret)) => {
                check_secret(input, secret.expose()).map(|()| Some(secret.expose()))
            }
            (Some(input), None) => Err(Failure::new(
                FailureCode::SecretInputMissing,
                format!("the connection to {} needs the {}", self.service.name(), input.title()),
            )
            .because(format!("with the auth type {} it signs in by {}", self.auth, input.help()))),
        }
    }

    fn binding(&self, entry: &Entry<'_>, own: Option<&str>, secrets: &SecretInputs) -> Result<Binding> {
        let key = entry.key.as_ref();
        let value = match (&entry.written, own) {
            (Written::Known(value), _) => value.clone(),
            (Written::Own, _) => {
                secrets.additional.get(key).map(|value| value.expose().to_owned()).ok_or_else(|| {
                    Failure::new(
                        FailureCode::SecretInputMissing,
                        format!("the value of the variable `{key}` isn't there"),
                    )
                })?
            }
            // `check_own` has made sure of the secret.
            (Written::WithSecret { .. }, None) => String::new(),
            (Written::WithSecret { before, gap, after }, Some(own)) => {
                let part = match gap.field {
                    None => own,
                    Some(field) => field_of(own, field).ok_or_else(|| self.without_field(field))?,
                };
                let written =
                    gap.format.encode(gap.place, part).map_err(|why| self.refused(key, own, why))?;
                if let Some(why) = refused_by_client(self.client, &written) {
                    return Err(self.refused(key, own, why));
                }
                [before.as_str(), &written, after.as_str()].concat()
            }
        };
        if key.len() + value.len() + 2 > LONGEST_VARIABLE {
            return Err(self.refused(
                key,
                own.unwrap_or_default(),
                "the variable would have more than 128 KiB, and no program could be started with it",
            ));
        }
        if value.contains('\0') {
            return Err(self.refused(key, own.unwrap_or_default(), "it holds a NUL character"));
        }
        let secret = !matches!(entry.written, Written::Known(_));
        Ok(Binding { key: key.to_owned(), value: SecretValue::new(value), secret })
    }

    fn without_field(&self, field: &str) -> Failure {
        let title = self.secret_input().map_or_else(|| "secret".to_owned(), SecretInput::title);
        Failure::new(FailureCode::InvalidConnection, format!("the {title} can't be used"))
            .because(format!("it has no field `{field}=…;`"))
            .remedied_by(format!("Give the {title} again, as the service shows it."))
    }

    /// The failure of a secret that a client type's variable can't hold, with the client types that can.
    fn refused(&self, key: &str, secret: &str, why: &str) -> Failure {
        let title = self.secret_input().map_or_else(|| "value".to_owned(), SecretInput::title);
        let takes = |client: &ClientType| {
            *client != self.client
                && self.service.variables(self.auth, *client).is_some_and(|mut variables| {
                    variables.all(|variable| {
                        variable.format.encode(Place::Within, secret).is_ok_and(|text| {
                            text.len() < 100 * 1024 && refused_by_client(*client, &text).is_none()
                        })
                    })
                })
        };
        let others: Vec<_> =
            ClientType::ALL.iter().filter(|client| takes(client)).map(|c| c.name()).collect();
        let remedy = match others.as_slice() {
            [] => format!("Give the service another {title}."),
            others => format!(
                "Give the service another {title}, or choose a client type that can hold this one: {}.",
                others.join(", ")
            ),
        };
        Failure::new(
            FailureCode::InvalidConnection,
            format!("the {title} can't be written into {key} for the client type {}", self.client),
        )
        .because(why)
        .remedied_by(remedy)
    }
}

/// What is said of a variable that doesn't fit the ones before it.
const ANOTHER_SECRET: &str = "it holds another secret than the variables before it";

/// The value of a field in a connection string: `Name=value;`. Names are compared as Azure's libraries do.
fn field_of<'s>(connection_string: &'s str, field: &str) -> Option<&'s str> {
    connection_string.split(';').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        name.trim().eq_ignore_ascii_case(field).then_some(value)
    })
}

fn drifted(key: &str, why: &str) -> Failure {
    Failure::new(FailureCode::SecretDrifted, format!("the variable {key} isn't what the connection wrote"))
        .because(why)
}
