//! A connection, alone and in a list.

use std::collections::BTreeMap;

use k8s_openapi::jiff::Timestamp;
use sc_model::ServiceConnection;
use sc_model::resource::{READY, VALID};
use serde::Serialize;

use crate::output::Rows;

/// A connection.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ConnectionView {
    pub(super) name: String,
    pub(super) namespace: String,
    resource_name: String,
    target_service: String,
    parameters: BTreeMap<String, String>,
    username: Option<String>,
    auth_type: String,
    client_type: String,
    pub(super) secret_name: Option<String>,
    service_account_name: Option<String>,
    /// The workloads it was put into: `deployment/web`.
    workloads: Vec<String>,
    pub(super) ready: &'static str,
    pub(super) valid: &'static str,
    conditions: Vec<ConditionView>,
    created_at: Option<String>,
    #[serde(skip)]
    age: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ConditionView {
    r#type: String,
    status: String,
    reason: String,
    message: String,
}

impl ConnectionView {
    pub(crate) fn of(connection: &ServiceConnection) -> Self {
        let status = connection.status.clone().unwrap_or_default();
        let created = connection.metadata.creation_timestamp.as_ref().map(|time| time.0);
        let condition = |kind: &str| {
            connection.condition(kind).map_or("Unknown", |condition| match condition.status.as_str() {
                "True" => "True",
                "False" => "False",
                _ => "Unknown",
            })
        };
        Self {
            name: connection.given_name().map_or_else(
                |_| connection.metadata.name.clone().unwrap_or_default(),
                |name| name.to_string(),
            ),
            namespace: connection.metadata.namespace.clone().unwrap_or_default(),
            resource_name: connection.metadata.name.clone().unwrap_or_default(),
            target_service: connection.spec.target.service.clone(),
            parameters: connection.spec.target.parameters.clone(),
            username: connection.spec.auth.username.clone(),
            auth_type: connection.spec.auth.auth_type.to_string(),
            client_type: connection.spec.client_type.to_string(),
            secret_name: status.secret_name,
            service_account_name: status.service_account_name,
            workloads: connection.workloads().iter().map(ToString::to_string).collect(),
            ready: if connection.is_observed() { condition(READY) } else { "Unknown" },
            valid: condition(VALID),
            conditions: status
                .conditions
                .into_iter()
                .map(|condition| ConditionView {
                    r#type: condition.type_,
                    status: condition.status,
                    reason: condition.reason,
                    message: condition.message,
                })
                .collect(),
            created_at: created.map(|created| created.to_string()),
            age: created.map_or_else(|| "-".to_owned(), age),
        }
    }

    fn reason(&self) -> String {
        let is_bad = |condition: &&ConditionView| condition.status != "True";
        self.conditions.iter().find(is_bad).map_or_else(String::new, |condition| condition.reason.clone())
    }
}

/// The time since then, as kubectl shows it: `42s`, `5m`, `3h`, `12d`.
fn age(created: Timestamp) -> String {
    let seconds = (Timestamp::now().as_second() - created.as_second()).max(0);
    match seconds {
        0..120 => format!("{seconds}s"),
        120..7200 => format!("{}m", seconds / 60),
        7200..172_800 => format!("{}h", seconds / 3600),
        _ => format!("{}d", seconds / 86400),
    }
}

/// Connections as a list.
#[derive(Serialize)]
#[serde(transparent)]
pub(crate) struct ConnectionList(pub(crate) Vec<ConnectionView>);

impl Rows for ConnectionList {
    fn header(&self) -> Vec<&'static str> {
        vec!["NAMESPACE", "NAME", "TARGET", "AUTH", "CLIENT", "SECRET", "READY", "VALID", "REASON", "AGE"]
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let row = |view: &ConnectionView| {
            vec![
                view.namespace.clone(),
                view.name.clone(),
                view.target_service.clone(),
                view.auth_type.clone(),
                view.client_type.clone(),
                view.secret_name.clone().unwrap_or_else(|| "-".to_owned()),
                view.ready.to_owned(),
                view.valid.to_owned(),
                view.reason(),
                view.age.clone(),
            ]
        };
        self.0.iter().map(row).collect()
    }
}

/// One connection, field by field.
impl Rows for ConnectionView {
    fn header(&self) -> Vec<&'static str> {
        vec!["FIELD", "VALUE"]
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let mut rows = vec![
            ("name", self.name.clone()),
            ("namespace", self.namespace.clone()),
            ("target", self.target_service.clone()),
        ];
        rows.extend(self.parameters.iter().map(|(name, value)| (name.as_str(), value.clone())));
        rows.extend(self.username.clone().map(|username| ("user", username)));
        rows.push(("auth type", self.auth_type.clone()));
        rows.push(("client type", self.client_type.clone()));
        rows.push(("secret", self.secret_name.clone().unwrap_or_else(|| "not written yet".to_owned())));
        rows.extend(self.service_account_name.clone().map(|name| ("service account", name)));
        rows.extend(self.workloads.iter().map(|workload| ("workload", workload.clone())));
        rows.push(("age", self.age.clone()));
        for condition in &self.conditions {
            let name = if condition.r#type == READY { "ready" } else { "valid" };
            rows.push((name, format!("{} ({}): {}", condition.status, condition.reason, condition.message)));
        }
        rows.into_iter().map(|(name, value)| vec![name.to_owned(), value]).collect()
    }
}
