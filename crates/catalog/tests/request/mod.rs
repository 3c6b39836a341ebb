//! Builds requests as a person would make them.
#![allow(dead_code, reason = "each test file uses a part")]

use std::collections::BTreeMap;

use sc_catalog::{Binding, Catalog, Kind, Resolved, SecretInputs, Service};
use sc_model::resource::{AuthSpec, ConfigurationSpec, TargetSpec};
use sc_model::{AuthType, ClientType, OptOuts, Result, SecretValue, ServiceConnectionSpec};

/// The client id in every request with an identity.
pub(crate) const CLIENT: &str = "11111111-1111-1111-1111-111111111111";
/// The tenant in every request with an identity.
pub(crate) const TENANT: &str = "22222222-2222-2222-2222-222222222222";

/// A request for a service, an auth type and a client type, with nothing else in it but an identity's ids.
pub(crate) fn request(service: &str, auth: AuthType, client: ClientType) -> ServiceConnectionSpec {
    let has_identity = !matches!(auth, AuthType::Secret | AuthType::SystemManagedIdentity);
    ServiceConnectionSpec {
        connection_name: None,
        target: TargetSpec { service: service.to_owned(), parameters: BTreeMap::new(), tls: None },
        auth: AuthSpec {
            auth_type: auth,
            username: None,
            secret_ref: None,
            client_id: has_identity.then(|| CLIENT.to_owned()),
            tenant_id: has_identity.then(|| TENANT.to_owned()),
            principal_id: None,
        },
        client_type: client,
        configuration: ConfigurationSpec::default(),
        opt_out: OptOuts::default(),
    }
}

/// A request with the auth type `secret`.
pub(crate) fn by_secret(service: &str, client: ClientType) -> ServiceConnectionSpec {
    request(service, AuthType::Secret, client)
}

/// Gives options to a request.
pub(crate) trait With {
    /// One of the target's parameters.
    fn with(self, name: &str, value: &str) -> Self;
    /// The user.
    fn user(self, name: &str) -> Self;
}

impl With for ServiceConnectionSpec {
    fn with(mut self, name: &str, value: &str) -> Self {
        self.target.parameters.insert(name.to_owned(), value.to_owned());
        self
    }

    fn user(mut self, name: &str) -> Self {
        self.auth.username = Some(name.to_owned());
        self
    }
}

/// A request for any service, with a good value for everything that it may be asked for.
pub(crate) fn filled(service: &Service, auth: AuthType, client: ClientType) -> ServiceConnectionSpec {
    let mut spec = request(service.name(), auth, client);
    for parameter in service.parameters().iter().filter(|parameter| parameter.default_text().is_none()) {
        let value = match parameter.kind() {
            Kind::Host => "db.shop",
            Kind::Port => "1234",
            Kind::Name | Kind::Word | Kind::Identifier | Kind::Text => "shop",
            Kind::Choice => &parameter.choices()[0],
            Kind::Switch => "on",
            Kind::Servers => "kafka.shop:9093",
            Kind::Number => "1",
            Kind::Url => "https://shop.example/",
            Kind::Guid => CLIENT,
        };
        if parameter.is_username() {
            spec = spec.user("anna");
        } else if parameter.is_principal_id() {
            spec.auth.principal_id = Some(value.to_owned());
        } else {
            spec = spec.with(parameter.name(), value);
        }
    }
    if service.name() == "generic" {
        spec.configuration.additional.insert("GREETING".to_owned(), "hello".to_owned());
        spec.configuration.additional_secrets.insert("TOKEN".to_owned());
    }
    spec
}

/// A secret that a service's rule takes.
pub(crate) fn secret_for(service: &Service) -> &'static str {
    match service.name() {
        "app-insights" => "InstrumentationKey=3f;IngestionEndpoint=https://shop.example/",
        "mongodb-atlas" => "mongodb+srv://anna:pw@shop.example/",
        _ => "cHctMTIzNA==",
    }
}

/// The secrets of a request: the connection's own, and the same for each additional one.
pub(crate) fn secrets(resolved: &Resolved<'_>, secret: &str) -> SecretInputs {
    let additional = resolved.additional_secrets().map(|name| (name.to_owned(), SecretValue::new(secret)));
    SecretInputs { own: Some(SecretValue::new(secret)), additional: additional.collect() }
}

/// The checked request.
pub(crate) fn resolve(spec: &ServiceConnectionSpec) -> Result<Resolved<'static>> {
    Catalog::builtin().resolve(spec)
}

/// The variables of a request with a secret.
pub(crate) fn render(spec: &ServiceConnectionSpec, secret: &str) -> Result<Vec<Binding>> {
    let resolved = resolve(spec)?;
    resolved.render(&secrets(&resolved, secret))
}

/// The value of one variable.
pub(crate) fn value<'b>(bindings: &'b [Binding], key: &str) -> &'b str {
    let binding = bindings.iter().find(|binding| binding.key == key);
    binding.map_or_else(|| panic!("there is no variable {key}"), |binding| binding.value.expose())
}
