//! Templates: text with `{placeholders}`, as the catalog's files write them.
//!
//! `{host}` is a value; `{endpoint|scheme}` the scheme of a URL; `{connection-string|field:InstrumentationKey}` one field of a
//! secret connection string; `{tls?require:disable}` one of two texts, by a switch.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A text with placeholders: `{host}`, `{endpoint|scheme}`; `{{` and `}}` stand for braces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub(crate) struct Template {
    parts: Vec<Part>,
}

/// A piece of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Stands as it is.
    Text(String),
    /// A value that is filled in.
    Placeholder {
        /// The parameter or secret input.
        name: String,
        /// What of it is taken.
        take: Take,
    },
}

/// What of a value is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Take {
    /// All of it.
    Whole,
    /// The scheme of a URL: `https`.
    Scheme,
    /// The value of a field in a connection string: `Name=value;`.
    Field(String),
    /// One of two texts: the first if a switch is on, else the second.
    Either(String, String),
}

impl Template {
    /// Its pieces, in order. No two texts follow each other.
    pub(crate) fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The names of its placeholders, in order.
    pub(crate) fn placeholders(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Placeholder { name, .. } => Some(name.as_str()),
            Part::Text(_) => None,
        })
    }
}

impl TryFrom<String> for Template {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = text.as_str();
        while let Some(at) = rest.find(['{', '}']) {
            let (before, from) = rest.split_at(at);
            literal.push_str(before);
            if let Some(after) = from.strip_prefix("{{") {
                literal.push('{');
                rest = after;
            } else if let Some(after) = from.strip_prefix("}}") {
                literal.push('}');
                rest = after;
            } else {
                let (inner, after) =
                    from.strip_prefix('{').and_then(|open| open.split_once('}')).ok_or_else(|| {
                        format!("a brace without its partner in `{text}` (a brace itself is written `{{{{` or `}}}}`)")
                    })?;
                if !literal.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut literal)));
                }
                parts.push(placeholder(inner)?);
                rest = after;
            }
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            parts.push(Part::Text(literal));
        }
        Ok(Self { parts })
    }
}

fn placeholder(inner: &str) -> Result<Part, String> {
    let (name, take) = if let Some((name, texts)) = inner.split_once('?') {
        let (on, off) = texts
            .split_once(':')
            .ok_or_else(|| format!("`{{{inner}}}`: a switch chooses between two texts, `{{name?on:off}}`"))?;
        (name, Take::Either(on.to_owned(), off.to_owned()))
    } else {
        match inner.split_once('|') {
            None => (inner, Take::Whole),
            Some((name, "scheme")) => (name, Take::Scheme),
            Some((name, other)) => match other.strip_prefix("field:") {
                Some(field) if !field.is_empty() => (name, Take::Field(field.to_owned())),
                _ => {
                    return Err(format!(
                        "`{{{inner}}}`: there is no `{other}`, only `scheme` and `field:NAME`"
                    ));
                }
            },
        }
    };
    Ok(Part::Placeholder { name: name.to_owned(), take })
}

impl From<Template> for String {
    fn from(template: Template) -> Self {
        let mut text = Self::new();
        for part in &template.parts {
            // Writing into a String can't fail.
            let _ = match part {
                Part::Text(literal) => {
                    write!(text, "{}", literal.replace('{', "{{").replace('}', "}}"))
                }
                Part::Placeholder { name, take: Take::Whole } => write!(text, "{{{name}}}"),
                Part::Placeholder { name, take: Take::Scheme } => write!(text, "{{{name}|scheme}}"),
                Part::Placeholder { name, take: Take::Field(field) } => {
                    write!(text, "{{{name}|field:{field}}}")
                }
                Part::Placeholder { name, take: Take::Either(on, off) } => {
                    write!(text, "{{{name}?{on}:{off}}}")
                }
            };
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_brace_without_its_partner_is_a_mistake() {
        for text in ["{host", "host}", "{a}{", "{host|urlencode}"] {
            assert!(Template::try_from(text.to_owned()).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_template_is_written_as_it_was_read(text in "([a-z]{0,3}|\\{\\{|\\}\\}|\\{[a-z]{1,4}(\\|scheme|\\|field:[A-Z]|\\?[a-z]{1,3}:[a-z]{0,3})?\\}){0,6}") {
            prop_assert_eq!(String::from(Template::try_from(text.clone()).unwrap()), text);
        }
    }
}
