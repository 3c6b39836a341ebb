//! Builds requests as a person would make them.
#![allow(dead_code, reason = "each test file uses a part")]

use std::collections::BTreeMap;

use sc_catalog::{Binding, Catalog, Resolved};
use sc_model::resource::{AuthSpec, TargetSpec};
use sc_model::{AuthType, ClientType, Result, SecretValue, ServiceConnectionSpec};

/// The client id in every request with an identity.
pub(crate) const CLIENT: &str = "11111111-1111-1111-1111-111111111111";
/// The tenant in every request with an identity.
pub(crate) const TENANT: &str = "22222222-2222-2222-2222-222222222222";

/// A request for a service, an auth type and a client type, with nothing else in it but an identity's ids.
pub(crate) fn request(service: &str, auth: AuthType, client: ClientType) -> ServiceConnectionSpec {
    let has_identity = auth != AuthType::Secret;
    ServiceConnectionSpec {
        connection_name: None,
        target: TargetSpec { service: service.to_owned(), parameters: BTreeMap::new(), tls: None },
        auth: AuthSpec {
            auth_type: auth,
            username: None,
            secret_ref: None,
            client_id: has_identity.then(|| CLIENT.to_owned()),
            tenant_id: has_identity.then(|| TENANT.to_owned()),
        },
        client_type: client,
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

/// The checked request.
pub(crate) fn resolve(spec: &ServiceConnectionSpec) -> Result<Resolved<'static>> {
    Catalog::builtin().resolve(spec)
}

/// The variables of a request with a secret.
pub(crate) fn render(spec: &ServiceConnectionSpec, secret: &str) -> Result<Vec<Binding>> {
    resolve(spec)?.render(Some(&SecretValue::new(secret)))
}

/// The value of one variable.
pub(crate) fn value<'b>(bindings: &'b [Binding], key: &str) -> &'b str {
    let binding = bindings.iter().find(|binding| binding.key == key);
    binding.map_or_else(|| panic!("there is no variable {key}"), |binding| binding.value.expose())
}
