//! `sc connection create` and `update`.

use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use sc_catalog::{Catalog, Service};
use sc_cluster::Cluster;
use sc_engine::create::observe;
use sc_engine::delete::find;
use sc_engine::{CreateRequest, Created, Validation, create};
use sc_model::failure::ExitCode as Ending;
use sc_model::resource::{AuthSpec, SecretKeyReference, TargetSpec, TlsSpec};
use sc_model::{
    AuthType, ConnectionName, Failure, FailureCode, Namespace, Report, Result, ServiceConnectionSpec,
};

use super::{invalid, name_missing, namespace};
use crate::arguments::{CreateArguments, Global, RequestArguments, TargetValues, UpdateArguments};
use crate::interactive::patiently;
use crate::output::Printer;
use crate::output::view::{ConnectionView, CreatedView, ValidationView};
use crate::secret_input::{SecretSource, parse_az_secret, read_certificates};

/// Creates a connection, or brings it to what is given.
pub(crate) async fn run_create(
    global: &Global,
    arguments: CreateArguments,
    printer: &Printer,
) -> Result<ExitCode> {
    refuse_contradictions(&arguments.request)?;
    let service = Catalog::builtin().service(&arguments.service)?;
    let name = arguments.name.clone().map_or_else(|| made_up_name(service), Ok)?;
    let (auth, source) = auth(service, &arguments.target, &arguments.request)?;
    let spec = ServiceConnectionSpec {
        connection_name: Some(name.to_string()),
        target: TargetSpec {
            service: service.name().to_owned(),
            parameters: arguments.target.parameters.clone(),
            tls: tls(&arguments.request)?,
        },
        auth,
        client_type: arguments.request.client_type.unwrap_or_default(),
    };
    // Everything that can be wrong with the request is found before the cluster is asked anything.
    let resolved = Catalog::builtin().resolve(&spec)?;
    if resolved.secret_input().is_some() && source.is_none() && spec.auth.secret_ref.is_none() {
        return Err(secret_missing(service));
    }
    let cluster = Cluster::connect(global.access()).await?;
    let namespace = namespace(&cluster, &arguments.place)?;
    carry_out(&cluster, namespace, name, spec, source, &arguments.request, printer).await
}

/// Changes what is given of a stored connection.
pub(crate) async fn run_update(
    global: &Global,
    arguments: UpdateArguments,
    printer: &Printer,
) -> Result<ExitCode> {
    refuse_contradictions(&arguments.request)?;
    let name = arguments.named.name().cloned().ok_or_else(name_missing)?;
    let cluster = Cluster::connect(global.access()).await?;
    let namespace = namespace(&cluster, &arguments.named.place)?;
    let stored = find(&cluster, &namespace, &name.object_name()).await?;
    let (mut spec, values) = (stored.spec.clone(), arguments.target.0);
    let service = Catalog::builtin().service(&spec.target.service)?;
    spec.target.parameters.extend(values.parameters.clone());
    spec.target.tls = tls(&arguments.request)?.or(spec.target.tls);
    spec.client_type = arguments.request.client_type.unwrap_or(spec.client_type);
    let (auth, source) = auth(service, &values, &arguments.request)?;
    spec.auth.username = auth.username.or(spec.auth.username);
    if auth.auth_type != spec.auth.auth_type && (source.is_some() || auth.client_id.is_some()) {
        spec.auth.auth_type = auth.auth_type;
    }
    if auth.client_id.is_some() {
        (spec.auth.client_id, spec.auth.tenant_id) = (auth.client_id, auth.tenant_id);
    }
    if source.is_some() || auth.secret_ref.is_some() {
        spec.auth.secret_ref = auth.secret_ref;
    }
    carry_out(&cluster, namespace, stored.given_name()?, spec, source, &arguments.request, printer).await
}

fn refuse_contradictions(request: &RequestArguments) -> Result<()> {
    if request.no_wait { request.binding.require_waiting() } else { Ok(()) }
}

async fn carry_out(
    cluster: &Cluster,
    namespace: Namespace,
    name: ConnectionName,
    spec: ServiceConnectionSpec,
    source: Option<SecretSource>,
    arguments: &RequestArguments,
    printer: &Printer,
) -> Result<ExitCode> {
    let secret = match source {
        Some(source) => Some(patiently(move || source.read()).await?),
        None => None,
    };
    let request = CreateRequest {
        namespace,
        name,
        spec,
        secret,
        binding: arguments.binding.binding(),
        installation: arguments.installation.installation(),
        validation: match (arguments.no_validate, arguments.require_valid) {
            (true, _) => Validation::Skip,
            (_, true) => Validation::Require,
            _ => Validation::Warn,
        },
        waits: !arguments.no_wait,
        limit: arguments.timeout,
    };
    if arguments.dry_run {
        let (_, _, plan) = observe(cluster, &request).await?;
        printer.plan(&plan)?;
        return Ok(ExitCode::SUCCESS);
    }
    let progress = printer.progress();
    let created = create(cluster, &request, progress.as_ref(), |plan| printer.announce(plan)).await?;
    drop(progress);
    finish(&request, created, printer)
}

