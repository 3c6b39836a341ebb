//! One connection's delivery: read the input, apply the objects, report.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use k8s_openapi::api::core::v1::Secret;
use sc_catalog::{Catalog, Resolved, SecretInputs};
use sc_cluster::connections::Change;
use sc_cluster::secrets::{Owner, SecretContent, TakeOver, owner, resource_already_exists};
use sc_cluster::{Cluster, with_retry};
use sc_engine::delivery::{Delivery, Identity, deliver};
use sc_engine::ledger::{Key, Ledger};
use sc_engine::plan::shared_secret;
use sc_engine::validate::condition;
use sc_model::resource::{BindingReference, READY, ServiceConnectionStatus};
use sc_model::{Failure, FailureCode, Result, ServiceConnection, places};
use tokio::sync::{Mutex, OnceCell};

/// How long one call may be repeated while the API server is away.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// How many waiting connections make it worth while to list a namespace's Secrets.
const CROWD: usize = 20;

/// What the deliveries since one look at the cluster share.
pub(crate) struct Round {
    cluster: Cluster,
    /// The cluster as it was looked at, and the connections as they changed since.
    pub(crate) ledger: Ledger,
    inputs: Inputs,
    /// The names of all Secrets of the namespaces in which many connections wait.
    crowded: HashMap<String, BTreeSet<String>>,
    /// What the look said of Secrets is a moment old at most. Later, each is asked for again.
    is_fresh: bool,
}

impl Round {
    /// Begins after a look at the cluster.
    pub(crate) fn new(cluster: Cluster, ledger: Ledger) -> Self {
        Self { cluster, ledger, inputs: Inputs::default(), crowded: HashMap::new(), is_fresh: true }
    }

    /// Takes in what changed since, and gives back the connections that are there.
    pub(crate) fn take_in(&mut self, changes: Vec<Change>) -> Vec<ServiceConnection> {
        self.is_fresh = false;
        // Their inputs may have changed with them.
        self.inputs = Inputs::default();
        let mut seen = Vec::new();
        for change in changes {
            match change {
                Change::Seen(connection) => {
                    self.ledger.see_connection(&connection);
                    self.remember_secret(&connection);
                    seen.push(connection);
                }
                Change::Gone(connection) => self.ledger.lose_connection(&Key::of(&connection)),
            }
        }
        seen
    }

    /// A connection that was dealt with before may have its Secret by now, whatever an earlier list says.
    fn remember_secret(&mut self, connection: &ServiceConnection) {
        let names = self.crowded.get_mut(&Key::of(connection).namespace);
        if let (Some(names), Some(_), Ok(given)) = (names, &connection.status, connection.given_name()) {
            names.insert(given.secret_name().to_string());
        }
    }

    /// Lists the Secrets of the namespaces in which many connections wait: one list costs less than a question for each.
    /// Where it can't be had, each is asked for. An apply that finds a foreign Secret all the same withdraws from it.
    pub(crate) async fn know_crowds(&mut self, work: &[ServiceConnection]) {
        let mut waiting: HashMap<String, usize> = HashMap::new();
        for connection in work {
            *waiting.entry(Key::of(connection).namespace).or_default() += 1;
        }
        for (namespace, _) in waiting.into_iter().filter(|(_, number)| *number >= CROWD) {
            if self.crowded.contains_key(&namespace) {
                continue;
            }
            if let Ok(found) = self.cluster.secret_names(&namespace).await {
                self.crowded.insert(namespace, found);
            }
        }
    }
}

/// Secrets that connections refer to, each read once a round however many connections share it.
#[derive(Default)]
pub(crate) struct Inputs(Mutex<HashMap<(String, String), Shared>>);

type Shared = Arc<OnceCell<Option<Arc<SecretContent>>>>;

