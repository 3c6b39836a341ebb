//! The roles of the binary in the cluster: operator, sc-job, probe, sample workload.

use std::process::ExitCode;

use k8s_openapi::api::core::v1::Secret;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use sc_cluster::Cluster;
use sc_cluster::secrets::TakeOver;
use sc_extension::job::JobOptions;
use sc_extension::operator::OperatorOptions;
use sc_model::{Namespace, ObjectName, Result};

use crate::arguments::{JobArguments, OperatorArguments};
use crate::output::report_text;

/// Runs the operator until it is told to stop.
pub(crate) async fn operator(arguments: &OperatorArguments) -> Result<ExitCode> {
    let options = OperatorOptions { job_template: arguments.job_template.clone(), listen: arguments.listen };
    sc_extension::operator::operate(&Cluster::in_cluster()?, &options).await?;
    Ok(ExitCode::SUCCESS)
}

/// Runs sc-job; exit code 1 when a connection failed.
pub(crate) async fn job(arguments: &JobArguments) -> Result<ExitCode> {
    let options =
        JobOptions { everything: arguments.everything, concurrency: usize::from(arguments.concurrency) };
    let summary = sc_extension::job::run(&Cluster::in_cluster()?, options).await?;
    println!("sc-job: {} written, {} failed", summary.delivered, summary.failed.len());
    for (key, failure) in &summary.failed {
        println!("  {}/{}: {failure}\n    {}", key.namespace, key.name, failure.remedy);
    }
    Ok(if summary.failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs the probe; its report is the outcome, so finding something invalid is no failure of the pod.
pub(crate) async fn probe() -> Result<ExitCode> {
    print!("{}", report_text(&sc_extension::probe::run().await?));
    Ok(ExitCode::SUCCESS)
}

/// Writes one Secret: what any pod that does so can't be faster than.
pub(crate) async fn write_secret(namespace: &Namespace, name: &ObjectName) -> Result<ExitCode> {
    let metadata = ObjectMeta {
        name: Some(name.to_string()),
        namespace: Some(namespace.to_string()),
        ..ObjectMeta::default()
    };
    let secret = Secret { metadata, ..Secret::default() };
    Cluster::in_cluster()?.apply_secret(&secret, TakeOver::Nothing).await?;
    Ok(ExitCode::SUCCESS)
}

/// Runs the demo's workload, which knows nothing of connections.
pub(crate) async fn sample_job() -> Result<ExitCode> {
    sc_extension::sample::run().await?;
    Ok(ExitCode::SUCCESS)
}
