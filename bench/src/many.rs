//! Many connections at once: a thousand and ten thousand, against the API server's own speed.

use std::time::Instant;

use futures::{StreamExt as _, TryStreamExt as _, pin_mut, stream};
use k8s_openapi::api::core::v1::{Pod, Secret};
use kube::api::{DeleteParams, ListParams, Patch, PatchParams};
use kube::runtime::{WatchStreamExt as _, watcher};
use kube::{Api, ResourceExt};
use sc_model::{ServiceConnection, places};
use serde_json::json;

use crate::Result;
use crate::cluster::{Bench, MANAGER, NAMESPACE};
use crate::figures::{Figures, median, runs};
use crate::floor;
use crate::single::idle;

/// How often a thousand are measured.
const RUNS: usize = 3;
/// How many connections are applied at once.
const AT_ONCE: usize = 32;

pub(crate) async fn many_connections(
    bench: &Bench,
    figures: &mut Figures,
    pod_start: f64,
    is_quick: bool,
) -> Result<()> {
    make_input(bench).await?;
    let (mut times, mut floors) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        floors.push(floor::writes(bench, 2000).await?);
        idle(bench).await?;
        times.push(apply(bench, 1000).await?);
        if times.len() < RUNS {
            remove(bench).await?;
        }
    }
    let (thousand, writes) = (median(&times), median(&floors));
    // The limit is 2.5 × the writes and one pod start; as a ratio to the writes that is:
    let limit = 2.5 + pod_start / writes;
    let note = format!(
        "medians of {RUNS}; 1,000 connections {}; 2,000 writes {}; bare Job {pod_start:.2}",
        runs(&times),
        runs(&floors)
    );
    figures.note("1,000 connections, against 2,000 writes", "s", thousand, writes, limit, note);
    idle(bench).await?;
    let memory = operator_memory(bench).await?;
    figures.note(
        "the operator's memory at 1,000",
        "MiB",
        memory,
        30.0,
        1.0,
        "working set, as the kubelet reports it".to_owned(),
    );
    remove(bench).await?;
    if !is_quick {
        idle(bench).await?;
        let time = apply(bench, 10_000).await?;
        figures.note("10,000 connections, against 1,000", "s", time, thousand, 11.0, "one run".to_owned());
        let memory = operator_memory(bench).await?;
        figures.note(
            "the operator's memory at 10,000",
            "MiB",
            memory,
            64.0,
            1.0,
            "against the chart's memory limit".to_owned(),
        );
    }
    Ok(())
}

/// The Secret that all connections refer to, as a person who applies YAML would make it.
async fn make_input(bench: &Bench) -> Result<()> {
    let secrets: Api<Secret> = Api::namespaced(bench.client().await?, NAMESPACE);
    let object = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "input"}, "stringData": {"password": "pw"}});
    secrets.patch("input", &PatchParams::apply(MANAGER), &Patch::Apply(object)).await?;
    Ok(())
}

/// The seconds from the first connection applied to the last one ready.
async fn apply(bench: &Bench, number: usize) -> Result<f64> {
    let connections: Api<ServiceConnection> = Api::namespaced(bench.client().await?, NAMESPACE);
    let events =
        watcher::watcher(connections.clone(), watcher::Config::default()).default_backoff().applied_objects();
    let begun = Instant::now();
    let applying = stream::iter(0..number)
        .map(|number| {
            let connections = &connections;
            async move {
                let name = format!("many-{number}");
                let object = json!({
                    "apiVersion": "serviceconnector.dev/v1alpha1", "kind": "ServiceConnection", "metadata": {"name": name},
                    "spec": {
                        "target": {"service": "postgres-flexible", "parameters": {"host": "db.example.com", "database": "shop"}},
                        "auth": {"type": "secret", "username": "app", "secretRef": {"name": "input", "key": "password"}},
                        "clientType": "python",
                    },
                });
                connections.patch(&name, &PatchParams::apply(MANAGER), &Patch::Apply(object)).await
            }
        })
        .buffer_unordered(AT_ONCE)
        .try_for_each(async |_| Ok(()));
    let watching = async {
        pin_mut!(events);
        let mut ready = std::collections::HashSet::new();
        while let Some(connection) = events.try_next().await? {
            if connection.is_ready() {
                ready.insert(connection.name_any());
            }
            if ready.len() == number {
                return Ok::<_, Box<dyn std::error::Error>>(());
            }
        }
        Err("the watch ended".into())
    };
    let (applied, watched) = tokio::join!(applying, watching);
    applied?;
    watched?;
    Ok(begun.elapsed().as_secs_f64())
}

async fn remove(bench: &Bench) -> Result<()> {
    let client = bench.client().await?;
    let connections: Api<ServiceConnection> = Api::namespaced(client.clone(), NAMESPACE);
    connections.delete_collection(&DeleteParams::default(), &ListParams::default()).await?;
    let secrets: Api<Secret> = Api::namespaced(client, NAMESPACE);
    let written = ListParams::default().labels(&format!("{}={}", places::ROLE, places::ROLE_BINDING));
    secrets.delete_collection(&DeleteParams::default(), &written).await?;
    Ok(())
}

/// The operator's working set in MiB, from the kubelet's summary.
async fn operator_memory(bench: &Bench) -> Result<f64> {
    let client = bench.client().await?;
    let pods: Api<Pod> = Api::namespaced(client.clone(), places::SYSTEM_NAMESPACE);
    let operator = pods.list(&ListParams::default().labels("app.kubernetes.io/component=operator")).await?;
    let name = operator.items.first().map(ResourceExt::name_any).ok_or("there is no operator")?;
    // The kubelet measures every ten seconds.
    tokio::time::sleep(std::time::Duration::from_secs(15)).await;
    let path = format!("/api/v1/nodes/{}/proxy/stats/summary", sc_testbed::NODE_NAME);
    let summary: serde_json::Value = client.request(http_get(&path)?).await?;
    let pods = summary["pods"].as_array().ok_or("the kubelet reports no pods")?;
    let pod = pods
        .iter()
        .find(|pod| pod["podRef"]["name"] == name)
        .ok_or("the kubelet doesn't report the operator")?;
    let bytes =
        pod["containers"][0]["memory"]["workingSetBytes"].as_f64().ok_or("the kubelet reports no memory")?;
    Ok(bytes / 1024.0 / 1024.0)
}

fn http_get(path: &str) -> Result<http::Request<Vec<u8>>> {
    Ok(http::Request::get(path).body(Vec::new())?)
}
