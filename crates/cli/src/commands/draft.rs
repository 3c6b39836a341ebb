//! A connection as the command line asks for it, checked before the cluster is asked anything.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use sc_catalog::{Catalog, Service};
use sc_model::resource::{ConfigurationSpec, TargetSpec, TlsSpec};
use sc_model::{AuthType, ConnectionName, Failure, FailureCode, Result, ServiceConnectionSpec};

use super::sign_in::{SecretSources, SignIn, secret_missing, sign_in, sign_in_missing};
use crate::arguments::{CreateArguments, Pair, RequestArguments, TargetValues, VariableArguments};
use crate::secret_input::read_certificates;

/// What a request makes: a connection, and a second one where the options of its companion are given.
pub(crate) fn drafts(arguments: &CreateArguments) -> Result<Vec<Draft>> {
    let service = Catalog::builtin().service(&arguments.service)?;
    let name = arguments.name.clone().map_or_else(|| made_up_name(service), Ok)?;
    let mut wanted = vec![draft(service, name.clone(), &arguments.target, &arguments.request)?];
    check_name(service, &name)?;
    if let Some(companion) = service.companion().filter(|_| !arguments.companion.is_empty()) {
        let other = Catalog::builtin().service(companion.service())?;
        let name = format!("{name}{}", companion.suffix()).parse()?;
        // Other names for variables reach the first connection only, as in the original.
        let mut request = arguments.request.clone();
        request.variables = VariableArguments::default();
        wanted.push(draft(other, name, &arguments.companion, &request)?);
    }
    Ok(wanted)
}

/// A companion's names aren't free.
pub(crate) fn check_name(service: &Service, name: &ConnectionName) -> Result<()> {
    match service.companion() {
        Some(companion) if name.as_str().ends_with(companion.suffix()) => Err(Failure::new(
            FailureCode::InvalidName,
            format!("`{name}` can't be the name of this connection"),
        )
        .because(format!(
            "names that end in `{}` are for {}",
            companion.suffix(),
            companion.service()
        ))),
        _ => Ok(()),
    }
}

/// A connection as it is to be, before its secrets are read.
pub(crate) struct Draft {
    pub(crate) name: ConnectionName,
    pub(crate) spec: ServiceConnectionSpec,
    pub(super) secrets: SecretSources,
}

/// Everything that can be wrong with a request is found here, before the cluster is asked anything.
fn draft(
    service: &Service,
    name: ConnectionName,
    values: &TargetValues,
    request: &RequestArguments,
) -> Result<Draft> {
    let (asked, SignIn { auth, mut secrets }) = sign_in(service, None, values, &request.sign_in)?;
    let mut spec = ServiceConnectionSpec {
        connection_name: Some(name.to_string()),
        target: TargetSpec {
            service: service.name().to_owned(),
            parameters: BTreeMap::new(),
            tls: tls(request)?,
        },
        auth,
        client_type: request.client_type.unwrap_or_default(),
        configuration: ConfigurationSpec::default(),
        opt_out: request.opt_outs(),
    };
    values.store(service, &mut spec.target.parameters, &mut spec.auth)?;
    configure(&mut spec.configuration, &request.variables);
    secrets.add(&request.variables.set_secret, spec.auth.secret_ref.is_some())?;
    let is_decided = asked.is_some() || service.auth_types() == [AuthType::Secret];
    // Who takes care of sign-in and variables alike needs to say nothing about sign-in, as with az.
    if !is_decided && !spec.opt_out.leave_out_sign_in() {
        return Err(sign_in_missing(service));
    }
    let resolved = Catalog::builtin().resolve(&spec)?;
    if resolved.secret_input().is_some() && secrets.own.is_none() && spec.auth.secret_ref.is_none() {
        return Err(secret_missing(service, spec.auth.auth_type));
    }
    Ok(Draft { name, spec, secrets })
}

/// Applies what is given about the variables.
pub(super) fn configure(configuration: &mut ConfigurationSpec, given: &VariableArguments) {
    Pair::change(&given.customized_keys, &mut configuration.customized_keys);
    Pair::change(&given.set, &mut configuration.additional);
    Pair::change(&given.connstr_props, &mut configuration.additional_connection_string_properties);
    Pair::change_names(&given.set_secret, &mut configuration.additional_secrets);
    configuration.service_binding |= given.service_binding;
}

/// What can't be asked for at once.
pub(crate) fn refuse_contradictions(request: &RequestArguments) -> Result<()> {
    if request.no_wait {
        request.binding.require_waiting()?;
    }
    if request.opt_outs().leave_out_variables() {
        request.binding.require_variables()?;
    }
    Ok(())
}

/// The authorities that are given.
pub(super) fn tls(request: &RequestArguments) -> Result<Option<TlsSpec>> {
    request
        .ca_certificate
        .as_deref()
        .map(|path| read_certificates(path).map(|ca_bundle| TlsSpec { ca_bundle }))
        .transpose()
}

/// The original's rule: the target without hyphens, `_`, and five of a-z and 0-9.
pub(crate) fn made_up_name(service: &Service) -> Result<ConnectionName> {
    const ALPHABET: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let mut number = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos() / 1000;
    let mut tail = String::new();
    for _ in 0..5 {
        tail.push(char::from(ALPHABET[usize::try_from(number % 36).unwrap_or_default()]));
        number /= 36;
    }
    format!("{}_{tail}", service.name().replace('-', "")).parse()
}
