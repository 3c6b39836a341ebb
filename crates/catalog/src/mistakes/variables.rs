//! What can be wrong with a variable.

use super::{CLIENT_SECRET, Check, IDENTITY};
use crate::file::{Format, Kind, SecretKind, Service, Variable};
use crate::template::{Part, Take, Template};

impl Check<'_> {
    pub(super) fn variable(&mut self, set: &str, variable: &Variable) {
        let name = variable.name.as_str();
        let set = format!("\n  {set}:");
        let place = ["variables:", &set, name];
        let fits = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        if name.is_empty() || !name.chars().all(fits) || name.starts_with(|c: char| c.is_ascii_digit()) {
            self.note(&place, format!("`{name}` can't be the name of a variable"));
        }
        self.template(&place, variable.format, &variable.value);
        if let Some(parameter) = &variable.only_if_changed {
            self.has_default(&place, parameter);
            if !secrets(self.service, &variable.value).is_empty() {
                self.note(&place, format!("`{name}` holds the secret and can't be left out"));
            }
        }
        if let Some(changed) = &variable.value_if_changed {
            self.has_default(&place, &changed.parameter);
            self.template(&place, variable.format, &changed.value);
            if secrets(self.service, &changed.value) != secrets(self.service, &variable.value) {
                self.note(&place, format!("`{name}`: both values have to use the same secret"));
            }
        }
    }

    fn has_default(&mut self, place: &[&str], parameter: &str) {
        if self.parameter(parameter).is_none_or(|parameter| parameter.default.is_none()) {
            self.note(place, format!("`{parameter}` is no parameter with a default"));
        }
    }

    fn template(&mut self, place: &[&str], format: Format, template: &Template) {
        let secrets = secrets(self.service, template);
        if secrets.len() > 1 {
            self.note(place, "a variable can hold one secret, once".to_owned());
        }
        let is_text_around = template.parts().len() > 1;
        for part in template.parts() {
            let Part::Placeholder { name, take } = part else { continue };
            let opened = format!("{{{name}");
            let place = [place, &[opened.as_str()]].concat();
            let kind = match self.parameter(name) {
                Some(parameter) if parameter.instead_of.is_some() => {
                    self.note(&place, format!("`{{{name}}}` may be left out and can't stand in a variable"));
                    continue;
                }
                Some(parameter) => parameter.kind,
                // A whole connection string is handed on as it is, whatever stands around it.
                None if secrets.contains(&name.as_str()) && self.is_connection_string(name) => continue,
                None if secrets.contains(&name.as_str()) => Kind::Text,
                None if IDENTITY.contains(&name.as_str()) => Kind::Guid,
                None => {
                    self.note(&place, format!("`{{{name}}}` is no parameter and no secret input"));
                    continue;
                }
            };
            match take {
                Take::Scheme if kind != Kind::Url => {
                    self.note(&place, format!("`{{{name}|scheme}}`: only a URL has a scheme"));
                }
                Take::Field(field) => {
                    self.note(
                        &place,
                        format!("`{{{name}|field:{field}}}`: only a secret connection string has fields"),
                    );
                }
                Take::Either(..) if kind != Kind::Switch => {
                    self.note(&place, format!("`{{{name}?…}}`: only a switch chooses between two texts"));
                }
                Take::Whole | Take::Scheme | Take::Either(..) => {}
            }
            if kind == Kind::Text && is_text_around && format == Format::Plain {
                self.note(
                    &place,
                    format!("`{{{name}}}` stands inside other text: say by `format` how it is escaped"),
                );
            }
        }
    }

    fn is_connection_string(&self, secret: &str) -> bool {
        let input = self.service.secret.as_ref().filter(|input| input.name == secret);
        input.is_some_and(|input| input.kind == SecretKind::ConnectionString)
    }
}

/// The secret inputs that a template uses, as often as it does.
pub(super) fn secrets<'t>(service: &Service, template: &'t Template) -> Vec<&'t str> {
    let is_secret = |name: &&str| {
        *name == CLIENT_SECRET || service.secret.as_ref().is_some_and(|secret| secret.name == *name)
    };
    template.placeholders().filter(is_secret).collect()
}
