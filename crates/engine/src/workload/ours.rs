//! Everything the connector has in one workload, for all its connections. An apply says all of it, because what it
//! doesn't say is given up.

use sc_model::places;
use serde_json::{Map, Value, json};

use super::live::{Field, Live};

/// What the connector has in a workload.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Ours {
    /// The `envFrom` of containers, in the containers' order: a list in another order would put them in another order.
    lists: Vec<(String, Option<Vec<Value>>)>,
    /// The ServiceAccount.
    pub(super) account: Option<String>,
    /// Whether the label for Azure's webhook is among it.
    pub(super) has_identity_label: bool,
}

impl Ours {
    /// Reads it from the fields that the connector's field manager owns.
    pub(super) fn of(live: &Live<'_>) -> Self {
        let list = |(name, entries): (&str, &[Value])| {
            let is_ours = live.is_ours(Field::EnvFrom(name));
            (name.to_owned(), is_ours.then(|| entries.to_vec()))
        };
        let owns_account = live.is_ours(Field::Account) || live.is_ours(Field::AccountTwin);
        Self {
            lists: live.containers().map(list).collect(),
            account: live.account().filter(|_| owns_account).map(str::to_owned),
            has_identity_label: live.is_ours(Field::IdentityLabel),
        }
    }

    /// Has this list in a container from now on, or none.
    pub(super) fn set(&mut self, container: &str, entries: Option<Vec<Value>>) {
        if let Some((_, list)) = self.lists.iter_mut().find(|(name, _)| name == container) {
            *list = entries;
        }
    }

    /// The lists, by container.
    pub(super) fn lists(&self) -> impl Iterator<Item = (&str, &[Value])> {
        self.lists.iter().filter_map(|(name, list)| Some((name.as_str(), list.as_deref()?)))
    }

    /// The object to apply.
    pub(super) fn object(&self, live: &Live<'_>) -> Value {
        let container = |(name, entries)| json!({"name": name, "envFrom": entries});
        let containers: Vec<_> = self.lists().map(container).collect();
        let (mut template, mut spec) = (Map::new(), Map::new());
        if !containers.is_empty() {
            spec.insert("containers".to_owned(), containers.into());
        }
        if let Some(account) = &self.account {
            // Both names of the field: the API server fills the second in from the first, and, should only the first be
            // given up, the first from the second.
            for name in ["serviceAccountName", "serviceAccount"] {
                spec.insert(name.to_owned(), account.as_str().into());
            }
        }
        if !spec.is_empty() {
            template.insert("spec".to_owned(), spec.into());
        }
        if self.has_identity_label {
            template
                .insert("metadata".to_owned(), json!({"labels": {places::WORKLOAD_IDENTITY_USE: "true"}}));
        }
        let mut object = live.identity();
        if !template.is_empty() {
            let path = live.workload.kind.template();
            let nested = path.iter().rev().fold(Value::from(template), |inner, field| json!({*field: inner}));
            object.extend(nested.as_object().cloned().unwrap_or_default());
        }
        object.into()
    }
}
