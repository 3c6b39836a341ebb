//! A workload as it stands: what its pod template says, and whose each part of it is.

use sc_model::{Workload, places};
use serde_json::{Map, Value, json};

/// A workload as the API server gave it.
pub(super) struct Live<'a> {
    pub(super) workload: &'a Workload,
    object: &'a Value,
}

/// A field of a pod template that a connection may have a part in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field<'a> {
    /// `envFrom` of a container: a list that is owned as a whole.
    EnvFrom(&'a str),
    /// `serviceAccountName`.
    Account,
    /// Its deprecated twin, which the API server keeps equal.
    AccountTwin,
    /// The label that has Azure's webhook prepare the pod.
    IdentityLabel,
}

/// Who owns something, by the names of their field managers.
pub(super) type Owners = Vec<String>;

impl<'a> Live<'a> {
    pub(super) fn new(workload: &'a Workload, object: &'a Value) -> Self {
        Self { workload, object }
    }

    /// The containers in their order, each with its `envFrom`. Init containers aren't among them.
    pub(super) fn containers(&self) -> impl Iterator<Item = (&'a str, &'a [Value])> {
        let containers = self.template()["spec"]["containers"].as_array().map_or(&[][..], Vec::as_slice);
        containers.iter().filter_map(|container| {
            let entries = container["envFrom"].as_array().map_or(&[][..], Vec::as_slice);
            Some((container["name"].as_str()?, entries))
        })
    }

    /// The ServiceAccount it names.
    pub(super) fn account(&self) -> Option<&'a str> {
        self.template()["spec"]["serviceAccountName"].as_str().filter(|name| !name.is_empty())
    }

    /// What the label for Azure's webhook says.
    pub(super) fn identity_label(&self) -> Option<&'a str> {
        self.template()["metadata"]["labels"][places::WORKLOAD_IDENTITY_USE].as_str()
    }

    /// Whether a container names a Secret already.
    pub(super) fn mentions(&self, secret: &str) -> bool {
        self.containers().any(|(_, entries)| mentions(entries, secret))
    }

    /// The Secrets that its containers name.
    pub(super) fn secrets(&self) -> impl Iterator<Item = &'a str> {
        self.containers().flat_map(|(_, entries)| secrets(entries))
    }

    /// Whether the connector owns a field, alone or with others.
    pub(super) fn is_ours(&self, field: Field<'_>) -> bool {
        self.owning(field).any(is_ours)
    }

    /// Who else owns a field.
    pub(super) fn others(&self, field: Field<'_>) -> Owners {
        let others = self.owning(field).filter(|entry| !is_ours(entry));
        others
            .map(|entry| entry["manager"].as_str().unwrap_or("somebody without a name").to_owned())
            .collect()
    }

    /// What names the object in an apply, with the version it was decided from.
    pub(super) fn identity(&self) -> Map<String, Value> {
        let metadata = &self.object["metadata"];
        let identity = json!({
            "apiVersion": self.object["apiVersion"],
            "kind": self.object["kind"],
            "metadata": {
                "name": metadata["name"], "namespace": metadata["namespace"],
                "resourceVersion": metadata["resourceVersion"],
            },
        });
        identity.as_object().cloned().unwrap_or_default()
    }

    /// The version as it was read.
    pub(super) fn version(&self) -> &'a str {
        self.object["metadata"]["resourceVersion"].as_str().unwrap_or_default()
    }

    /// Who owns which fields, but for what the connector has in some containers' `envFrom`: that is nobody's.
    pub(super) fn owners_without(&self, containers: &[&str]) -> Value {
        let mut entries = self.managed_fields().to_vec();
        for entry in entries.iter_mut().filter(|entry| is_ours(entry)) {
            let path = self.workload.kind.template().iter().chain(&["spec", "containers"]);
            let path: String = path.map(|name| format!("/f:{name}")).collect();
            let items = entry["fieldsV1"].pointer_mut(&path).and_then(Value::as_object_mut);
            if let Some(items) = items {
                items.retain(|key, _| !containers.iter().any(|name| is_item(key, name)));
            }
            prune(&mut entry["fieldsV1"]);
        }
        entries.retain(|entry| {
            !is_ours(entry) || entry["fieldsV1"].as_object().is_some_and(|fields| !fields.is_empty())
        });
        Value::Array(entries)
    }

    fn template(&self) -> &'a Value {
        self.workload.kind.template().iter().fold(self.object, |object, field| &object[*field])
    }

    fn managed_fields(&self) -> &'a [Value] {
        self.object["metadata"]["managedFields"].as_array().map_or(&[], Vec::as_slice)
    }

    fn owning(&self, field: Field<'_>) -> impl Iterator<Item = &'a Value> {
        self.managed_fields().iter().filter(move |entry| self.holds(&entry["fieldsV1"], field))
    }

    /// Whether a set of fields holds this one.
    fn holds(&self, fields: &Value, field: Field<'_>) -> bool {
        let path = self.workload.kind.template().iter();
        let template = path.fold(fields, |fields, name| &fields[format!("f:{name}")]);
        let spec = &template["f:spec"];
        match field {
            Field::Account => !spec["f:serviceAccountName"].is_null(),
            Field::AccountTwin => !spec["f:serviceAccount"].is_null(),
            Field::IdentityLabel => {
                !template["f:metadata"]["f:labels"][format!("f:{}", places::WORKLOAD_IDENTITY_USE)].is_null()
            }
            Field::EnvFrom(name) => {
                let containers = spec["f:containers"].as_object().into_iter().flatten();
                containers
                    .into_iter()
                    .any(|(key, fields)| is_item(key, name) && !fields["f:envFrom"].is_null())
            }
        }
    }
}

/// Whether a list of `envFrom` names a Secret. One under a prefix gives other variables, so it is another one.
pub(super) fn mentions(entries: &[Value], secret: &str) -> bool {
    entries.iter().any(|entry| is_entry_of(entry, secret))
}

/// The Secrets that a list of `envFrom` names.
pub(super) fn secrets(entries: &[Value]) -> impl Iterator<Item = &str> {
    entries.iter().filter_map(|entry| entry["secretRef"]["name"].as_str())
}

/// Whether an entry of `envFrom` is the one that a connection's Secret goes by.
pub(super) fn is_entry_of(entry: &Value, secret: &str) -> bool {
    let has_prefix = entry["prefix"].as_str().is_some_and(|prefix| !prefix.is_empty());
    entry["secretRef"]["name"] == secret && !has_prefix
}

fn is_ours(entry: &Value) -> bool {
    entry["manager"] == places::WORKLOAD_FIELD_MANAGER && entry["operation"] == "Apply"
}

/// Whether a key among managed fields stands for the item of this name: `k:{"name":"app"}`.
fn is_item(key: &str, name: &str) -> bool {
    let item = key.strip_prefix("k:").and_then(|item| serde_json::from_str::<Value>(item).ok());
    item.is_some_and(|item| item["name"] == name)
}

/// Takes out what holds nothing any more. An empty object that was one before is a field of its own, and never on the
/// way to a container.
fn prune(fields: &mut Value) {
    let Some(fields) = fields.as_object_mut() else { return };
    for name in ["f:spec", "f:jobTemplate", "f:template", "f:containers"] {
        let Some(inner) = fields.get_mut(name) else { continue };
        prune(inner);
        let is_bare = |inner: &Map<String, Value>| inner.keys().all(|key| key == ".");
        if inner.as_object().is_some_and(is_bare) {
            fields.remove(name);
        }
    }
}