impl Inputs {
    async fn read(
        &self,
        cluster: &Cluster,
        namespace: &str,
        name: &str,
    ) -> Result<Option<Arc<SecretContent>>> {
        let cell =
            Arc::clone(self.0.lock().await.entry((namespace.to_owned(), name.to_owned())).or_default());
        let read = || async { Ok(cluster.secret_content(namespace, name).await?.map(Arc::new)) };
        cell.get_or_try_init(read).await.cloned()
    }
}

/// Writes what a connection needs and reports on it. The failure is reported as well as returned.
pub(crate) async fn deliver_one(round: &Round, connection: &ServiceConnection) -> Result<()> {
    let mut status = ServiceConnectionStatus {
        observed_generation: connection.metadata.generation,
        observed_request: connection.request().map(str::to_owned),
        ..ServiceConnectionStatus::default()
    };
    let outcome = with_retry(PATIENCE, || prepare_and_apply(round, connection)).await;
    let ready = match &outcome {
        Ok(applied) => {
            status.secret_name = applied.secret_name.clone();
            status.service_account_name = applied.service_account_name.clone();
            status.binding = applied.secret_name.clone().map(|name| BindingReference { name });
            status.input_version = applied.input_version.clone();
            let message = match &applied.secret_name {
                Some(name) => format!("Secret {name} is in place"),
                None => "the person takes care of the variables".to_owned(),
            };
            condition(connection, READY, "True", "Applied", &message)
        }
        Err(failure) => {
            status.input_version = round.current_input_version(connection);
            let cause = failure.cause.as_ref().map(|cause| format!(": {cause}")).unwrap_or_default();
            let message = format!("{}{cause}. {}", failure.message, failure.remedy);
            condition(connection, READY, "False", failure.code.name(), &message)
        }
    };
    status.conditions = vec![ready];
    let identity = (connection.home()?, connection.object_name()?);
    let report = || round.cluster.report(&identity.0, &identity.1, places::JOB_FIELD_MANAGER, &status);
    match with_retry(PATIENCE, report).await {
        // Deleted while it was written: there is nobody to report to.
        Err(failure) if failure.code == FailureCode::ConnectionNotFound => Ok(()),
        Err(failure) => Err(failure),
        Ok(()) => outcome.map(drop),
    }
}

/// What was written.
struct Applied {
    secret_name: Option<String>,
    service_account_name: Option<String>,
    input_version: Option<String>,
}

async fn prepare_and_apply(round: &Round, connection: &ServiceConnection) -> Result<Applied> {
    let identity = Identity::of(connection)
        .map_err(|failure| Failure { code: FailureCode::InvalidConnection, ..failure })?;
    if let Some(rival) = round.ledger.rival(&Key::of(connection)) {
        let secret = identity.given.secret_name();
        return Err(shared_secret(
            identity.given.as_str(),
            rival,
            identity.namespace.as_str(),
            secret.as_str(),
        ));
    }
    let resolved = Catalog::builtin().resolve(&connection.spec)?;
    let (inputs, version) = round.inputs(connection, &identity, &resolved).await?;
    let delivery = deliver(&identity, &resolved, &inputs, &connection.spec)?;
    round.apply(&identity, &delivery).await?;
    Ok(Applied {
        secret_name: delivery.secret.and_then(|secret| secret.metadata.name),
        service_account_name: delivery.service_account.and_then(|account| account.metadata.name),
        input_version: version,
    })
}

