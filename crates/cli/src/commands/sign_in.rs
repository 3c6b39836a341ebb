//! How a requested connection signs in: from options to the custom resource's `auth` and to the secrets that have to be read.

use std::collections::BTreeMap;

use sc_catalog::{SecretInputs, Service, parse_id};
use sc_model::resource::{AuthSpec, SecretKeyReference};
use sc_model::{AuthType, Failure, FailureCode, Result};

use crate::arguments::{Pair, SignInArguments, TargetValues};
use crate::interactive::patiently;
use crate::secret_input::{SecretSource, parse_az_secret, parse_az_service_principal};

/// How a connection signs in.
#[derive(Debug)]
pub(crate) struct SignIn {
    pub(crate) auth: AuthSpec,
    pub(crate) secrets: SecretSources,
}

/// Where the secrets of a connection are read from.
#[derive(Debug, Default)]
pub(crate) struct SecretSources {
    /// The connection's own.
    pub(crate) own: Option<SecretSource>,
    /// Those of the person's own variables.
    pub(crate) additional: BTreeMap<String, SecretSource>,
}

/// No sign-in at all: what a request begins from.
pub(crate) fn nothing(auth_type: AuthType) -> AuthSpec {
    AuthSpec {
        auth_type,
        username: None,
        secret_ref: None,
        client_id: None,
        tenant_id: None,
        principal_id: None,
    }
}

/// Reads the options. The auth type is `None` where no option says one; then it is the stored connection's, or the service's
/// default.
pub(crate) fn sign_in(
    service: &Service,
    stored: Option<AuthType>,
    values: &TargetValues,
    arguments: &SignInArguments,
) -> Result<(Option<AuthType>, SignIn)> {
    let az = parse_az_secret(arguments.secret.as_deref().unwrap_or_default())?;
    let principal = arguments.service_principal.as_deref().map(parse_az_service_principal).transpose()?;
    // A stored connection may keep another auth type's secret where --secret-ref says.
    let by_reference = arguments.secret_ref.as_ref().filter(|_| stored.is_none()).map(|_| AuthType::Secret);
    let asked = arguments.auth_type().or_else(|| told_by_secret(service, values)).or(by_reference);
    let auth_type = asked.or(stored).unwrap_or_else(|| service.default_auth());
    let input = service.secret_input(auth_type).map(|input| input.name());
    if let Some(other) = values.secrets.keys().find(|name| Some(name.as_str()) != input) {
        return Err(Failure::new(
            FailureCode::InvalidOption,
            format!("--{other}-stdin and --{other}-file have no meaning with the auth type {auth_type}"),
        )
        .because(match input {
            Some(input) => format!("it signs in with the {}", input.replace('-', " ")),
            None => "it signs in without a secret".to_owned(),
        })
        .remedied_by("Give one way to sign in."));
    }
    let mut auth = nothing(auth_type);
    let (az_user, mut own) = az;
    auth.username = az_user;
    auth.tenant_id = arguments.tenant_id.as_deref().map(|id| parse_id("tenant-id", id)).transpose()?;
    let identity = arguments.workload_identity.clone().map(|id| ("workload-identity", id));
    let mut client = identity.or(arguments.client_id.clone().map(|id| ("client-id", id)));
    if let Some(principal) = principal {
        client = Some(("service-principal", principal.client_id));
        own = principal.secret;
    }
    auth.client_id = client.map(|(option, id)| client_id(option, &id)).transpose()?;
    own = input.and_then(|name| values.secrets.get(name).cloned()).or(own);
    if let Some(reference) = &arguments.secret_ref {
        auth.secret_ref = Some(secret_ref(reference, input.unwrap_or("password"))?);
    }
    Ok((asked, SignIn { auth, secrets: SecretSources { own, additional: BTreeMap::new() } }))
}

/// Checks a client id under the option that gave it.
fn client_id(option: &str, given: &str) -> Result<String> {
    if given.starts_with('/') {
        return Err(Failure::new(FailureCode::InvalidName, format!("`{given}` is a resource id"))
            .because("sc doesn't ask Azure what its client id is; the client id is wanted here")
            .remedied_by("`az identity show --ids ID --query clientId` prints it."));
    }
    parse_id(option, given)
}

