//! The ledger: which connections need sc-job, known from the connections and the metadata of Secrets.
//!
//! The operator feeds it from watches, sc-job from lists; both ask it the same question. It has one owner at a time and
//! keeps a few words a connection, so that ten thousand of them fit into a few megabytes.
//!
//! ```text
//!   ServiceConnection ──► Standing ┐
//!   binding Secret ─────► intact?  ├──► Need: Now · Later · Nothing
//!   payload, input ─────► version  ┘
//! ```

use std::collections::{BTreeMap, BTreeSet};

use kube::ResourceExt as _;
use kube::core::ObjectMeta;
use sc_cluster::secrets::{Owner, is_intact, owner};
use sc_model::resource::READY;
use sc_model::{AuthType, FailureCode, ServiceConnection, places};

/// A connection, by namespace and object name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The namespace.
    pub namespace: String,
    /// The custom resource's name.
    pub name: String,
}

impl Key {
    /// The key of a stored connection.
    pub fn of(connection: &ServiceConnection) -> Self {
        Self { namespace: connection.namespace().unwrap_or_default(), name: connection.name_any() }
    }
}

/// Whether a connection needs sc-job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// At once: it is new or changed, its Secret drifted, its secret input was rotated, or its rival is gone.
    Now,
    /// After a while: sc-job dealt with it and failed, and what failed may have been mended since.
    Later,
    /// Everything is as it should be.
    Nothing,
}

/// Where a connection's secret input comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Input {
    None,
    Payload(String),
    Reference(String),
}

/// What is kept of a connection.
#[derive(Clone, Debug)]
struct Standing {
    is_observed: bool,
    is_ready: bool,
    /// sc-job found another connection to have its Secret.
    is_refused: bool,
    created: i64,
    given: String,
    secret: Option<String>,
    input: Input,
    input_version: Option<String>,
}

impl Standing {
    fn of(connection: &ServiceConnection) -> Self {
        let given = connection.given_name().ok();
        let auth = &connection.spec.auth;
        let has_secrets = matches!(auth.auth_type, AuthType::Secret | AuthType::ServicePrincipal)
            || !connection.spec.configuration.additional_secrets.is_empty();
        let has_variables = !connection.spec.opt_out.leave_out_variables();
        let input = match &auth.secret_ref {
            Some(reference) => Input::Reference(reference.name.clone()),
            None if has_secrets => payload_of(connection).map_or(Input::None, Input::Payload),
            None => Input::None,
        };
        let is_observed = connection.is_observed();
        Self {
            is_observed,
            is_ready: is_observed
                && connection.condition(READY).is_some_and(|condition| condition.status == "True"),
            is_refused: connection
                .failure(READY)
                .is_some_and(|failure| failure.code == FailureCode::ConnectionNameConflict),
            created: connection
                .metadata
                .creation_timestamp
                .as_ref()
                .map_or(i64::MAX, |time| time.0.as_second()),
            secret: given.as_ref().filter(|_| has_variables).map(|name| name.secret_name().to_string()),
            given: given.map_or_else(|| connection.name_any(), |name| name.to_string()),
            input,
            input_version: connection.status.as_ref().and_then(|status| status.input_version.clone()),
        }
    }
}

fn payload_of(connection: &ServiceConnection) -> Option<String> {
    Some(places::payload_name(&connection.home().ok()?, &connection.object_name().ok()?))
}

/// See the module's first page.
#[derive(Debug, Default)]
pub struct Ledger {
    connections: BTreeMap<Key, Standing>,
    /// Connections by (namespace, Secret name): more than one is a conflict.
    claims: BTreeMap<(String, String), BTreeSet<Key>>,
    /// Binding Secrets by (namespace, name): whether sc-job still owns all it wrote.
    bindings: BTreeMap<(String, String), bool>,
    /// Payloads by name: version and time of creation in seconds.
    payloads: BTreeMap<String, (String, i64)>,
    /// Labelled inputs by (namespace, name).
    inputs: BTreeMap<(String, String), String>,
    now: BTreeSet<Key>,
    later: BTreeSet<Key>,
    dealt_with: u64,
}

