//! What has to be asked for a request that isn't complete: decided from the command line and the catalog alone.

use std::collections::BTreeMap;

use sc_catalog::{Catalog, Need, Parameter, SecretInput, Service};
use sc_model::{AuthType, ClientType, Result, SecretValue};

use super::answer::{Answer, Defaults};
use crate::arguments::{CreateArguments, TargetValues};
use crate::commands::draft::refuse_contradictions;
use crate::commands::sign_in::{SignIn, sign_in};
use crate::secret_input::SecretSource;

/// Something to ask.
#[derive(Debug, Clone)]
pub(super) enum Question {
    /// What the workload connects to.
    Target,
    /// How it signs in.
    AuthType(&'static Service, Vec<AuthType>),
    /// Which client library's variables it reads.
    ClientType(Vec<ClientType>),
    /// The connection's name.
    Name(&'static Service),
    /// The workload's namespace.
    Namespace,
    /// A parameter, or the short ways to say it.
    Which(&'static Parameter, Vec<&'static Parameter>),
    /// A parameter and its default.
    Parameter(&'static Parameter, Option<String>),
    /// The client id of an identity, and the option that gives it.
    ClientId(AuthType, &'static str),
    /// Its tenant.
    TenantId,
    /// Variables of the person's own, for a target that has none.
    Variables,
    /// Whether defaults are kept.
    Defaults(Vec<(&'static Parameter, String)>),
    /// A secret; whether the command line says that it is to be read.
    Secret(&'static SecretInput, Said),
}

/// Whether the command line says that a secret comes by the standard input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    /// It does: nobody has to ask, but a prompt can hide what is typed.
    Yes,
    /// It says nothing.
    No,
}

impl Question {
    /// Whether the request can't do without an answer.
    pub(super) fn is_required(&self) -> bool {
        match self {
            Self::Target
            | Self::AuthType(..)
            | Self::Which(..)
            | Self::Parameter(_, None)
            | Self::ClientId(..)
            | Self::TenantId
            | Self::Variables
            | Self::Secret(_, Said::No) => true,
            // Left out, it is `none`, as with az.
            Self::ClientType(offered) => !offered.contains(&ClientType::None),
            Self::Name(_)
            | Self::Namespace
            | Self::Parameter(_, Some(_))
            | Self::Defaults(_)
            | Self::Secret(_, Said::Yes) => false,
        }
    }
}

/// A request as far as it is known.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    /// What the command line says.
    pub(super) given: Option<CreateArguments>,
    /// The auth type that was chosen; the option that says it needs an answer that comes later.
    auth: Option<AuthType>,
    defaults: Defaults,
    /// Secrets that were typed, by name.
    secrets: BTreeMap<String, SecretValue>,
}

impl Draft {
    /// What the command line says at first.
    pub(super) fn new(given: Option<CreateArguments>) -> Self {
        // Who gave one of the target's options knows where the others are.
        let is_bare = given.as_ref().is_none_or(|given| given.target.options.is_empty());
        let defaults = if is_bare { Defaults::Open } else { Defaults::Kept };
        Self { given, auth: None, defaults, secrets: BTreeMap::new() }
    }

    /// Whether nothing has to be asked.
    pub(super) fn is_complete(&self) -> Result<bool> {
        Ok(!self.questions()?.iter().any(Question::is_required))
    }

    /// The next question.
    pub(super) fn next(&self) -> Result<Option<Question>> {
        Ok(self.questions()?.into_iter().next())
    }

    /// Everything that would be asked as far as is known now, in order.
    pub(super) fn questions(&self) -> Result<Vec<Question>> {
        let Some(given) = &self.given else { return Ok(vec![Question::Target]) };
        let service = Catalog::builtin().service(&given.service)?;
        let (asked, SignIn { auth: spec, .. }) =
            sign_in(service, None, &given.target, &given.request.sign_in)?;
        let mut questions = Vec::new();

        let client = given.request.client_type;
        let auth = asked.or(self.auth).or_else(|| undecided(service, given));
        if auth.is_none() {
            let has_client_id = given.request.sign_in.client_id.is_some();
            let fits = |auth: &AuthType| {
                client.is_none_or(|client| service.client_types(*auth).contains(&client))
                    && (!has_client_id || matches!(auth, AuthType::ServicePrincipal | AuthType::Csi))
            };
            questions
                .push(Question::AuthType(service, service.auth_types().into_iter().filter(fits).collect()));
        }
        let auth = auth.unwrap_or_else(|| service.default_auth());
        let clients = service.client_types(auth);
        // Until it is known: what a client that there is needs.
        let likely = if clients.contains(&ClientType::None) {
            Some(ClientType::None)
        } else {
            clients.first().copied()
        };
        if client.is_none() {
            questions.push(Question::ClientType(clients));
        }
        let client = client.or(likely).unwrap_or_default();
        if given.name.is_none() {
            questions.push(Question::Name(service));
        }
        if given.place.namespace.is_none() {
            questions.push(Question::Namespace);
        }

        let mut parts = vec![(service, &given.target)];
        if let Some(companion) = service.companion().filter(|_| !given.companion.is_empty()) {
            parts.push((Catalog::builtin().service(companion.service())?, &given.companion));
        }
        let needs = parts.iter().flat_map(|(service, values)| {
            let known = known(service, values, spec.username.as_deref());
            let given = known.clone();
            service.needs(auth, client, &known).into_iter().map(move |need| about(&need, &given))
        });
        let (required, optional): (Vec<_>, Vec<_>) = needs.flatten().partition(Question::is_required);
        questions.extend(required);
        let opt_outs = given.request.opt_outs();
        if !opt_outs.leave_out_sign_in() {
            questions.extend(identity(auth, spec.client_id.as_ref(), spec.tenant_id.as_ref()));
        }
        let own = &given.request.variables;
        let has_variables = service.has_variables(auth, client) || opt_outs.leave_out_variables();
        if !has_variables && own.set.is_empty() && own.set_secret.is_empty() {
            questions.push(Question::Variables);
        }
        questions.extend(self.about_defaults(optional));
        for (service, values) in parts {
            questions.extend(self.secret(service, values, given, (auth, client))?);
        }
        Ok(questions)
    }

    fn about_defaults(&self, optional: Vec<Question>) -> Vec<Question> {
        match self.defaults {
            Defaults::Kept => Vec::new(),
            Defaults::Changed => optional,
            Defaults::Open if optional.is_empty() => Vec::new(),
            Defaults::Open => {
                let usual = optional.into_iter().filter_map(|question| match question {
                    Question::Parameter(parameter, Some(usual)) => Some((parameter, usual)),
                    _ => None,
                });
                vec![Question::Defaults(usual.collect())]
            }
        }
    }

    fn secret(
        &self,
        service: &'static Service,
        values: &TargetValues,
        given: &CreateArguments,
        (auth, client): (AuthType, ClientType),
    ) -> Result<Option<Question>> {
        let (_, SignIn { auth: spec, secrets }) = sign_in(service, None, values, &given.request.sign_in)?;
        let is_wanted = !given.request.opt_outs().leave_out_variables() && spec.secret_ref.is_none();
        let input = service.secret_for(auth, client).filter(|_| is_wanted);
        let input = input.filter(|input| !self.secrets.contains_key(input.name()));
        Ok(input.and_then(|input| match secrets.own {
            None => Some(Question::Secret(input, Said::No)),
            Some(SecretSource::StandardInput) => Some(Question::Secret(input, Said::Yes)),
            Some(SecretSource::File(_) | SecretSource::Given(_)) => None,
        }))
    }

    /// Checks what the command line says already, before a person answers questions in vain.
    pub(super) fn check_given(&self) -> Result<()> {
        let Some(given) = &self.given else { return Ok(()) };
        refuse_contradictions(&given.request)?;
        let service = Catalog::builtin().service(&given.service)?;
        for parameter in service.parameters() {
            if let Some(value) = given.target.options.get(parameter.option()) {
                parameter.parse(value)?;
            }
        }
        Ok(())
    }

    /// Takes an answer in, with what the command line says now.
    pub(super) fn learn(&mut self, answer: Answer, given: Option<CreateArguments>) {
        self.given = given;
        self.auth = answer.auth.or(self.auth);
        self.defaults = answer.defaults.unwrap_or(self.defaults);
        self.secrets.extend(answer.secret);
    }

    /// What says the auth type where no other answer did.
    pub(super) fn last_words(&self) -> Result<Vec<String>> {
        let Some(given) = &self.given else { return Ok(Vec::new()) };
        let service = Catalog::builtin().service(&given.service)?;
        let (asked, _) = sign_in(service, None, &given.target, &given.request.sign_in)?;
        let client_id = given.request.sign_in.client_id.clone();
        Ok(match (asked, self.auth) {
            (None, Some(AuthType::Secret)) => vec!["--secret".to_owned()],
            (None, Some(AuthType::ServicePrincipal)) => {
                std::iter::once("--service-principal".to_owned()).chain(client_id).collect()
            }
            _ => Vec::new(),
        })
    }

    /// Puts the typed secrets in the place of what is to be read from the standard input.
    pub(super) fn put_secrets(self, arguments: &mut CreateArguments) {
        for (name, value) in self.secrets {
            for values in [&mut arguments.target, &mut arguments.companion] {
                if let Some(source) = values.secrets.get_mut(&name) {
                    *source = SecretSource::Given(value.clone());
                }
            }
        }
    }
}

/// The auth type where no option has to say it.
fn undecided(service: &Service, given: &CreateArguments) -> Option<AuthType> {
    let is_left_out = given.request.opt_outs().leave_out_sign_in();
    (is_left_out || service.auth_types() == [AuthType::Secret]).then(|| service.default_auth())
}

/// What is given of a target, by the parameters' names.
fn known(service: &Service, values: &TargetValues, username: Option<&str>) -> BTreeMap<String, String> {
    let value = |parameter: &Parameter| {
        let given = values.options.get(parameter.option()).map(String::as_str);
        let given = given.or(username.filter(|_| parameter.is_username()))?;
        Some((parameter.name().to_owned(), given.to_owned()))
    };
    service.parameters().iter().filter_map(value).collect()
}

/// The questions about a parameter: one, or those about its short ways once one of them is given.
fn about(need: &Need<'static>, given: &BTreeMap<String, String>) -> Vec<Question> {
    let is_open = |short: &&'static Parameter| !given.contains_key(short.name());
    let open: Vec<_> = need.shorts.iter().copied().filter(is_open).collect();
    match &need.usual {
        // Said by its short ways.
        Some(_) if !need.shorts.is_empty() => Vec::new(),
        Some(usual) => vec![Question::Parameter(need.parameter, Some(usual.clone()))],
        None if need.shorts.is_empty() => vec![Question::Parameter(need.parameter, None)],
        None if open.len() == need.shorts.len() => vec![Question::Which(need.parameter, open)],
        None => open.into_iter().map(|short| Question::Parameter(short, None)).collect(),
    }
}

fn identity(auth: AuthType, client: Option<&String>, tenant: Option<&String>) -> Vec<Question> {
    let option = match auth {
        AuthType::Secret | AuthType::SystemManagedIdentity => return Vec::new(),
        AuthType::WorkloadIdentity => "workload-identity",
        AuthType::ServicePrincipal => "service-principal",
        AuthType::Csi => "client-id",
    };
    let client = client.is_none().then_some(Question::ClientId(auth, option));
    client.into_iter().chain(tenant.is_none().then_some(Question::TenantId)).collect()
}

#[cfg(test)]
#[path = "draft_tests.rs"]
mod tests;
