//! What a service says about itself.

use std::borrow::Cow;

use crate::about::{Azure, BindingKind, Companion};
use crate::file::{Connection, Origin, Parameter, ProbeFamily, SecretInput, SecretKind, Service, Variable};
use crate::template::Template;
use crate::{AuthType, ClientType};

/// The placeholder of the identity's client id, from `spec.auth.clientId`.
pub(crate) const CLIENT_ID: &str = "client-id";
/// The placeholder of the identity's tenant, from `spec.auth.tenantId`.
pub(crate) const TENANT_ID: &str = "tenant-id";

/// The secret input of every service principal.
static CLIENT_SECRET: SecretInput = SecretInput {
    name: Cow::Borrowed("client-secret"),
    help: Cow::Borrowed("the service principal's client secret"),
    kind: SecretKind::Text,
};

/// One combination a service supports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Support<'c> {
    /// How the workload signs in.
    pub auth: AuthType,
    /// The workload's language or framework.
    pub client: ClientType,
    /// The names of the variables it gets, in order.
    pub keys: Vec<&'c str>,
}

impl Service {
    /// Its name, as the custom resource holds it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Other names it goes by.
    pub fn aliases(&self) -> &[String] {
        &self.aliases
    }

    /// Whether that is its name or an alias.
    pub fn is_called(&self, name: &str) -> bool {
        self.name == name || self.aliases.iter().any(|alias| alias == name)
    }

    /// Its name for people.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The protocol that validation speaks with it.
    pub fn probe(&self) -> ProbeFamily {
        self.probe
    }

    /// What servicebinding.io calls it.
    pub fn binding(&self) -> &BindingKind {
        &self.binding
    }

    /// The service that people connect to together with it.
    pub fn companion(&self) -> Option<&Companion> {
        self.companion.as_ref()
    }

    /// What a person is told who may have meant another service.
    pub fn rather(&self) -> Option<&str> {
        self.rather.as_deref()
    }

    /// The family of sample programs that use it.
    pub fn program(&self) -> Option<&str> {
        self.program.as_deref()
    }

    /// What Azure knows about it. `None` for a service outside Azure.
    pub fn azure(&self) -> Option<&Azure> {
        self.azure.as_ref()
    }

    /// The auth type that a workload of a cluster takes if none is given.
    pub fn default_auth(&self) -> AuthType {
        self.sources.cluster.default.auth_type().unwrap_or(AuthType::Secret)
    }

    /// What identifies one such service, in the order people are asked.
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// The parameter of that name.
    pub fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|parameter| parameter.name == name)
    }

    /// The secret that an auth type needs, if it needs one.
    pub fn secret_input(&self, auth: AuthType) -> Option<&SecretInput> {
        match auth {
            AuthType::Secret => self.secret.as_ref(),
            AuthType::ServicePrincipal => Some(&CLIENT_SECRET),
            AuthType::WorkloadIdentity | AuthType::Csi | AuthType::SystemManagedIdentity => None,
        }
    }

    /// The names of all secrets that it may ask for.
    pub(crate) fn secret_names(&self) -> impl Iterator<Item = &str> {
        AuthType::ALL.iter().filter_map(|auth| self.secret_input(*auth)).map(SecretInput::name)
    }

    /// The auth types that workloads of a cluster have with it.
    pub fn auth_types(&self) -> Vec<AuthType> {
        AuthType::ALL.iter().copied().filter(|auth| self.is_for_clusters(*auth)).collect()
    }

    fn is_for_clusters(&self, auth: AuthType) -> bool {
        self.sources.cluster.auth.iter().any(|offered| offered.auth_type() == Some(auth))
    }

    /// The auth types that a developer's own machine has with it, by their names, and the one it takes if none is given.
    pub fn local_auth_types(&self) -> Option<(Vec<&'static str>, &'static str)> {
        let local = self.sources.local.as_ref()?;
        Some((local.auth.iter().map(|auth| auth.name()).collect(), local.default.name()))
    }

    /// The client types it has with an auth type.
    pub fn client_types(&self, auth: AuthType) -> Vec<ClientType> {
        ClientType::ALL.iter().copied().filter(|client| self.connection(auth, *client).is_some()).collect()
    }

    /// Every combination it supports for workloads of a cluster, with the names of the variables for a target whose parameters are at their
    /// defaults.
    pub fn support(&self) -> impl Iterator<Item = Support<'_>> {
        AuthType::ALL.iter().filter(|auth| self.is_for_clusters(**auth)).flat_map(move |auth| {
            ClientType::ALL.iter().filter_map(move |client| {
                let variables = self.variables(*auth, *client)?;
                let usual = variables.filter(|variable| variable.only_if_changed.is_none());
                let keys = usual.map(|variable| variable.name.as_str()).collect();
                Some(Support { auth: *auth, client: *client, keys })
            })
        })
    }

    /// The variables of a combination, in order; `None` if it doesn't exist.
    pub(crate) fn variables(
        &self,
        auth: AuthType,
        client: ClientType,
    ) -> Option<impl Iterator<Item = &Variable>> {
        let sets = &self.connection(auth, client)?.r#use;
        Some(sets.iter().filter_map(|set| self.variables.get(set)).flatten())
    }

    fn connection(&self, auth: AuthType, client: ClientType) -> Option<&Connection> {
        self.connections
            .iter()
            .find(|connection| connection.auth.contains(&auth) && connection.clients.contains(&client))
    }
}

impl Parameter {
    /// Its name: the key in `spec.target.parameters`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it has to look like.
    pub fn kind(&self) -> crate::Kind {
        self.kind
    }

    /// What a person is told about it.
    pub fn help(&self) -> &str {
        &self.help
    }

    /// The option of `sc` that gives it, without `--`.
    pub fn option(&self) -> &str {
        self.option.as_deref().unwrap_or(&self.name)
    }

    /// Its value when it is left out, as written in the catalog: `5432`, `{server}.postgres.database.azure.com`.
    pub fn default_text(&self) -> Option<String> {
        self.default.clone().map(Template::into)
    }

    /// Whether it always has to be given.
    pub fn is_required(&self) -> bool {
        self.default.is_none() && self.instead_of.is_none()
    }

    /// The values it may have; empty where its kind decides.
    pub fn choices(&self) -> &[String] {
        &self.choices
    }

    /// Whether it is `spec.auth.username` and not one of `spec.target.parameters`.
    pub fn is_username(&self) -> bool {
        self.from == Some(Origin::AuthUsername)
    }

    /// Whether it is `spec.auth.principalId` and not one of `spec.target.parameters`.
    pub fn is_principal_id(&self) -> bool {
        self.from == Some(Origin::AuthPrincipalId)
    }

    /// The field of the custom resource that holds it.
    pub(crate) fn field(&self) -> String {
        match self.from {
            None => format!("spec.target.parameters.{}", self.name),
            Some(Origin::AuthUsername) => "spec.auth.username".to_owned(),
            Some(Origin::AuthPrincipalId) => "spec.auth.principalId".to_owned(),
        }
    }
}

impl SecretInput {
    /// Its name: `password`, `access-key`, `account-key`, `client-secret`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its name in a sentence: `access key`.
    pub fn title(&self) -> String {
        self.name.replace('-', " ")
    }

    /// What a person is told about it.
    pub fn help(&self) -> &str {
        &self.help
    }

    /// What it has to look like.
    pub fn kind(&self) -> SecretKind {
        self.kind
    }
}
