//! `sc connection …`.

use std::process::ExitCode;

use sc_catalog::Catalog;
use sc_cluster::Cluster;
use sc_engine::delete::find;
use sc_engine::workload::Released;
use sc_engine::{delete, validate};
use sc_model::resource::{READY, VALID};
use sc_model::{Failure, FailureCode, Namespace, Result, ServiceConnection};

use super::create::{run_create, run_update};
use super::snippet::snippet;
use super::support::list_support_types;
use super::{invalid, name_missing, namespace};
use crate::arguments::{
    ConnectionCommand, DeleteArguments, Global, ListArguments, ListConfigurationArguments, Named,
    ShowArguments, ValidateArguments, WaitArguments, WaitFor,
};
use crate::interactive::confirm;
use crate::output::Printer;
use crate::output::view::{
    Configuration, ConnectionList, ConnectionView, DeletedView, ValidationView, VariableView,
};

pub(crate) async fn run(global: &Global, command: ConnectionCommand, printer: &Printer) -> Result<ExitCode> {
    match command {
        ConnectionCommand::Create(command) => return run_create(global, *command, printer).await,
        ConnectionCommand::Update(arguments) => return run_update(global, *arguments, printer).await,
        ConnectionCommand::Validate(arguments) => return run_validate(global, &arguments, printer).await,
        ConnectionCommand::List(arguments) => list(global, &arguments, printer).await?,
        ConnectionCommand::Show(arguments) => show(global, &arguments, printer).await?,
        ConnectionCommand::Delete(arguments) => run_delete(global, &arguments, printer).await?,
        ConnectionCommand::ListConfiguration(arguments) => {
            list_configuration(global, &arguments, printer).await?
        }
        ConnectionCommand::ListSupportTypes(arguments) => list_support_types(&arguments, printer)?,
        ConnectionCommand::Wait(arguments) => wait(global, &arguments).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn named(global: &Global, named: &Named) -> Result<(Cluster, Namespace, ServiceConnection)> {
    let name = named.name().ok_or_else(name_missing)?;
    let cluster = Cluster::connect(global.access()).await?;
    let namespace = namespace(&cluster, &named.place)?;
    let connection = find(&cluster, &namespace, &name.object_name()).await?;
    Ok((cluster, namespace, connection))
}

async fn list(global: &Global, arguments: &ListArguments, printer: &Printer) -> Result<()> {
    let cluster = Cluster::connect(global.access()).await?;
    let namespace =
        if arguments.all_namespaces { None } else { Some(namespace(&cluster, &arguments.place)?) };
    let connections = cluster.connections(namespace.as_ref()).await?;
    if connections.is_empty() {
        if !cluster.serves_connections().await? {
            return Err(Failure::new(
                FailureCode::ExtensionNotInstalled,
                "the extension isn't in the cluster",
            )
            .because("without it there are no connections"));
        }
        let place = namespace
            .map_or_else(|| "any namespace".to_owned(), |namespace| format!("namespace `{namespace}`"));
        printer.say(&format!("There are no connections in {place}."));
    }
    printer.result(&ConnectionList(connections.iter().map(ConnectionView::of).collect()))
}

async fn show(global: &Global, arguments: &ShowArguments, printer: &Printer) -> Result<()> {
    let (_, _, connection) = named(global, &arguments.named).await?;
    if let Some(kind) = arguments.snippet {
        return printer.text(&snippet(&connection, kind, arguments)?);
    }
    printer.result(&ConnectionView::of(&connection))
}

async fn run_delete(global: &Global, arguments: &DeleteArguments, printer: &Printer) -> Result<()> {
    let (cluster, namespace, connection) = named(global, &arguments.named).await?;
    let name = connection.given_name()?;
    confirm(format!("Delete connection `{name}` of namespace `{namespace}`?"), arguments.yes).await?;
    let deleted = delete(&cluster, &namespace, &connection.object_name()?).await?;
    let left = deleted.secret_left.as_ref().map_or_else(String::new, |secret| {
        format!(
            " Its Secret `{secret}` stays for the workloads that read it; \
             `kubectl delete secret {secret} -n {namespace}` removes it."
        )
    });
    printer.say(&format!("Connection `{name}` is deleted.{left}"));
    for released in &deleted.workloads {
        printer.say(&match released {
            Released::Out(workload) => format!("It is out of {workload}, which rolls out without it."),
            Released::Kept { workload, owners } => format!(
                "{workload} still names the Secret: its `envFrom` belongs to {}. Take the entry out where that is kept.",
                owners.join(", ")
            ),
        });
    }
    printer.result(&DeletedView {
        name: deleted.name.clone(),
        namespace: namespace.to_string(),
        secret_left: deleted.secret_left.clone(),
        service_account_left: deleted.service_account_left.clone(),
        workloads: DeletedView::workloads_of(&deleted),
    })
}

async fn run_validate(global: &Global, arguments: &ValidateArguments, printer: &Printer) -> Result<ExitCode> {
    let (cluster, namespace, connection) = named(global, &arguments.named).await?;
    let outcome = validate(&cluster, &namespace, &connection.object_name()?, arguments.timeout).await;
    let report = outcome.as_ref().map_err(Clone::clone)?;
    printer.result(&ValidationView::of(&outcome))?;
    match report.failure() {
        None => Ok(ExitCode::SUCCESS),
        Some(check) => Err(invalid(connection.given_name()?.as_str(), check)),
    }
}

async fn list_configuration(
    global: &Global,
    arguments: &ListConfigurationArguments,
    printer: &Printer,
) -> Result<()> {
    let (cluster, namespace, connection) = named(global, &arguments.named).await?;
    let resolved = Catalog::builtin().resolve(&connection.spec)?;
    if resolved.keys().is_empty() {
        printer.say("The connection has no variables: it was created with --opt-out configinfo.");
        return printer.result(&Configuration(Vec::new()));
    }
    let name = connection.given_name()?.secret_name();
    let mut stored = cluster.secret_content(namespace.as_str(), name.as_str()).await?.ok_or_else(|| {
        Failure::new(
            FailureCode::SecretDrifted,
            format!("the Secret `{name}` isn't in namespace `{namespace}`"),
        )
    })?;
    let variable = |key: &str| {
        let (secret, value) = (resolved.is_secret(key), stored.values.remove(key));
        let is_shown = !secret || arguments.show_secrets;
        let value = value.filter(|_| is_shown).map(|value| value.expose().to_owned());
        VariableView { name: key.to_owned(), value, secret }
    };
    printer.result(&Configuration(resolved.keys().into_iter().map(variable).collect()))
}

async fn wait(global: &Global, arguments: &WaitArguments) -> Result<()> {
    let name = arguments.named.name().ok_or_else(name_missing)?;
    let cluster = Cluster::connect(global.access()).await?;
    let namespace = namespace(&cluster, &arguments.named.place)?;
    let object = name.object_name();
    let state = if arguments.deleted { WaitFor::Deleted } else { arguments.state };
    if state != WaitFor::Deleted {
        find(&cluster, &namespace, &object).await?;
    }
    let is_true = |connection: &ServiceConnection, kind| {
        connection.condition(kind).is_some_and(|found| found.status == "True")
    };
    let settled = |connection: &ServiceConnection| match state {
        WaitFor::Ready => connection.is_ready(),
        WaitFor::Valid => connection.is_ready() && is_true(connection, VALID),
        WaitFor::Deleted => false,
    };
    let outcome = cluster.await_connection(&namespace, &object, settled, arguments.timeout).await;
    match outcome {
        Ok(None) if state != WaitFor::Deleted => Err(Failure::new(
            FailureCode::ConnectionNotFound,
            format!("connection `{name}` was deleted meanwhile"),
        )),
        // What it was waiting for says more than that the time is over.
        Err(late) if late.code == FailureCode::TimedOut && state != WaitFor::Deleted => {
            let connection = cluster.connection(&namespace, &object).await.ok().flatten();
            let condition = if state == WaitFor::Ready { READY } else { VALID };
            Err(connection
                .and_then(|connection| connection.failure(condition))
                .map_or(late.clone(), |why| late.because(why)))
        }
        outcome => outcome.map(drop),
    }
}
