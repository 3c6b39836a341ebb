//! The operator: sees through watches which connections need sc-job, and starts it.
//!
//! ```text
//!   watch connections ┐
//!   watch Secrets     ├─► Ledger ─► Pace ─► start sc-job · remove it · wait
//!   watch sc-job      ┘
//! ```
//! One task owns the state; a decision is a function of it. Everything is known again after a restart.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::time::Instant;

use futures::{Stream, StreamExt as _};
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::Secret;
use kube::core::PartialObjectMeta;
use kube::runtime::WatchStreamExt as _;
use kube::runtime::watcher::{self, Event};
use kube::{Api, ResourceExt as _};
use sc_cluster::extension::{JobState, job_state};
use sc_cluster::secrets::role_selector;
use sc_cluster::{Cluster, PAGE};
use sc_engine::ledger::{Key, Ledger};
use sc_model::{Failure, Result, ServiceConnection, places};

use crate::health::Health;
use crate::pace::{Action, Ended, Pace};

/// What the operator is started with.
#[derive(Clone, Debug)]
pub struct OperatorOptions {
    /// The file with the Job's manifest, from the chart's ConfigMap.
    pub job_template: PathBuf,
    /// Where health is answered.
    pub listen: SocketAddr,
}

/// Runs until the process is told to stop.
pub async fn operate(cluster: &Cluster, options: &OperatorOptions) -> Result<()> {
    let template = read_template(&options.job_template)?;
    let health = Health::default();
    let mut operator = Operator::new(cluster.clone(), template, health.clone());
    tokio::select! {
        ended = health.serve(options.listen) => ended,
        () = operator.run() => Ok(()),
    }
}

fn read_template(path: &Path) -> Result<Job> {
    let unusable = |error: &dyn std::fmt::Display| {
        Failure::local(format!("can't use the Job's template `{}`", path.display()), error)
    };
    let text = std::fs::read_to_string(path).map_err(|error| unusable(&error))?;
    serde_yaml_ng::from_str(&text).map_err(|error| unusable(&error))
}

type Signals = Pin<Box<dyn Stream<Item = Signal> + Send>>;

/// What the watches bring.
#[expect(clippy::large_enum_variant, reason = "there is one at a time")]
enum Signal {
    Connection(Event<ServiceConnection>),
    Secret(Event<PartialObjectMeta<Secret>>),
    Job(Event<Job>),
}

/// Which watches have brought a complete list. Until all have, nothing is decided: half a picture shows drift everywhere.
#[derive(Default)]
struct Synced {
    connections: bool,
    secrets: bool,
    job: bool,
}

impl Synced {
    fn all(&self) -> bool {
        self.connections && self.secrets && self.job
    }
}

/// What the watch of the Job is still to bring.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Awaited {
    /// A start, or the end of a Job that somebody else removes.
    Change,
    /// The end of a Job that the operator removed; one that it didn't ask for is somebody else's.
    OwnRemoval,
}

struct Operator {
    cluster: Cluster,
    template: Job,
    health: Health,
    ledger: Ledger,
    job: JobState,
    /// Helm runs sc-job too, as a hook; a hook that succeeded is Helm's to remove.
    job_is_helms: bool,
    /// What hasn't come back through the watch yet.
    awaited: Option<Awaited>,
    pace: Pace,
    /// When the Job began: how many connections the ledger had seen dealt with, and how many needed one at once.
    begun: (u64, usize),
    synced: Synced,
}

impl Operator {
    fn new(cluster: Cluster, template: Job, health: Health) -> Self {
        let (ledger, pace, synced) = (Ledger::default(), Pace::default(), Synced::default());
        let (job, begun) = (JobState::Absent, (0, 0));
        Self {
            cluster,
            template,
            health,
            ledger,
            job,
            job_is_helms: false,
            awaited: None,
            pace,
            begun,
            synced,
        }
    }