impl Ledger {
    /// Takes in a connection as it stands.
    pub fn see_connection(&mut self, connection: &ServiceConnection) {
        let key = Key::of(connection);
        let standing = Standing::of(connection);
        if let Some(secret) = &standing.secret {
            self.claims.entry((key.namespace.clone(), secret.clone())).or_default().insert(key.clone());
        }
        self.connections.insert(key.clone(), standing);
        self.weigh(&key);
    }

    /// Forgets a connection that was deleted.
    pub fn lose_connection(&mut self, key: &Key) {
        if let Some(Standing { secret: Some(secret), .. }) = self.connections.remove(key) {
            let place = (key.namespace.clone(), secret);
            let rivals = self.claims.get_mut(&place).map(|claimants| {
                claimants.remove(key);
                claimants.clone()
            });
            // Whoever was refused because of it may have the Secret now.
            for rival in rivals.into_iter().flatten() {
                self.weigh(&rival);
            }
        }
        self.now.remove(key);
        self.later.remove(key);
    }

    /// Takes in the metadata of a labelled Secret.
    pub fn see_secret(&mut self, metadata: &ObjectMeta) {
        let (namespace, name) = place_of(metadata);
        let version = metadata.resource_version.clone().unwrap_or_default();
        match role_of(metadata) {
            places::ROLE_BINDING if owner(metadata) != Owner::Foreign => {
                self.bindings.insert((namespace.clone(), name.clone()), is_intact(metadata));
                self.weigh_claimants(namespace, name);
            }
            places::ROLE_PAYLOAD => {
                let created =
                    metadata.creation_timestamp.as_ref().map_or(i64::MAX, |time| time.0.as_second());
                self.payloads.insert(name, (version, created));
                self.weigh_payload(metadata);
            }
            places::ROLE_INPUT => {
                self.inputs.insert((namespace.clone(), name.clone()), version);
                self.weigh_referrers(&namespace, &name);
            }
            _ => {}
        }
    }

    /// Forgets a labelled Secret that was deleted, or that lost its label.
    pub fn lose_secret(&mut self, metadata: &ObjectMeta) {
        let (namespace, name) = place_of(metadata);
        match role_of(metadata) {
            places::ROLE_BINDING => {
                self.bindings.remove(&(namespace.clone(), name.clone()));
                self.weigh_claimants(namespace, name);
            }
            places::ROLE_PAYLOAD => {
                self.payloads.remove(&name);
                self.weigh_payload(metadata);
            }
            places::ROLE_INPUT => {
                self.inputs.remove(&(namespace, name));
            }
            _ => {}
        }
    }

    /// Forgets all Secrets, before a new complete list of them.
    pub fn forget_secrets(&mut self) {
        self.bindings.clear();
        self.payloads.clear();
        self.inputs.clear();
    }

    /// Forgets all connections, before a new complete list of them.
    pub fn forget_connections(&mut self) {
        self.connections.clear();
        self.claims.clear();
        self.now.clear();
        self.later.clear();
    }

    /// Weighs every connection anew, after a complete list.
    pub fn weigh_all(&mut self) {
        let keys: Vec<_> = self.connections.keys().cloned().collect();
        for key in keys {
            self.weigh(&key);
        }
    }

    /// Whether a connection needs sc-job.
    pub fn need(&self, key: &Key) -> Need {
        let Some(standing) = self.connections.get(key) else { return Need::Nothing };
        let is_free_now = standing.is_refused && self.rival(key).is_none();
        if !standing.is_observed || is_free_now || self.is_rotated(key, standing) {
            Need::Now
        } else if !standing.is_ready {
            Need::Later
        } else if standing
            .secret
            .as_ref()
            .is_some_and(|secret| self.bindings.get(&(key.namespace.clone(), secret.clone())) != Some(&true))
        {
            Need::Now
        } else {
            Need::Nothing
        }
    }

    /// How many connections need sc-job at once, and how many after a while.
    pub fn pending(&self) -> (usize, usize) {
        (self.now.len(), self.later.len())
    }

    /// How many times a connection that needed sc-job at once has been dealt with, since the beginning.
    pub fn dealt_with(&self) -> u64 {
        self.dealt_with
    }

