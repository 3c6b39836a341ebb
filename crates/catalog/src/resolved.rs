//! A request that was checked against the catalog: everything about its variables is known but the secret.

use std::collections::BTreeMap;

use sc_model::{Failure, FailureCode, Result, SecretValue};

use crate::file::{Format, SecretInput, Service};
use crate::format::Place;
use crate::value::check_secret;
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
    pub(crate) entries: Vec<Entry<'c>>,
}

/// A variable, written as far as it is known.
#[derive(Clone, Debug)]
pub(crate) struct Entry<'c> {
    pub(crate) key: &'c str,
    pub(crate) before: String,
    pub(crate) secret: Option<Gap>,
}

/// Where in a variable the secret goes.
#[derive(Clone, Debug)]
pub(crate) struct Gap {
    pub(crate) format: Format,
    pub(crate) place: Place,
    pub(crate) after: String,
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
    pub fn keys(&self) -> Vec<&'c str> {
        self.entries.iter().map(|entry| entry.key).collect()
    }

    /// The checked value of a parameter, its default included: `host`, `port`, `database`, `username`, `endpoint`, …,
    /// and `client-id`, `tenant-id` with an identity.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// The secret that has to be given, if any.
    pub fn secret_input(&self) -> Option<&'c SecretInput> {
        self.service.secret_input(self.auth)
    }

    /// Whether a variable has a secret in it.
    pub fn is_secret(&self, key: &str) -> bool {
        self.entries.iter().any(|entry| entry.key == key && entry.secret.is_some())
    }

    /// Writes the variables. The secret is what [`Resolved::secret_input`] asks for.
    pub fn render(&self, secret: Option<&SecretValue>) -> Result<Vec<Binding>> {
        let secret = self.check_secret(secret)?;
        self.entries.iter().map(|entry| self.binding(entry, secret)).collect()
    }

    /// Finds the secret in what a workload sees in its environment, and checks that all variables are as
    /// [`Resolved::render`] writes them. `None` if the connection has no secret.
    pub fn recover_secret(&self, environment: &BTreeMap<String, SecretValue>) -> Result<Option<SecretValue>> {
        let mut secret = None;
        for entry in &self.entries {
            let found = environment.get(entry.key).ok_or_else(|| drifted(entry.key, "it is missing"))?;
            let found = found.expose();
            let Some(gap) = &entry.secret else {
                if found != entry.before {
                    return Err(drifted(entry.key, "it has another value"));
                }
                continue;
            };
            let held = found
                .strip_prefix(entry.before.as_str())
                .and_then(|rest| rest.strip_suffix(gap.after.as_str()))
                .and_then(|text| gap.format.decode(gap.place, text))
                .filter(|held| !held.is_empty())
                .ok_or_else(|| drifted(entry.key, "it has another form"))?;
            match &secret {
                Some(known) if *known != held => {
                    return Err(drifted(entry.key, "it holds another secret than the variables before it"));
                }
                Some(_) => {}
                None => secret = Some(held),
            }
        }
        Ok(secret.map(SecretValue::new))
    }

    fn check_secret<'s>(&self, secret: Option<&'s SecretValue>) -> Result<Option<&'s str>> {
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

    fn binding(&self, entry: &Entry<'_>, secret: Option<&str>) -> Result<Binding> {
        let value = match (&entry.secret, secret) {
            (Some(gap), Some(secret)) => {
                let written = gap
                    .format
                    .encode(gap.place, secret)
                    .map_err(|why| self.refused(entry.key, secret, why))?;
                [entry.before.as_str(), &written, gap.after.as_str()].concat()
            }
            (_, _) => entry.before.clone(),
        };
        if entry.key.len() + value.len() + 2 > LONGEST_VARIABLE {
            return Err(self.refused(
                entry.key,
                secret.unwrap_or_default(),
                "the variable would have more than 128 KiB, and no program could be started with it",
            ));
        }
        Ok(Binding {
            key: entry.key.to_owned(),
            value: SecretValue::new(value),
            secret: entry.secret.is_some(),
        })
    }

    /// The failure of a secret that a client type's variable can't hold, with the client types that can.
    fn refused(&self, key: &str, secret: &str, why: &str) -> Failure {
        let title = self.secret_input().map_or_else(|| "value".to_owned(), SecretInput::title);
        let takes = |client: &ClientType| {
            *client != self.client
                && self.service.variables(self.auth, *client).is_some_and(|mut variables| {
                    variables.all(|variable| {
                        variable
                            .format
                            .encode(Place::Within, secret)
                            .is_ok_and(|text| text.len() < 100 * 1024)
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

fn drifted(key: &str, why: &str) -> Failure {
    Failure::new(FailureCode::SecretDrifted, format!("the variable {key} isn't what the connection wrote"))
        .because(why)
}