fn finish(request: &CreateRequest, created: Created, printer: &Printer) -> Result<ExitCode> {
    let Created { plan, connection, validation } = created;
    let secret = request.name.secret_name();
    if plan.is_done() {
        printer.say(&format!("Nothing to do: connection `{}` is as requested.", request.name));
    } else if request.waits && !connection.workloads().is_empty() {
        let workloads: Vec<_> = connection.workloads().iter().map(ToString::to_string).collect();
        printer.say(&format!("Connection `{}` is ready and in {}.", request.name, workloads.join(", ")));
    } else if request.waits {
        printer.say(&format!("Connection `{}` is ready. The workload reads it with `envFrom: [{{secretRef: {{name: {secret}}}}}]`.", request.name));
    } else {
        printer.say(&format!(
            "Connection `{}` is stored; `sc connection wait {} -n {}` waits until it is ready.",
            request.name, request.name, request.namespace
        ));
    }
    let view = CreatedView {
        changed: !plan.is_done(),
        connection: ConnectionView::of(&connection),
        validation: validation.as_ref().map(ValidationView::of),
    };
    printer.result(&view)?;
    match validation {
        Some(outcome) => judge(request, &outcome, printer),
        None => Ok(ExitCode::SUCCESS),
    }
}

/// An invalid connection is a warning, unless it was required to be valid.
fn judge(request: &CreateRequest, outcome: &Result<Report>, printer: &Printer) -> Result<ExitCode> {
    let failure = match outcome {
        Ok(report) => {
            printer.report(report);
            match report.failure() {
                None => return Ok(ExitCode::SUCCESS),
                Some(check) => invalid(request.name.as_str(), check),
            }
        }
        Err(failure) => failure.clone(),
    };
    if request.validation == Validation::Require {
        printer.failure(&failure);
        return Ok(ExitCode::from(Ending::Invalid as u8));
    }
    printer.warn(&failure);
    Ok(ExitCode::SUCCESS)
}

fn auth(
    service: &Service,
    values: &TargetValues,
    request: &RequestArguments,
) -> Result<(AuthSpec, Option<SecretSource>)> {
    let (az_user, az_secret) = parse_az_secret(request.secret.as_deref().unwrap_or_default())?;
    let mut auth = AuthSpec {
        auth_type: AuthType::Secret,
        username: values.username.clone().or(az_user),
        secret_ref: None,
        client_id: None,
        tenant_id: None,
    };
    if let Some(client) = &request.workload_identity {
        auth.auth_type = AuthType::WorkloadIdentity;
        auth.client_id = Some(client.clone());
        auth.tenant_id = request.tenant_id.clone();
        return Ok((auth, None));
    }
    if let Some(reference) = &request.secret_ref {
        let default = service.secret_input(AuthType::Secret).map_or("password", |input| input.name());
        let (name, key) = reference.split_once('/').unwrap_or((reference, default));
        name.parse::<sc_model::ObjectName>()?;
        key.parse::<sc_model::SecretKey>()?;
        auth.secret_ref = Some(SecretKeyReference { name: name.to_owned(), key: key.to_owned() });
    }
    Ok((auth, values.secret.clone().or(az_secret)))
}

fn tls(request: &RequestArguments) -> Result<Option<TlsSpec>> {
    request
        .ca_certificate
        .as_deref()
        .map(|path| read_certificates(path).map(|ca_bundle| TlsSpec { ca_bundle }))
        .transpose()
}

fn secret_missing(service: &Service) -> Failure {
    let name = service.secret_input(AuthType::Secret).map_or("password", |input| input.name());
    Failure::new(FailureCode::MissingOption, format!("the {} is missing", name.replace('-', " "))).remedied_by(format!(
        "Give it by --{name}-stdin or --{name}-file, or name a Secret of the namespace with --secret-ref NAME/KEY."
    ))
}

/// The original's rule: the target without hyphens, `_`, and five of a-z and 0-9.
fn made_up_name(service: &Service) -> Result<ConnectionName> {
    const ALPHABET: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let mut number = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos() / 1000;
    let mut tail = String::new();
    for _ in 0..5 {
        tail.push(char::from(ALPHABET[usize::try_from(number % 36).unwrap_or_default()]));
        number /= 36;
    }
    format!("{}_{tail}", service.name().replace('-', "")).parse()
}