    /// The name of the older connection that has the Secret which this one would write, if there is one.
    pub fn rival(&self, key: &Key) -> Option<&str> {
        let own = self.connections.get(key)?;
        let claimants = self.claims.get(&(key.namespace.clone(), own.secret.clone()?))?;
        let oldest = claimants.iter().min_by_key(|claimant| {
            (
                self.connections.get(claimant).map_or(i64::MAX, |standing| standing.created),
                (*claimant).clone(),
            )
        })?;
        if oldest == key {
            None
        } else {
            self.connections.get(oldest).map(|standing| standing.given.as_str())
        }
    }

    /// Whether a labelled Secret of this name is there, so that it is known to be the connector's own.
    pub fn knows_binding(&self, namespace: &str, secret: &str) -> bool {
        self.bindings.contains_key(&(namespace.to_owned(), secret.to_owned()))
    }

    /// The version of a connection's secret input, where it is watched.
    pub fn input_version(&self, key: &Key) -> Option<String> {
        self.current_input(key, self.connections.get(key)?).cloned()
    }

    /// Payloads that no connection has and that were made before `before` (seconds since 1970). Younger ones may belong to
    /// a request that is about to store its connection.
    pub fn orphaned_payloads(&self, before: i64) -> Vec<String> {
        let used: BTreeSet<_> = self
            .connections
            .values()
            .filter_map(|standing| match &standing.input {
                Input::Payload(name) => Some(name.as_str()),
                Input::None | Input::Reference(_) => None,
            })
            .collect();
        let orphaned = |(name, (_, created)): &(&String, &(String, i64))| {
            !used.contains(name.as_str()) && *created < before
        };
        self.payloads.iter().filter(orphaned).map(|(name, _)| name.clone()).collect()
    }

    fn current_input(&self, key: &Key, standing: &Standing) -> Option<&String> {
        match &standing.input {
            Input::None => None,
            Input::Payload(name) => self.payloads.get(name).map(|(version, _)| version),
            // An input without the label isn't watched: its version isn't known here.
            Input::Reference(name) => self.inputs.get(&(key.namespace.clone(), name.clone())),
        }
    }

    fn is_rotated(&self, key: &Key, standing: &Standing) -> bool {
        let current = self.current_input(key, standing);
        current.is_some() && current != standing.input_version.as_ref()
    }

    fn weigh(&mut self, key: &Key) {
        let need = self.need(key);
        self.dealt_with += u64::from(need != Need::Now && self.now.contains(key));
        set(&mut self.now, key, need == Need::Now);
        set(&mut self.later, key, need == Need::Later);
    }

    fn weigh_claimants(&mut self, namespace: String, secret: String) {
        for key in self.claims.get(&(namespace, secret)).cloned().unwrap_or_default() {
            self.weigh(&key);
        }
    }

    fn weigh_payload(&mut self, metadata: &ObjectMeta) {
        let label = |key: &str| metadata.labels.as_ref().and_then(|labels| labels.get(key)).cloned();
        if let (Some(namespace), Some(name)) =
            (label(places::CONNECTION_NAMESPACE), label(places::CONNECTION))
        {
            self.weigh(&Key { namespace, name });
        }
    }

    fn weigh_referrers(&mut self, namespace: &str, input: &str) {
        let refers = |(key, standing): &(&Key, &Standing)| {
            key.namespace == namespace && matches!(&standing.input, Input::Reference(name) if name == input)
        };
        let keys: Vec<_> = self.connections.iter().filter(refers).map(|(key, _)| key.clone()).collect();
        for key in keys {
            self.weigh(&key);
        }
    }
}

fn set(keys: &mut BTreeSet<Key>, key: &Key, belongs: bool) {
    if !belongs {
        keys.remove(key);
    } else if !keys.contains(key) {
        keys.insert(key.clone());
    }
}

fn place_of(metadata: &ObjectMeta) -> (String, String) {
    (metadata.namespace.clone().unwrap_or_default(), metadata.name.clone().unwrap_or_default())
}

fn role_of(metadata: &ObjectMeta) -> &str {
    metadata.labels.as_ref().and_then(|labels| labels.get(places::ROLE)).map_or("", String::as_str)
}
