//! One connection: the first on an empty cluster, and one more when everything is in place.

use std::time::{Duration, Instant};

use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::Secret;
use kube::Api;
use kube::api::DeleteParams;
use kube::runtime::wait::{await_condition, conditions};
use sc_model::places;

use crate::Result;
use crate::cluster::{Bench, NAMESPACE};
use crate::figures::{Figures, median, runs};
use crate::floor;

/// How often a single connection is measured.
const RUNS: usize = 9;

/// From a cluster without the extension to a ready connection.
pub(crate) async fn first_connection(bench: &Bench, figures: &mut Figures) -> Result<()> {
    bench.make_namespace().await?;
    let mut times = Vec::new();
    for number in 0..3 {
        let name = format!("first{number}");
        let begun = Instant::now();
        create(bench, &name).await?;
        times.push(begun.elapsed().as_secs_f64());
        bench.sc_succeeds(&["extension", "uninstall", "--yes"]).await?;
    }
    let note = format!(
        "`sc connection create` to its end, three times on a cluster without the extension: {}",
        runs(&times)
    );
    figures.note("first connection, extension missing", "s", median(&times), 10.0, 1.0, note);
    bench.sc_succeeds(&["extension", "install"]).await
}

/// From `sc connection create` to the Secret, against a bare Job that writes one. Gives the bare Job's time.
pub(crate) async fn one_connection(bench: &Bench, figures: &mut Figures) -> Result<f64> {
    let secrets: Api<Secret> = Api::namespaced(bench.client().await?, NAMESPACE);
    let (mut times, mut floors) = (Vec::new(), Vec::new());
    for number in 0..RUNS {
        idle(bench).await?;
        floors.push(floor::bare_job(bench, number).await?);
        idle(bench).await?;
        let name = format!("one{number}");
        let begun = Instant::now();
        let (created, written) = tokio::join!(create(bench, &name), async {
            let secret = format!("sc-{name}-secret");
            await_condition(secrets.clone(), &secret, conditions::is_created()).await.map(|_| begun.elapsed())
        });
        created?;
        times.push(written?.as_secs_f64());
        bench.sc_succeeds(&["connection", "delete", &name, "-n", NAMESPACE, "--yes"]).await?;
        secrets.delete(&format!("sc-{name}-secret"), &DeleteParams::default()).await?;
    }
    let note = format!("medians of {RUNS}; connection {}; bare Job {}", runs(&times), runs(&floors));
    let floor = median(&floors);
    figures.note("create to Secret, against a bare Job", "s", median(&times), floor, 1.3, note);
    Ok(floor)
}

async fn create(bench: &Bench, name: &str) -> Result<()> {
    let password = std::env::temp_dir().join(format!("sc-bench-{}", std::process::id()));
    std::fs::write(&password, "pw")?;
    let file = password.display().to_string();
    let outcome = bench
        .sc_succeeds(&[
            "connection",
            "create",
            "postgres-flexible",
            name,
            "--host",
            "db.example.com",
            "--database",
            "shop",
            "--user",
            "app",
            "--password-file",
            &file,
            "-c",
            "python",
            "-n",
            NAMESPACE,
            "--no-validate",
        ])
        .await;
    std::fs::remove_file(&password)?;
    outcome
}

/// Waits until the last sc-job is gone and the node has come to rest.
pub(crate) async fn idle(bench: &Bench) -> Result<()> {
    let jobs: Api<Job> = Api::namespaced(bench.client().await?, places::SYSTEM_NAMESPACE);
    while jobs.get_metadata_opt(places::JOB).await?.is_some() {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    Ok(())
}
