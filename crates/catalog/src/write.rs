//! Writes a variable as far as it is known, with a gap where the secret goes.

use std::borrow::Cow;
use std::collections::BTreeMap;

use sc_model::{Failure, FailureCode, Result};

use crate::ClientType;
use crate::file::{Kind, Parameter, Service, Variable};
use crate::format::{Place, Refusal, refused_by_client};
use crate::resolved::{Entry, Gap, Written};
use crate::template::{Part, Take};
use crate::values::{Values, is_changed, taken};

/// Writes a variable. `properties` are put at its end where it is a connection string.
pub(crate) fn write_entry<'c>(
    service: &Service,
    client: ClientType,
    variable: &'c Variable,
    values: &Values<'_>,
    properties: &BTreeMap<String, String>,
) -> Result<Entry<'c>> {
    let changed =
        variable.value_if_changed.as_ref().filter(|changed| is_changed(service, &changed.parameter, values));
    let template = changed.map_or(&variable.value, |changed| &changed.value);

    let (mut before, mut gap, mut after) = (String::new(), None, String::new());
    let mut literal = None;
    for part in template.parts() {
        let text = match part {
            Part::Text(text) => {
                literal = Some(text.as_str());
                Cow::Borrowed(text.as_str())
            }
            Part::Placeholder { name, take } => match values.get(name.as_str()) {
                Some(value) => {
                    let text = taken(value, take);
                    Cow::Owned(write(service, client, variable, name, text, Place::behind(literal))?)
                }
                // What has no value is the secret: the build script knows all other placeholders.
                None => {
                    let field = match take {
                        Take::Field(field) => Some(field.as_str()),
                        Take::Whole | Take::Scheme | Take::Either(..) => None,
                    };
                    gap = Some(Gap { format: variable.format, place: Place::behind(literal), field });
                    continue;
                }
            },
        };
        if gap.is_some() { after.push_str(&text) } else { before.push_str(&text) }
    }
    for (key, value) in properties {
        let written = [before.as_str(), after.as_str()].concat();
        let Some(appended) = variable.format.append(&written, key, value) else { continue };
        let appended = appended.map_err(|why| refused_property(key, value, variable, client, why))?;
        if gap.is_some() { after.push_str(&appended) } else { before.push_str(&appended) }
    }
    let written = match gap {
        Some(gap) => Written::WithSecret { before, gap, after },
        None => Written::Known(before),
    };
    Ok(Entry { key: Cow::Borrowed(&variable.name), written })
}

fn write(
    service: &Service,
    client: ClientType,
    variable: &Variable,
    name: &str,
    value: &str,
    place: Place,
) -> Result<String> {
    let parameter = service.parameter(name);
    let kind = parameter.map_or(Kind::Guid, Parameter::kind);
    let written = match kind {
        Kind::Host => Ok(variable.format.host(value)),
        Kind::Text | Kind::Url => variable.format.encode(place, value),
        Kind::Port
        | Kind::Name
        | Kind::Word
        | Kind::Identifier
        | Kind::Choice
        | Kind::Switch
        | Kind::Servers
        | Kind::Number
        | Kind::Guid => Ok(value.into()),
    };
    let written = written.and_then(|written| match refused_by_client(client, &written) {
        None => Ok(written),
        Some(why) => Err(why),
    });
    written.map(Into::into).map_err(|why| {
        let option = parameter.map_or(name, Parameter::option);
        Failure::new(
            FailureCode::InvalidConnection,
            format!(
                "`{}` (--{option}) can't be written into {} for the client type {client}",
                value.escape_debug(),
                variable.name
            ),
        )
        .because(why)
        .remedied_by(format!("Choose another value for --{option}, or another client type."))
    })
}

fn refused_property(
    key: &str,
    value: &str,
    variable: &Variable,
    client: ClientType,
    why: Refusal,
) -> Failure {
    Failure::new(
        FailureCode::InvalidConnection,
        format!(
            "the property `{key}` with the value `{}` (--connstr-props) can't be written into {} for the client type {client}",
            value.escape_debug(),
            variable.name
        ),
    )
    .because(why)
    .remedied_by("Give another value, or choose another client type.")
}