    async fn run(&mut self) {
        let mut signals = signals(&self.cluster);
        let mut wake: Option<Instant> = None;
        loop {
            let sleep = async {
                match wake {
                    Some(at) => tokio::time::sleep_until(at.into()).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                signal = signals.next() => match signal {
                    Some(signal) => self.take(signal),
                    None => return,
                },
                () = sleep => {}
            }
            if self.synced.all() {
                self.health.set_ready();
                wake = self.act().await;
            }
        }
    }

    fn take(&mut self, signal: Signal) {
        match signal {
            Signal::Connection(event) => self.take_connection(event),
            Signal::Secret(event) => self.take_secret(event),
            Signal::Job(event) => self.take_job(event),
        }
    }

    fn take_connection(&mut self, event: Event<ServiceConnection>) {
        match event {
            Event::Init => {
                self.synced.connections = false;
                self.ledger.forget_connections();
            }
            Event::InitApply(connection) | Event::Apply(connection) => {
                self.ledger.see_connection(&connection)
            }
            Event::InitDone => {
                self.synced.connections = true;
                self.ledger.weigh_all();
            }
            Event::Delete(connection) => self.ledger.lose_connection(&Key::of(&connection)),
        }
    }

    fn take_secret(&mut self, event: Event<PartialObjectMeta<Secret>>) {
        match event {
            Event::Init => {
                self.synced.secrets = false;
                self.ledger.forget_secrets();
            }
            Event::InitApply(secret) | Event::Apply(secret) => self.ledger.see_secret(&secret.metadata),
            Event::InitDone => {
                self.synced.secrets = true;
                self.ledger.weigh_all();
            }
            Event::Delete(secret) => self.ledger.lose_secret(&secret.metadata),
        }
    }

    fn take_job(&mut self, event: Event<Job>) {
        let job = match event {
            Event::Init => {
                self.synced.job = false;
                self.job = JobState::Absent;
                return;
            }
            Event::InitDone => {
                self.synced.job = true;
                self.awaited = None;
                return;
            }
            Event::InitApply(job) | Event::Apply(job) if job.metadata.deletion_timestamp.is_some() => {
                self.awaited.get_or_insert(Awaited::Change);
                return;
            }
            Event::InitApply(job) | Event::Apply(job) => {
                self.job_is_helms = job.annotations().contains_key("helm.sh/hook");
                job_state(&job)
            }
            Event::Delete(_) => {
                // A hook that succeeded is removed by Helm at the very end of its work.
                let is_helms_last_word = self.job_is_helms && self.job == JobState::Succeeded;
                if self.awaited != Some(Awaited::OwnRemoval) && !is_helms_last_word {
                    self.pace.removed_by_others(Instant::now());
                }
                JobState::Absent
            }
        };
        self.awaited = None;
        let before = std::mem::replace(&mut self.job, job);
        let (now, later) = self.ledger.pending();
        match (before == JobState::Running, self.job == JobState::Running) {
            (false, true) => self.begun = (self.ledger.dealt_with(), now),
            (true, false) => {
                tracing::info!(job = ?self.job, now, later, "sc-job ended");
                let (dealt_with, were_pending) = self.begun;
                let helped = now == 0 || were_pending == 0 || self.ledger.dealt_with() > dealt_with;
                let succeeded = !matches!(self.job, JobState::Failed { .. });
                self.pace.ended(Ended { succeeded, helped, later }, Instant::now());
            }
            _ => {}
        }
    }

    /// Does what is to be done, and says when to look again should nothing change.
    async fn act(&mut self) -> Option<Instant> {
        if self.awaited.is_some() {
            return None;
        }
        let pending = self.ledger.pending();
        let action = self.pace.decide(&self.job, pending, Instant::now());
        let outcome = match action {
            Action::Wait(until) => return until,
            Action::Remove if self.job == JobState::Succeeded && self.job_is_helms && pending.0 == 0 => {
                return None;
            }
            Action::Remove => self.cluster.remove_job().await.map(|was_there| match was_there {
                true => Awaited::OwnRemoval,
                false => Awaited::Change,
            }),
            Action::Start => self.start().await.map(|()| Awaited::Change),
        };
        match outcome {
            Ok(awaited) => {
                self.awaited = Some(awaited);
                None
            }
            Err(failure) => {
                tracing::warn!(%failure, ?action, "trying again in a second");
                Some(Instant::now() + std::time::Duration::from_secs(1))
            }
        }
    }

    async fn start(&mut self) -> Result<()> {
        let (now, later) = self.ledger.pending();
        self.cluster.start_job(&self.template).await?;
        tracing::info!(now, later, "sc-job started");
        Ok(())
    }
}

fn signals(cluster: &Cluster) -> Signals {
    let everywhere = watcher::Config::default().page_size(PAGE);
    let connections = watcher::watcher(Api::<ServiceConnection>::all(cluster.client()), everywhere.clone());
    let secrets = watcher::watcher(
        Api::<PartialObjectMeta<Secret>>::all(cluster.client()),
        everywhere.labels(&role_selector()),
    );
    let own = watcher::Config::default().fields(&format!("metadata.name={}", places::JOB));
    let jobs = watcher::watcher(cluster.jobs(), own);
    let told = |what: &'static str| move |error: &watcher::Error| tracing::warn!(%error, "the watch of {what} was cut off; it starts again");
    let all = futures::stream::select_all::<[Signals; 3]>([
        Box::pin(kept(connections.default_backoff(), told("connections")).map(Signal::Connection)),
        Box::pin(kept(secrets.default_backoff(), told("Secrets")).map(Signal::Secret)),
        Box::pin(kept(jobs.default_backoff(), told("sc-job")).map(Signal::Job)),
    ]);
    Box::pin(all)
}

/// A watch mends itself after an error; the error is told and dropped.
fn kept<T: Send + 'static>(
    events: impl Stream<Item = watcher::Result<T>> + Send + 'static,
    tell: impl Fn(&watcher::Error) + Send + 'static,
) -> impl Stream<Item = T> + Send {
    events.filter_map(move |event| {
        let event = event.inspect_err(&tell).ok();
        async move { event }
    })
}
