//! sc-job: applies everything pending, reports on every connection, and ends. The only writer in workloads' namespaces.
//!
//! It looks once, then watches for what comes while it writes and for a moment longer: a pod's start costs far more than
//! writing a connection. One that failed is left to the next run. Killed at any moment, the next run goes on from what the cluster says.

use std::collections::{BTreeMap, HashSet};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use futures::{StreamExt as _, TryStreamExt as _, pin_mut, stream};
use sc_cluster::connections::News;
use sc_cluster::{Cluster, with_retry};
use sc_engine::ledger::{Key, Ledger, Need};
use sc_model::{Failure, Result, ServiceConnection};

use crate::delivery::{PATIENCE, Round, deliver_one};

/// A payload without a connection is left alone for this long: its request may be about to store the connection.
const ORPHAN_AGE: Duration = Duration::from_secs(600);

/// How long a run that wrote something waits for more. People and scripts create connections one after the other, and
/// whoever waits for one has its answer already.
const LINGER: Duration = Duration::from_secs(1);

/// How old a look may get while news keeps coming. Drift and rotated inputs are seen by looking only, and the next run
/// can't begin before this one ends.
const LOOK_AGAIN: Duration = Duration::from_secs(10);

/// What sc-job is started with.
#[derive(Clone, Copy, Debug)]
pub struct JobOptions {
    /// Look at every connection, not only at those that changed: after an install or upgrade, whose version may write differently.
    pub everything: bool,
    /// How many connections are written at once.
    pub concurrency: usize,
}

/// What a run did.
#[derive(Debug, Default)]
pub struct Summary {
    /// How many connections were written.
    pub delivered: usize,
    /// Those that failed.
    pub failed: BTreeMap<Key, Failure>,
}

/// Runs until nothing is pending that this run hasn't dealt with.
pub async fn run(cluster: &Cluster, options: JobOptions) -> Result<Summary> {
    let mut summary = Summary::default();
    let mut dealt_with = HashSet::new();
    let mut everything = options.everything;
    loop {
        let Look { ledger, mut work, mut version } =
            with_retry(PATIENCE, || look(cluster, everything)).await?;
        everything = false;
        let looked = Instant::now();
        let mut round = Round::new(cluster.clone(), ledger);
        work.retain(|connection| dealt_with.insert(version_of(connection)));
        if work.is_empty() {
            purge(cluster, &round.ledger).await;
            return Ok(summary);
        }
        loop {
            if !work.is_empty() {
                tracing::info!(connections = work.len(), "writing what is pending");
                round.know_crowds(&work).await;
                write(&round, std::mem::take(&mut work), options.concurrency, &mut summary).await;
            }
            let is_news = |connection: &ServiceConnection| {
                !connection.is_observed() && !dealt_with.contains(&version_of(connection))
            };
            match cluster.news(&version, is_news, LINGER).await {
                News::Changes { .. } if looked.elapsed() > LOOK_AGAIN => {
                    dealt_with.clear();
                    break;
                }
                News::Changes { changes, version: newer } => {
                    version = newer;
                    work = round.take_in(changes);
                    work.retain(|connection| dealt_with.insert(version_of(connection)));
                }
                News::Nothing => {
                    purge(cluster, &round.ledger).await;
                    return Ok(summary);
                }
                News::Lost => break,
            }
        }
    }
}

/// What a connection asks for. Dealt with once a run.
fn version_of(connection: &ServiceConnection) -> (Option<String>, Option<i64>, Option<String>) {
    (connection.metadata.uid.clone(), connection.metadata.generation, connection.request().map(str::to_owned))
}

/// The cluster at a moment.
struct Look {
    ledger: Ledger,
    /// The connections that need something.
    work: Vec<ServiceConnection>,
    /// The version of the list of connections.
    version: String,
}

/// Reads the cluster as it stands: all connections and the metadata of the connector's Secrets.
async fn look(cluster: &Cluster, everything: bool) -> Result<Look> {
    let mut ledger = Ledger::default();
    let secrets = cluster.labelled_secrets();
    pin_mut!(secrets);
    while let Some(page) = secrets.try_next().await? {
        page.items.iter().for_each(|secret| ledger.see_secret(&secret.metadata));
    }
    let (mut work, mut version) = (Vec::new(), String::new());
    let connections = cluster.connections_in_pages(None);
    pin_mut!(connections);
    while let Some(page) = connections.try_next().await? {
        version = page.version;
        for connection in page.items {
            ledger.see_connection(&connection);
            if everything || ledger.need(&Key::of(&connection)) != Need::Nothing {
                work.push(connection);
            }
        }
    }
    Ok(Look { ledger, work, version })
}

async fn write(round: &Round, work: Vec<ServiceConnection>, concurrency: usize, summary: &mut Summary) {
    let outcomes = stream::iter(work)
        .map(|connection| async move { (Key::of(&connection), deliver_one(round, &connection).await) })
        .buffer_unordered(concurrency.max(1));
    pin_mut!(outcomes);
    while let Some((key, outcome)) = outcomes.next().await {
        match outcome {
            Ok(()) => {
                tracing::debug!(namespace = key.namespace, connection = key.name, "written");
                summary.delivered += 1;
                summary.failed.remove(&key);
            }
            Err(failure) => {
                tracing::error!(namespace = key.namespace, connection = key.name, code = %failure.code, "{failure}; {}", failure.remedy);
                summary.failed.insert(key, failure);
            }
        }
    }
}

/// Removes payloads that no connection has. Not worth failing for.
async fn purge(cluster: &Cluster, ledger: &Ledger) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let before = i64::try_from(now.saturating_sub(ORPHAN_AGE).as_secs()).unwrap_or_default();
    for payload in ledger.orphaned_payloads(before) {
        match cluster.delete_payload(&payload).await {
            Ok(_) => tracing::info!(payload, "removed a payload whose connection is gone"),
            Err(failure) => {
                tracing::warn!(payload, %failure, "can't remove a payload whose connection is gone")
            }
        }
    }
}
