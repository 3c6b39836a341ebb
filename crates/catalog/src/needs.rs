//! What a combination needs of a person, piece by piece: for those who ask for it. [`Missing`](crate::missing) tells all at once.

use std::collections::BTreeMap;

use sc_model::Result;

use crate::file::{Parameter, SecretInput, Service};
use crate::value::check_secret;
use crate::values::{Values, fill, needed};
use crate::{AuthType, ClientType};

/// A parameter that a combination makes use of and that isn't given.
#[derive(Clone, Debug)]
pub struct Need<'c> {
    /// The parameter.
    pub parameter: &'c Parameter,
    /// Its default, filled in with what is given. Without one it has to be given.
    pub usual: Option<String>,
    /// The short ways to say it; all of them together are given in its place.
    pub shorts: Vec<&'c Parameter>,
}

impl Service {
    /// The parameters that a combination needs beside those that are given (values by name), in the order people are asked.
    /// None for a combination that doesn't exist.
    pub fn needs(
        &self,
        auth: AuthType,
        client: ClientType,
        given: &BTreeMap<String, String>,
    ) -> Vec<Need<'_>> {
        let Some(variables) = self.variables(auth, client) else { return Vec::new() };
        let needed = needed(self, &variables.collect::<Vec<_>>());
        let mut values = Values::new();
        values.extend(self.parameters().iter().filter_map(|parameter| {
            given.get(parameter.name()).map(|value| (parameter.name(), value.clone()))
        }));
        let mut needs = Vec::new();
        for parameter in self.parameters() {
            if !needed.contains(parameter.name()) || values.contains_key(parameter.name()) {
                continue;
            }
            let usual = parameter.default.as_ref().and_then(|default| fill(default, &values));
            if let Some(usual) = &usual {
                values.insert(parameter.name(), usual.clone());
            }
            let shorts = self.shorts_of(parameter);
            // Else it is a short way to say another one, or its default waits for one: that one is needed.
            if usual.is_some() || !shorts.is_empty() || parameter.is_required() {
                needs.push(Need { parameter, usual, shorts });
            }
        }
        needs
    }

    /// The short ways to say a parameter.
    pub(crate) fn shorts_of(&self, whole: &Parameter) -> Vec<&Parameter> {
        let is_short = |parameter: &&Parameter| {
            parameter.instead_of.as_ref().is_some_and(|instead| instead.parameter == whole.name)
        };
        self.parameters().iter().filter(is_short).collect()
    }

    /// Whether a combination has variables of its own; else the person has to name some.
    pub fn has_variables(&self, auth: AuthType, client: ClientType) -> bool {
        self.variables(auth, client).is_some_and(|mut variables| variables.next().is_some())
    }

    /// The secret that a combination needs, if one of its variables holds it.
    pub fn secret_for(&self, auth: AuthType, client: ClientType) -> Option<&SecretInput> {
        let input = self.secret_input(auth)?;
        let mut variables = self.variables(auth, client)?;
        variables
            .any(|variable| variable.value.placeholders().any(|name| name == input.name()))
            .then_some(input)
    }
}

impl Parameter {
    /// For what it is meant, where it is a short way to say another parameter: `a server in Azure`.
    pub fn short_for(&self) -> Option<&str> {
        self.instead_of.as_ref().map(|instead| instead.r#for.as_str())
    }
}

impl SecretInput {
    /// Checks a value. The failure never shows it.
    pub fn check(&self, value: &str) -> Result<()> {
        check_secret(self, value)
    }
}