impl Round {
    /// The secret inputs and the version they were read at. One Secret holds them all.
    async fn inputs(
        &self,
        connection: &ServiceConnection,
        identity: &Identity,
        resolved: &Resolved<'_>,
    ) -> Result<(SecretInputs, Option<String>)> {
        let mut inputs = SecretInputs::default();
        let wanted = resolved.secret_keys();
        let Some(first) = wanted.first() else { return Ok((inputs, None)) };
        let reference = connection.spec.auth.secret_ref.as_ref();
        let (namespace, name) = match reference {
            Some(reference) => (identity.namespace.as_str(), reference.name.clone()),
            None => (places::SYSTEM_NAMESPACE, places::payload_name(&identity.namespace, &identity.object)),
        };
        let own = resolved.secret_input();
        let own_key = own.map(|input| reference.map_or(input.name(), |reference| reference.key.as_str()));
        let missing = |title: &str, key: &str, what: &str| {
            let failure =
                Failure::new(FailureCode::SecretInputMissing, format!("{title} isn't there")).because(what);
            if reference.is_some() {
                failure.remedied_by(format!(
                    "Create it: `kubectl create secret generic {name} -n {namespace} --from-file={key}=FILE`."
                ))
            } else {
                failure
            }
        };
        let title = own.map_or_else(
            || format!("the value of the variable `{first}`"),
            |input| format!("the {}", input.title()),
        );
        let content = self.inputs.read(&self.cluster, namespace, &name).await?;
        let content = content.ok_or_else(|| {
            let key = own_key.unwrap_or(first);
            missing(&title, key, &format!("there is no Secret `{name}` in namespace `{namespace}`"))
        })?;
        let find = |title: &str, key: &str| {
            content.values.get(key).cloned().ok_or_else(|| {
                missing(
                    title,
                    key,
                    &format!("the Secret `{name}` of namespace `{namespace}` has no key `{key}` with text"),
                )
            })
        };
        inputs.own = own_key.map(|key| find(&title, key)).transpose()?;
        for key in resolved.additional_secrets() {
            let value = find(&format!("the value of the variable `{key}`"), key)?;
            inputs.additional.insert(key.to_owned(), value);
        }
        Ok((inputs, Some(content.version.clone())))
    }

    /// The version of the input as this round saw it, so that a later one is seen to be a rotation.
    fn current_input_version(&self, connection: &ServiceConnection) -> Option<String> {
        self.ledger.input_version(&Key::of(connection))
    }

    /// Whether the list of a crowded namespace says that there is no such Secret.
    fn is_absent(&self, namespace: &str, secret: &str) -> bool {
        self.crowded.get(namespace).is_some_and(|names| !names.contains(secret))
    }

    async fn apply(&self, identity: &Identity, delivery: &Delivery) -> Result<()> {
        let take_over = match &delivery.secret {
            Some(secret) => self.take_over(identity, secret).await?,
            None => TakeOver::Nothing,
        };
        if let Some(account) = &delivery.service_account {
            let name = account.metadata.name.as_deref().unwrap_or_default();
            let found = self.cluster.service_account_metadata(&identity.namespace, name).await?;
            let take_over =
                permitted(found.map(|metadata| owner(&metadata)), "ServiceAccount", name, identity)?;
            self.cluster.apply_service_account(account, take_over).await?;
        }
        match &delivery.secret {
            Some(secret) => self.cluster.apply_secret(secret, take_over).await,
            None => Ok(()),
        }
    }

    /// What an apply of the Secret may do, found out as cheaply as what is known allows.
    async fn take_over(&self, identity: &Identity, secret: &Secret) -> Result<TakeOver> {
        let name = secret.metadata.name.as_deref().unwrap_or_default();
        if self.is_fresh && self.ledger.knows_binding(identity.namespace.as_str(), name) {
            Ok(TakeOver::Own)
        } else if self.is_absent(identity.namespace.as_str(), name) {
            Ok(TakeOver::Nothing)
        } else {
            let found = self.cluster.secret_metadata(&identity.namespace, name).await?;
            permitted(found.map(|secret| owner(&secret.metadata)), "Secret", name, identity)
        }
    }
}

/// The connector's own object is put back; nobody else's is touched.
fn permitted(found: Option<Owner>, kind: &str, name: &str, identity: &Identity) -> Result<TakeOver> {
    match found {
        None => Ok(TakeOver::Nothing),
        Some(Owner::Foreign) => Err(resource_already_exists(kind, name, identity.namespace.as_str())),
        Some(Owner::Connection(_) | Owner::Identity) => Ok(TakeOver::Own),
    }
}
