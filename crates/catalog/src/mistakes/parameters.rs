//! What can be wrong with a service's parameters.

use std::collections::BTreeSet;

use super::{CLIENT_SECRET, Check, IDENTITY, is_name};
use crate::file::{Kind, Parameter};
use crate::template::Template;

impl Check<'_> {
    pub(super) fn parameters(&mut self) {
        let service = self.service;
        let mut seen: BTreeSet<&str> = IDENTITY.into_iter().chain([CLIENT_SECRET]).collect();
        seen.extend(service.secret.as_ref().map(|secret| secret.name.as_ref()));
        for parameter in &service.parameters {
            let name = parameter.name.as_str();
            let place = ["parameters:", &format!("name: {name}")];
            if !is_name(name) {
                self.note(&place, format!("`{name}`: a name has lower-case letters, digits and `-`"));
            }
            if !seen.insert(name) {
                self.note(&place, format!("the name `{name}` is taken"));
            }
            for used in parameter.default.iter().flat_map(Template::placeholders) {
                if self.parameter(used).is_none_or(|used| used.default.is_some() || used.from.is_some()) {
                    self.note(
                        &place,
                        format!(
                            "the default of `{name}` uses `{used}`, which is no parameter without a default"
                        ),
                    );
                }
            }
            self.choices(&place, parameter);
            if let Some(instead) = &parameter.instead_of {
                let default = self.parameter(&instead.parameter).and_then(|whole| whole.default.as_ref());
                if !default.is_some_and(|default| default.placeholders().any(|used| used == name)) {
                    self.note(
                        &place,
                        format!("`{name}` stands for `{}`, whose default doesn't use it", instead.parameter),
                    );
                }
            }
        }
    }

    fn choices(&mut self, place: &[&str], parameter: &Parameter) {
        let name = &parameter.name;
        let choices: Vec<&str> = match parameter.kind {
            Kind::Choice => parameter.choices.iter().map(String::as_str).collect(),
            Kind::Switch => vec!["on", "off"],
            _ => Vec::new(),
        };
        if (parameter.kind == Kind::Choice) == parameter.choices.is_empty() {
            self.note(place, format!("`{name}`: `choices` go with the kind `choice`, and only with it"));
        }
        let default = parameter.default.clone().map(String::from);
        if let Some(default) = default
            && !choices.is_empty()
            && !choices.contains(&default.as_str())
        {
            self.note(place, format!("`{name}`: the default `{default}` is none of {}", choices.join(", ")));
        }
    }
}
