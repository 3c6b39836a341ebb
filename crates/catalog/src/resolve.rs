//! Checks a request at the door: what it names exists, and every value is what it has to be.

use std::collections::BTreeMap;

use sc_model::{Failure, FailureCode, Result, ServiceConnectionSpec};

use crate::catalog::Catalog;
use crate::file::{Kind, Parameter, Service, Variable};
use crate::format::Place;
use crate::nearest::nearest;
use crate::resolved::{Entry, Gap, Resolved};
use crate::service::{CLIENT_ID, TENANT_ID};
use crate::template::{Part, Take, Template};
use crate::value::parse;
use crate::{AuthType, ClientType};

type Values<'c> = BTreeMap<&'c str, String>;

impl Catalog {
    /// Checks a connection's specification and fills in the defaults.
    pub fn resolve(&self, spec: &ServiceConnectionSpec) -> Result<Resolved<'_>> {
        let service = self.service(&spec.target.service)?;
        let (auth, client) = (spec.auth.auth_type, spec.client_type);
        let variables = service.variables(auth, client).ok_or_else(|| unsupported(service, auth, client))?;

        let mut missing = Missing::default();
        let mut values = given(service, spec)?;
        identity(service, spec, &mut values, &mut missing)?;
        defaults(service, &mut values, &mut missing)?;
        missing.check(service)?;

        let entries = variables
            .filter(|variable| {
                variable.only_if_changed.as_ref().is_none_or(|name| is_changed(service, name, &values))
            })
            .map(|variable| entry(service, client, variable, &values))
            .collect::<Result<_>>()?;
        Ok(Resolved { service, auth, client, values, entries })
    }
}

/// The values that the request gives, each checked.
fn given<'c>(service: &'c Service, spec: &ServiceConnectionSpec) -> Result<Values<'c>> {
    let mut values = Values::new();
    for (name, value) in &spec.target.parameters {
        let parameter = service.parameter(name).ok_or_else(|| unknown(service, name))?;
        if parameter.is_username() {
            return Err(Failure::new(
                FailureCode::InvalidOption,
                format!("`{name}` is not one of the target's parameters"),
            )
            .because(format!("it belongs to the sign-in: --{}, or spec.auth.username", parameter.option())));
        }
        values.insert(parameter.name(), parameter.parse(value)?);
    }
    let username = service.parameters().iter().find(|parameter| parameter.is_username());
    match (username, &spec.auth.username) {
        (Some(parameter), Some(value)) => {
            values.insert(parameter.name(), parameter.parse(value)?);
        }
        (None, Some(_)) => return Err(not_wanted("user", format!("{} has no users", service.name()))),
        (_, None) => {}
    }
    for parameter in service.parameters() {
        let Some(instead) = &parameter.instead_of else { continue };
        if let (Some(short), Some(whole)) =
            (values.get(parameter.name()), values.get(instead.parameter.as_str()))
        {
            return Err(Failure::new(
                FailureCode::InvalidOption,
                format!(
                    "`{short}` (--{}) and `{whole}` (--{}) are both given",
                    parameter.option(),
                    instead.parameter
                ),
            )
            .because(format!(
                "--{} says where {} is, --{} where another one is",
                parameter.option(),
                instead.r#for,
                instead.parameter
            ))
            .remedied_by("Give one of them."));
        }
    }
    Ok(values)
}

/// The client and tenant id, where the auth type has them.
fn identity<'c>(
    service: &Service,
    spec: &ServiceConnectionSpec,
    values: &mut Values<'c>,
    missing: &mut Missing,
) -> Result<()> {
    let auth = spec.auth.auth_type;
    for (name, value) in [(CLIENT_ID, &spec.auth.client_id), (TENANT_ID, &spec.auth.tenant_id)] {
        match (auth, value) {
            (AuthType::Secret, None) => {}
            (AuthType::Secret, Some(_)) => {
                return Err(not_wanted(
                    name,
                    format!("{} with the auth type {auth} has no identity", service.name()),
                ));
            }
            (_, Some(value)) => {
                values.insert(name, parse(name, Kind::Guid, value)?);
            }
            (_, None) if name == CLIENT_ID => missing.add(name, "spec.auth.clientId"),
            (_, None) => missing.add(name, "spec.auth.tenantId"),
        }
    }
    Ok(())
}

/// Fills in what was left out and has a default.
fn defaults<'c>(service: &'c Service, values: &mut Values<'c>, missing: &mut Missing) -> Result<()> {
    for parameter in service.parameters() {
        let usual = parameter.default.as_ref().and_then(|default| fill(default, values));
        match (values.get(parameter.name()), usual) {
            (None, Some(usual)) => {
                values.insert(parameter.name(), parameter.parse(&usual)?);
            }
            // The final slash of a URL makes no difference; the usual way to write it is kept.
            (Some(value), Some(usual))
                if parameter.kind() == Kind::Url
                    && value.trim_end_matches('/') == usual.trim_end_matches('/') =>
            {
                values.insert(parameter.name(), usual);
            }
            (None, None) => missing.parameter(service, parameter),
            (Some(_), _) => {}
        }
    }
    Ok(())
}

/// Whether a parameter is not at its default.
fn is_changed(service: &Service, name: &str, values: &Values<'_>) -> bool {
    let usual = service
        .parameter(name)
        .and_then(|parameter| parameter.default.as_ref())
        .and_then(|default| fill(default, values));
    usual.as_deref() != values.get(name).map(String::as_str)
}

