//! `sc connection create` and `update`.

use std::process::ExitCode;

use sc_catalog::Catalog;
use sc_cluster::Cluster;
use sc_engine::create::observe;
use sc_engine::delete::find;
use sc_engine::{CreateRequest, Created, Validation, create};
use sc_model::failure::ExitCode as Ending;
use sc_model::resource::AuthSpec;
use sc_model::{AuthType, Namespace, Report, Result};

use super::draft::{Draft, configure, drafts, refuse_contradictions, tls};
use super::sign_in::{nothing, sign_in};
use super::{invalid, name_missing, namespace};
use crate::arguments::{CreateCommand, Global, RequestArguments, UpdateArguments};
use crate::interview::Preview;
use crate::output::Printer;
use crate::output::view::{ConnectionView, CreatedView, ValidationView};

/// Creates a connection, or brings it to what is given.
pub(crate) async fn run_create(
    global: &Global,
    command: CreateCommand,
    printer: &Printer,
) -> Result<ExitCode> {
    let (arguments, mut preview) = command.said()?;
    refuse_contradictions(&arguments.request)?;
    let wanted = drafts(&arguments)?;
    let cluster = Cluster::connect(global.access()).await?;
    let namespace = namespace(&cluster, &arguments.place)?;
    let mut ending = ExitCode::SUCCESS;
    for draft in wanted {
        ending = carry_out(
            &cluster,
            namespace.clone(),
            draft,
            &arguments.request,
            preview.take().as_ref(),
            printer,
        )
        .await?;
    }
    Ok(ending)
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
    let (mut spec, values, request) = (stored.spec.clone(), arguments.target.0, &arguments.request);
    let service = Catalog::builtin().service(&spec.target.service)?;
    let (asked, given) = sign_in(service, Some(spec.auth.auth_type), &values, &request.sign_in)?;
    let mut secrets = given.secrets;
    spec.auth = changed_auth(spec.auth, asked, given.auth, secrets.own.is_some());
    values.store(service, &mut spec.target.parameters, &mut spec.auth)?;
    spec.target.tls = tls(request)?.or(spec.target.tls);
    spec.client_type = request.client_type.unwrap_or(spec.client_type);
    if !request.opt_out.is_empty() {
        spec.opt_out = request.opt_outs();
    }
    configure(&mut spec.configuration, &request.variables);
    secrets.add(&request.variables.set_secret, spec.auth.secret_ref.is_some())?;
    let draft = Draft { name: stored.given_name()?, spec, secrets };
    carry_out(&cluster, namespace, draft, request, None, printer).await
}

/// What is given of a sign-in replaces what is stored; another auth type begins anew but for the user.
fn changed_auth(stored: AuthSpec, asked: Option<AuthType>, given: AuthSpec, has_secret: bool) -> AuthSpec {
    let auth_type = asked.unwrap_or(stored.auth_type);
    let mut auth = if auth_type == stored.auth_type {
        stored
    } else {
        AuthSpec { username: stored.username, ..nothing(auth_type) }
    };
    if has_secret || given.secret_ref.is_some() {
        auth.secret_ref = given.secret_ref;
    }
    auth.username = given.username.or(auth.username);
    auth.client_id = given.client_id.or(auth.client_id);
    auth.tenant_id = given.tenant_id.or(auth.tenant_id);
    auth
}

async fn carry_out(
    cluster: &Cluster,
    namespace: Namespace,
    draft: Draft,
    arguments: &RequestArguments,
    preview: Option<&Preview>,
    printer: &Printer,
) -> Result<ExitCode> {
    let Draft { name, spec, secrets } = draft;
    let request = CreateRequest {
        namespace,
        name,
        spec,
        secrets: secrets.read().await?,
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
    if let Some(preview) = preview {
        preview.agree(cluster, &request, printer).await?;
    }
    let progress = printer.progress();
    let created = create(cluster, &request, progress.as_ref(), |plan| printer.announce(plan)).await?;
    drop(progress);
    finish(&request, created, printer)
}

fn finish(request: &CreateRequest, created: Created, printer: &Printer) -> Result<ExitCode> {
    let Created { plan, connection, validation } = created;
    let status = connection.status.clone().unwrap_or_default();
    if plan.is_done() {
        printer.say(&format!("Nothing to do: connection `{}` is as requested.", request.name));
    } else if request.waits && !connection.workloads().is_empty() {
        let workloads: Vec<_> = connection.workloads().iter().map(ToString::to_string).collect();
        printer.say(&format!("Connection `{}` is ready and in {}.", request.name, workloads.join(", ")));
    } else if request.waits {
        let secret = status.secret_name.map_or_else(String::new, |secret| {
            format!(" The workload reads it with `envFrom: [{{secretRef: {{name: {secret}}}}}]`.")
        });
        let account = status
            .service_account_name
            .map_or_else(String::new, |account| format!(" It signs in as `serviceAccountName: {account}`."));
        printer.say(&format!("Connection `{}` is ready.{secret}{account}", request.name));
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
