//! Checks a request at the door: what it names exists, and every value is what it has to be.

use std::collections::BTreeSet;

use sc_model::{Failure, FailureCode, Result, ServiceConnectionSpec};

use crate::catalog::Catalog;
use crate::file::{Kind, Parameter, Service};
use crate::missing::Missing;
use crate::nearest::nearest;
use crate::resolved::Resolved;
use crate::service::{CLIENT_ID, TENANT_ID};
use crate::value::parse_id;
use crate::values::{Values, fill, is_changed, needed};
use crate::write::write_entry;
use crate::{AuthType, ClientType, configuration};

impl Catalog {
    /// Checks the specification of a workload's connection in a cluster, and fills in the defaults.
    pub fn resolve(&self, spec: &ServiceConnectionSpec) -> Result<Resolved<'_>> {
        let service = self.service(&spec.target.service)?;
        let (auth, client) = (spec.auth.auth_type, spec.client_type);
        if service.auth_types().contains(&auth) {
            resolve(service, spec)
        } else {
            Err(unsupported(service, auth, client))
        }
    }

    /// The same for a source other than a cluster: a web app may also have a system-managed identity.
    pub fn resolve_elsewhere(&self, spec: &ServiceConnectionSpec) -> Result<Resolved<'_>> {
        resolve(self.service(&spec.target.service)?, spec)
    }
}

fn resolve<'c>(service: &'c Service, spec: &ServiceConnectionSpec) -> Result<Resolved<'c>> {
    let (auth, client) = (spec.auth.auth_type, spec.client_type);
    let mut variables: Vec<_> =
        service.variables(auth, client).ok_or_else(|| unsupported(service, auth, client))?.collect();
    if spec.opt_out.leave_out_variables() {
        variables.clear();
    }

    let needed = needed(service, &variables);
    let mut missing = Missing::default();
    let mut values = given(service, spec)?;
    if !spec.opt_out.leave_out_sign_in() {
        identity(service, spec, &mut values, &mut missing)?;
    }
    defaults(service, &needed, &mut values, &mut missing)?;
    missing.check(service)?;

    let mut entries = Vec::new();
    if !spec.opt_out.leave_out_variables() {
        configuration::check_properties(&spec.configuration, &variables)?;
        for variable in variables {
            if variable.only_if_changed.as_ref().is_none_or(|name| is_changed(service, name, &values)) {
                let properties = &spec.configuration.additional_connection_string_properties;
                entries.push(write_entry(service, client, variable, &values, properties)?);
            }
        }
        entries = configuration::apply(service, &spec.configuration, entries)?;
    }
    let renamed = spec.configuration.customized_keys.clone();
    Ok(Resolved { service, auth, client, values, renamed, entries })
}

/// The values that the request gives, each checked.
fn given<'c>(service: &'c Service, spec: &ServiceConnectionSpec) -> Result<Values<'c>> {
    let mut values = Values::new();
    for (name, value) in &spec.target.parameters {
        let parameter = service.parameter(name).ok_or_else(|| unknown(service, name))?;
        if parameter.from.is_some() {
            return Err(Failure::new(
                FailureCode::InvalidOption,
                format!("`{name}` is not one of the target's parameters"),
            )
            .because(format!(
                "it belongs to the sign-in: --{}, or {}",
                parameter.option(),
                parameter.field()
            )));
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
    let principal = service.parameters().iter().find(|parameter| parameter.is_principal_id());
    if let (Some(parameter), Some(value)) = (principal, &spec.auth.principal_id) {
        values.insert(parameter.name(), parameter.parse(value)?);
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
            (AuthType::Secret | AuthType::SystemManagedIdentity, None) => {}
            (AuthType::Secret | AuthType::SystemManagedIdentity, Some(_)) => {
                return Err(not_wanted(
                    name,
                    format!("{} with the auth type {auth} has no client id", service.name()),
                ));
            }
            (_, Some(value)) => {
                values.insert(name, parse_id(name, value)?);
            }
            (_, None) if name == CLIENT_ID => missing.add(name, "spec.auth.clientId"),
            (_, None) => missing.add(name, "spec.auth.tenantId"),
        }
    }
    Ok(())
}

/// Fills in what was left out and has a default.
fn defaults<'c>(
    service: &'c Service,
    needed: &BTreeSet<&str>,
    values: &mut Values<'c>,
    missing: &mut Missing,
) -> Result<()> {
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
            (None, None) if needed.contains(parameter.name()) => missing.parameter(service, parameter),
            (None, None) | (Some(_), _) => {}
        }
    }
    Ok(())
}

fn unknown(service: &Service, name: &str) -> Failure {
    let known: Vec<_> =
        service.parameters().iter().filter(|known| known.from.is_none()).map(Parameter::name).collect();
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
    if auth == AuthType::SystemManagedIdentity {
        return Failure::new(
            FailureCode::UnsupportedCombination,
            "workloads of a cluster have no system-managed identity",
        )
        .because("Azure gives one to web apps and functions only")
        .remedied_by("Use workload-identity.");
    }
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