/// A default with its placeholders filled in; `None` if one of them has no value.
fn fill(template: &Template, values: &Values<'_>) -> Option<String> {
    template
        .parts()
        .iter()
        .map(|part| match part {
            Part::Text(text) => Some(text.as_str()),
            Part::Placeholder { name, take } => values.get(name.as_str()).map(|value| taken(value, *take)),
        })
        .collect()
}

fn taken(value: &str, take: Take) -> &str {
    match take {
        Take::Whole => value,
        Take::Scheme => value.split(':').next().unwrap_or_default(),
    }
}

/// Writes a variable as far as it is known, with a gap where the secret goes.
fn entry<'c>(
    service: &Service,
    client: ClientType,
    variable: &'c Variable,
    values: &Values<'_>,
) -> Result<Entry<'c>> {
    let changed =
        variable.value_if_changed.as_ref().filter(|changed| is_changed(service, &changed.parameter, values));
    let template = changed.map_or(&variable.value, |changed| &changed.value);

    let mut entry = Entry { key: &variable.name, before: String::new(), secret: None };
    let mut literal = None;
    for part in template.parts() {
        let text = match part {
            Part::Text(text) => {
                literal = Some(text.as_str());
                text.clone()
            }
            Part::Placeholder { name, take } => match values.get(name.as_str()) {
                Some(value) => {
                    write(service, client, variable, name, taken(value, *take), Place::behind(literal))?
                }
                // What has no value is the secret: the build script knows all other placeholders.
                None => {
                    let place = Place::behind(literal);
                    entry.secret = Some(Gap { format: variable.format, place, after: String::new() });
                    continue;
                }
            },
        };
        match &mut entry.secret {
            Some(gap) => gap.after.push_str(&text),
            None => entry.before.push_str(&text),
        }
    }
    Ok(entry)
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
        Kind::Port | Kind::Name | Kind::Number | Kind::Guid => Ok(value.into()),
    };
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

/// What a request lacks, told all at once.
#[derive(Default)]
struct Missing {
    options: Vec<String>,
    fields: Vec<String>,
    remedies: Vec<String>,
}

impl Missing {
    fn add(&mut self, option: &str, field: &str) {
        self.options.push(format!("--{option}"));
        self.fields.push(field.to_owned());
        self.remedies.push(format!("--{option}"));
    }

    fn parameter(&mut self, service: &Service, parameter: &Parameter) {
        let field = format!("spec.target.parameters.{}", parameter.name());
        let short = service.parameters().iter().find_map(|short| {
            let instead =
                short.instead_of.as_ref().filter(|instead| instead.parameter == parameter.name())?;
            Some((short.option(), &instead.r#for))
        });
        if let Some((short, what_for)) = short {
            self.options.push(format!("--{}", parameter.option()));
            self.fields.push(field);
            self.remedies.push(format!("--{}, or --{short} for {what_for}", parameter.option()));
        } else if parameter.is_username() {
            self.add(parameter.option(), "spec.auth.username");
        } else if parameter.is_required() {
            self.add(parameter.option(), &field);
        }
        // Else it is a short way to say another parameter, or its default waits for one: that one is told of.
    }

    fn check(self, service: &Service) -> Result<()> {
        let [first, others @ ..] = self.remedies.as_slice() else { return Ok(()) };
        let also = if others.is_empty() { String::new() } else { format!("; also {}", others.join(" and ")) };
        Err(Failure::new(
            FailureCode::MissingOption,
            format!("the connection to {} needs {}", service.name(), self.options.join(", ")),
        )
        .because(format!("{} not given in the ServiceConnection", listed(&self.fields)))
        .remedied_by(format!("Give {first}{also}.")))
    }
}

fn listed(fields: &[String]) -> String {
    let verb = if fields.len() == 1 { "is" } else { "are" };
    format!("{} {verb}", fields.join(", "))
}

fn unknown(service: &Service, name: &str) -> Failure {
    let known: Vec<_> =
        service.parameters().iter().filter(|known| !known.is_username()).map(Parameter::name).collect();
    let shown: String = name.chars().take(80).collect();
    let failure = Failure::new(
        FailureCode::InvalidOption,
        format!("{} has no parameter `{}`", service.name(), shown.escape_debug()),
    )
    .because(format!("its parameters are {}", known.join(", ")));
    match nearest(name, known.iter().copied()) {
        Some(meant) => failure.remedied_by(format!("Did you mean `{meant}`?")),
        None => failure,
    }
}

fn not_wanted(option: &str, why: String) -> Failure {
    Failure::new(FailureCode::InvalidOption, format!("--{option} has no meaning here"))
        .because(why)
        .remedied_by(format!("Leave --{option} out."))
}

fn unsupported(service: &Service, auth: AuthType, client: ClientType) -> Failure {
    let offers: Vec<_> = service
        .auth_types()
        .into_iter()
        .map(|auth| {
            let clients: Vec<_> = service.client_types(auth).into_iter().map(ClientType::name).collect();
            format!("{auth} with {}", clients.join(", "))
        })
        .collect();
    Failure::new(
        FailureCode::UnsupportedCombination,
        format!("{} has no variables for {auth} with the client type {client}", service.name()),
    )
    .because(format!("it has {}", offers.join("; ")))
}
