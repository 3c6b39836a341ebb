//! `sc extension …`.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use sc_cluster::Cluster;
use sc_engine::extension::{ProvisioningState, await_working, install, report, uninstall};
use sc_model::{Failure, FailureCode, Result};

use crate::arguments::{ExtensionCommand, Global, InstallArguments, UninstallArguments};
use crate::interactive::confirm;
use crate::output::Printer;
use crate::output::view::ExtensionList;

pub(crate) async fn run(global: &Global, command: ExtensionCommand, printer: &Printer) -> Result<ExitCode> {
    let cluster = Cluster::connect(global.access()).await?;
    match command {
        ExtensionCommand::Install(arguments) => run_install(&cluster, &arguments, printer).await?,
        ExtensionCommand::Update(arguments) => {
            if cluster.release().await?.is_none() {
                return Err(Failure::new(
                    FailureCode::ExtensionNotInstalled,
                    "there is no extension to update",
                ));
            }
            run_install(&cluster, &arguments, printer).await?;
        }
        ExtensionCommand::Show => {
            let report = report(&cluster).await?;
            printer.result(&report)?;
            if report.provisioning_state == ProvisioningState::NotInstalled {
                return Err(Failure::new(
                    FailureCode::ExtensionNotInstalled,
                    "the extension isn't in the cluster",
                ));
            }
        }
        ExtensionCommand::List => {
            let report = report(&cluster).await?;
            let is_there = report.provisioning_state != ProvisioningState::NotInstalled;
            printer.result(&ExtensionList(is_there.then_some(report).into_iter().collect()))?;
        }
        ExtensionCommand::Uninstall(arguments) => run_uninstall(&cluster, &arguments, printer).await?,
        ExtensionCommand::Wait { timeout } => {
            // A cluster that isn't there is told at once.
            cluster.version().await?;
            await_working(&cluster, timeout, printer.progress().as_ref()).await?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn run_install(cluster: &Cluster, arguments: &InstallArguments, printer: &Printer) -> Result<()> {
    let deadline = Instant::now() + arguments.timeout;
    let total = if arguments.no_wait { 1 } else { 2 };
    let progress = printer.progress();
    progress.begin(1, total, "Helm release");
    install(cluster, &arguments.installation(), arguments.timeout, progress.as_ref()).await?;
    progress.end("in place");
    if !arguments.no_wait {
        progress.begin(2, total, "Operator");
        let left = deadline.saturating_duration_since(Instant::now()).max(Duration::from_secs(1));
        await_working(cluster, left, progress.as_ref()).await?;
        progress.end("ready");
    }
    drop(progress);
    printer.result(&report(cluster).await?)
}

async fn run_uninstall(cluster: &Cluster, arguments: &UninstallArguments, printer: &Printer) -> Result<()> {
    let connections = cluster.connections(None).await?.len();
    let question = format!(
        "Remove the extension? {connections} connections become unavailable; the workloads' Secrets stay."
    );
    confirm(question, arguments.yes).await?;
    uninstall(cluster, arguments.helm.as_deref(), arguments.timeout).await?;
    printer.say(&format!(
        "The extension is removed, and {connections} connections with it. The workloads' Secrets stay."
    ));
    Ok(())
}
