//! The checked values of a request, and what templates make of them.

use std::collections::{BTreeMap, BTreeSet};

use crate::file::{Service, Variable};
use crate::template::{Part, Take, Template};

/// The values by their placeholders: parameters, the client id and the tenant id. No secret is among them.
pub(crate) type Values<'c> = BTreeMap<&'c str, String>;

/// The parameters that a combination makes use of, be it by another one's default. The others may be left out.
pub(crate) fn needed<'c>(service: &'c Service, variables: &[&'c Variable]) -> BTreeSet<&'c str> {
    let mut waiting: Vec<&str> = Vec::new();
    for variable in variables {
        waiting.extend(variable.value.placeholders());
        waiting.extend(variable.only_if_changed.as_deref());
        if let Some(changed) = &variable.value_if_changed {
            waiting.push(&changed.parameter);
            waiting.extend(changed.value.placeholders());
        }
    }
    waiting.extend(service.address.iter().flat_map(Template::placeholders));
    let mut needed = BTreeSet::new();
    while let Some(name) = waiting.pop() {
        if needed.insert(name) {
            let default = service.parameter(name).and_then(|parameter| parameter.default.as_ref());
            waiting.extend(default.into_iter().flat_map(Template::placeholders));
        }
    }
    needed
}

/// Whether a parameter is not at its default.
pub(crate) fn is_changed(service: &Service, name: &str, values: &Values<'_>) -> bool {
    let usual = service
        .parameter(name)
        .and_then(|parameter| parameter.default.as_ref())
        .and_then(|default| fill(default, values));
    usual.as_deref() != values.get(name).map(String::as_str)
}

/// A default with its placeholders filled in; `None` if one of them has no value.
pub(crate) fn fill(template: &Template, values: &Values<'_>) -> Option<String> {
    template
        .parts()
        .iter()
        .map(|part| match part {
            Part::Text(text) => Some(text.as_str()),
            Part::Placeholder { name, take } => values.get(name.as_str()).map(|value| taken(value, take)),
        })
        .collect()
}

/// What a placeholder takes of a value.
pub(crate) fn taken<'v>(value: &'v str, take: &'v Take) -> &'v str {
    match take {
        // A field is taken of a secret only.
        Take::Whole | Take::Field(_) => value,
        Take::Scheme => value.split(':').next().unwrap_or_default(),
        Take::Either(on, _) if value == "on" => on,
        Take::Either(_, off) => off,
    }
}