/// The auth type that is meant where only its secret is given.
fn told_by_secret(service: &Service, values: &TargetValues) -> Option<AuthType> {
    let is_given = |auth: &AuthType| {
        service.secret_input(*auth).is_some_and(|input| values.secrets.contains_key(input.name()))
    };
    service.auth_types().into_iter().find(is_given)
}

fn secret_ref(reference: &str, default_key: &str) -> Result<SecretKeyReference> {
    let (name, key) = reference.split_once('/').unwrap_or((reference, default_key));
    name.parse::<sc_model::ObjectName>()?;
    key.parse::<sc_model::SecretKey>()?;
    Ok(SecretKeyReference { name: name.to_owned(), key: key.to_owned() })
}

impl SecretSources {
    /// Takes in where the secrets of the person's own variables are.
    pub(crate) fn add(&mut self, pairs: &[Pair], has_reference: bool) -> Result<()> {
        for pair in pairs {
            let Pair::Put(name, file) = pair else { continue };
            match (file.as_str(), has_reference) {
                ("", true) => continue,
                ("", false) => {
                    return Err(Failure::new(
                        FailureCode::MissingOption,
                        format!("--set-secret {name}= names no file"),
                    )
                    .remedied_by(format!(
                        "Write --set-secret {name}=FILE, or {name}=- for the standard input; or keep the value in a Secret of the \
                         namespace under `{name}` and name it with --secret-ref."
                    )));
                }
                (_, true) => {
                    return Err(Failure::new(
                        FailureCode::InvalidOption,
                        format!("--set-secret {name}={file} and --secret-ref are both given"),
                    )
                    .because("with --secret-ref all secrets of the connection are in that Secret")
                    .remedied_by(format!(
                        "Put the value into that Secret under `{name}` and write --set-secret {name}=."
                    )));
                }
                ("-", false) => self.additional.insert(name.clone(), SecretSource::StandardInput),
                (file, false) => self.additional.insert(name.clone(), SecretSource::File(file.into())),
            };
        }
        Ok(())
    }

    /// Reads them all.
    pub(crate) async fn read(self) -> Result<SecretInputs> {
        let of_stdin = self.own.iter().chain(self.additional.values());
        if of_stdin.filter(|source| matches!(source, SecretSource::StandardInput)).count() > 1 {
            return Err(Failure::new(
                FailureCode::InvalidOption,
                "two secrets are to be read from the standard input",
            )
            .remedied_by("Give one of them by a file."));
        }
        patiently(move || {
            let own = self.own.as_ref().map(SecretSource::read).transpose()?;
            let additional = self.additional.iter().map(|(name, source)| Ok((name.clone(), source.read()?)));
            Ok(SecretInputs { own, additional: additional.collect::<Result<_>>()? })
        })
        .await
    }
}

/// The failure where nothing says how to sign in, with the ways that the target has.
pub(crate) fn sign_in_missing(service: &Service) -> Failure {
    let ways: Vec<_> = service.auth_types().into_iter().map(|auth| way(service, auth)).collect();
    Failure::new(
        FailureCode::MissingOption,
        format!("it isn't said how the workload signs in to {}", service.name()),
    )
    .remedied_by(format!("Give {}.", ways.join("; or ")))
}

fn way(service: &Service, auth: AuthType) -> String {
    let input = service.secret_input(auth).map_or("password", |input| input.name());
    match auth {
        AuthType::Secret => {
            format!("the {} by --{input}-stdin, --{input}-file or --secret-ref", input.replace('-', " "))
        }
        AuthType::ServicePrincipal => {
            "--service-principal CLIENT-ID --tenant-id TENANT-ID with --client-secret-file".to_owned()
        }
        AuthType::WorkloadIdentity => "--workload-identity CLIENT-ID --tenant-id TENANT-ID".to_owned(),
        AuthType::Csi => "--enable-csi --client-id CLIENT-ID --tenant-id TENANT-ID".to_owned(),
        AuthType::SystemManagedIdentity => "nothing".to_owned(),
    }
}

/// The failure for a secret that has to be given and isn't.
pub(crate) fn secret_missing(service: &Service, auth: AuthType) -> Failure {
    let name = service.secret_input(auth).map_or("password", |input| input.name());
    Failure::new(FailureCode::MissingOption, format!("the {} is missing", name.replace('-', " "))).remedied_by(format!(
        "Give it by --{name}-stdin or --{name}-file, or name a Secret of the namespace with --secret-ref NAME/KEY."
    ))
}
