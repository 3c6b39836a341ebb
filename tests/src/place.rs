//! A namespace of a story's own.

use std::collections::BTreeMap;
use std::fmt;
use std::thread;

use sc_testbed::services::Postgres;
use serde_json::Value;

use crate::world::World;
use crate::{Call, decoded};

/// A fresh namespace in which only pods run that pass the Pod Security Standard `restricted`. It goes with the story,
/// unless the story failed: then it stays to be looked at.
#[derive(Debug)]
pub struct Place {
    world: &'static World,
    name: String,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl Place {
    pub(crate) fn new(world: &'static World, name: String) -> Self {
        let manifest = serde_json::json!({
            "apiVersion": "v1", "kind": "Namespace",
            "metadata": {"name": name, "labels": {"pod-security.kubernetes.io/enforce": "restricted", "sc-tests": "story"}},
        });
        world.kubectl("create -f -").stdin(manifest.to_string()).succeeds();
        // Pods need it, and it comes a moment after its namespace; longer after a restart of the API server, because the
        // controllers are slow to come back to it.
        world
            .kubectl(format!("wait --for=create serviceaccount/default -n {name} --timeout=120s"))
            .succeeds();
        Self { world, name }
    }

    /// `sc connection create postgres-flexible NAME` as a person writes it who has no need of a real server: everything it needs,
    /// the password `first-password`, no validation.
    pub fn create(&self, name: &str) -> Call {
        let server = "--host db.example --database shop --user app --password-stdin --no-validate";
        self.sc(&format!("connection create postgres-flexible {name} {server}")).stdin("first-password")
    }

    /// `sc connection create postgres-flexible NAME` for the PostgreSQL beside the cluster, with the variables of Python.
    pub fn create_for_postgres(&self, name: &str) -> Call {
        let Postgres { host, port, database, username, password, .. } = self.world.postgres();
        let server =
            format!("--host {host} --port {port} --database {database} --user {username} --password-stdin");
        self.sc(&format!("connection create postgres-flexible {name} {server} --client-type python"))
            .stdin(password)
    }

    /// Puts the authority of the services beside the cluster into the ConfigMap `authority`, for pods to mount.
    pub fn store_authority(&self) {
        let authority = format!("--from-file=ca.crt={}", self.world.services_ca());
        self.kubectl("create configmap authority").arg(authority).succeeds();
    }

    /// `sc … -n THIS`.
    pub fn sc(&self, arguments: &str) -> Call {
        self.world.sc(arguments).args(format!("-n {}", self.name))
    }

    /// `kubectl … -n THIS`.
    pub fn kubectl(&self, arguments: impl AsRef<str>) -> Call {
        self.world.kubectl(format!("-n {}", self.name)).args(arguments)
    }

    /// `kubectl apply -n THIS` of YAML.
    pub fn apply(&self, yaml: impl Into<String>) -> Call {
        self.kubectl("apply -f -").stdin(yaml)
    }

    /// An object as it stands, or nothing.
    #[track_caller]
    pub fn get(&self, object: &str) -> Option<Value> {
        self.world.get(&self.name, object)
    }

    /// The connection's object.
    #[track_caller]
    pub fn connection(&self, object: &str) -> Value {
        self.get(&format!("serviceconnection/{object}"))
            .unwrap_or_else(|| panic!("{self} has no connection {object}"))
    }

    /// What a Secret holds, decoded.
    #[track_caller]
    pub fn secret(&self, name: &str) -> BTreeMap<String, String> {
        self.find_secret(name).unwrap_or_else(|| panic!("{self} has no Secret {name}"))
    }

    /// What a Secret holds, if it is there.
    #[track_caller]
    pub fn find_secret(&self, name: &str) -> Option<BTreeMap<String, String>> {
        Some(values(&self.get(&format!("secret/{name}"))?))
    }

    /// The name of the Secret in sc-system that keeps a connection's password.
    pub fn payload(&self, object: &str) -> String {
        format!("sc-payload.{}.{object}", self.name)
    }

    /// What keeps the password of a connection in sc-system, if it is there.
    #[track_caller]
    pub fn find_payload(&self, object: &str) -> Option<Value> {
        self.world.get("sc-system", &format!("secret/{}", self.payload(object)))
    }

    /// Waits until a connection is ready.
    #[track_caller]
    pub fn becomes_ready(&self, object: &str) {
        self.kubectl(format!("wait --for=condition=Ready serviceconnection/{object} --timeout=90s"))
            .succeeds();
    }

    /// Waits until every connection of the namespace is ready.
    #[track_caller]
    pub fn all_become_ready(&self) {
        self.kubectl("wait --for=condition=Ready serviceconnections --all --timeout=120s").succeeds();
    }

    /// Waits until a connection is not ready for this reason, and gives the condition.
    #[track_caller]
    pub fn becomes_unready(&self, object: &str, reason: &str) -> Value {
        let path = format!(r#"jsonpath={{.status.conditions[?(@.type=="Ready")].reason}}={reason}"#);
        self.kubectl(format!("wait --for={path} serviceconnection/{object} --timeout=90s")).succeeds();
        condition(&self.connection(object), "Ready")
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if !thread::panicking() {
            self.kubectl("delete serviceconnections --all --wait=false").run();
            self.world.kubectl(format!("delete namespace {} --wait=false", self.name)).run();
        }
    }
}

/// A condition of an object.
pub(crate) fn condition(object: &Value, kind: &str) -> Value {
    let conditions = object["status"]["conditions"].as_array().into_iter().flatten();
    conditions.into_iter().find(|condition| condition["type"] == kind).cloned().unwrap_or_default()
}

pub(crate) fn values(secret: &Value) -> BTreeMap<String, String> {
    let data = secret["data"].as_object().into_iter().flatten();
    data.map(|(key, value)| (key.clone(), decoded(value.as_str().unwrap_or_default()))).collect()
}
