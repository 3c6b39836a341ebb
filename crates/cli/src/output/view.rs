//! Results as they are printed. The JSON fields are stable: a field may come, none goes or changes its meaning.

use k8s_openapi::jiff::Timestamp;
use sc_engine::extension::ExtensionReport;
use sc_engine::workload::Released;
use sc_engine::{Deleted, Plan};
use sc_model::resource::{READY, VALID};
use sc_model::{Failure, Report, ServiceConnection};
use serde::Serialize;

use super::Rows;

/// A connection.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ConnectionView {
    name: String,
    namespace: String,
    resource_name: String,
    target_service: String,
    parameters: std::collections::BTreeMap<String, String>,
    username: Option<String>,
    auth_type: String,
    client_type: String,
    secret_name: Option<String>,
    service_account_name: Option<String>,
    /// The workloads it was put into: `deployment/web`.
    workloads: Vec<String>,
    ready: &'static str,
    valid: &'static str,
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

/// What became of a create or update.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreatedView {
    /// Whether anything was written.
    pub(crate) changed: bool,
    pub(crate) connection: ConnectionView,
    pub(crate) validation: Option<ValidationView>,
}

impl Rows for CreatedView {
    fn header(&self) -> Vec<&'static str> {
        vec!["NAME", "NAMESPACE", "SECRET", "READY", "VALID"]
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let valid = match &self.validation {
            Some(validation) => {
                if validation.valid {
                    "True"
                } else {
                    "False"
                }
            }
            None => self.connection.valid,
        };
        vec![vec![
            self.connection.name.clone(),
            self.connection.namespace.clone(),
            self.connection.secret_name.clone().unwrap_or_else(|| "-".to_owned()),
            self.connection.ready.to_owned(),
            valid.to_owned(),
        ]]
    }
}

/// What a validation found.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ValidationView {
    pub(crate) valid: bool,
    #[serde(flatten)]
    pub(crate) report: Report,
    /// Why it couldn't run.
    pub(crate) error: Option<Failure>,
}

impl ValidationView {
    pub(crate) fn of(outcome: &sc_model::Result<Report>) -> Self {
        match outcome {
            Ok(report) => Self { valid: report.is_valid(), report: report.clone(), error: None },
            Err(failure) => Self { valid: false, report: Report::default(), error: Some(failure.clone()) },
        }
    }
}

impl Rows for ValidationView {
    fn header(&self) -> Vec<&'static str> {
        vec!["CHECK", "OUTCOME", "DETAIL", "CODE"]
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let outcome = |check: &sc_model::Check| match check.outcome {
            sc_model::Outcome::Passed => "passed",
            sc_model::Outcome::Failed => "failed",
            sc_model::Outcome::Skipped => "skipped",
        };
        let row = |check: &sc_model::Check| {
            let code = check.code.map(|code| code.to_string()).unwrap_or_default();
            vec![check.name.to_string(), outcome(check).to_owned(), check.detail.clone(), code]
        };
        self.report.checks.iter().map(row).collect()
    }
}

/// What a delete removed and left.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeletedView {
    pub(crate) name: String,
    pub(crate) namespace: String,
    /// The Secret that stays for the workloads.
    pub(crate) secret_left: Option<String>,
    pub(crate) service_account_left: Option<String>,
    /// The workloads it was in, if it was in any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) workloads: Vec<ReleasedView>,
}

/// What became of a workload that a deleted connection was in.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReleasedView {
    workload: String,
    /// Whether it still names the Secret, because its `envFrom` is somebody else's.
    still_names_secret: bool,
}

impl DeletedView {
    pub(crate) fn workloads_of(deleted: &Deleted) -> Vec<ReleasedView> {
        let view = |released: &Released| match released {
            Released::Out(workload) => {
                ReleasedView { workload: workload.to_string(), still_names_secret: false }
            }
            Released::Kept { workload, .. } => {
                ReleasedView { workload: workload.to_string(), still_names_secret: true }
            }
        };
        deleted.workloads.iter().map(view).collect()
    }
}

impl Rows for DeletedView {
    fn header(&self) -> Vec<&'static str> {
        vec!["DELETED", "NAMESPACE", "SECRET LEFT"]
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let secret = self.secret_left.clone().unwrap_or_else(|| "-".to_owned());
        vec![vec![self.name.clone(), self.namespace.clone(), secret]]
    }
}

/// One variable of a workload.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VariableView {
    pub(crate) name: String,
    /// Left out where it is secret and wasn't asked for.
    pub(crate) value: Option<String>,
    pub(crate) secret: bool,
}

/// The variables of a workload.
#[derive(Serialize)]
#[serde(transparent)]
pub(crate) struct Configuration(pub(crate) Vec<VariableView>);

impl Rows for Configuration {
    fn header(&self) -> Vec<&'static str> {
        vec!["NAME", "VALUE"]
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let shown = |variable: &VariableView| {
            variable.value.clone().unwrap_or_else(|| "(secret; --show-secrets shows it)".to_owned())
        };
        self.0.iter().map(|variable| vec![variable.name.clone(), shown(variable)]).collect()
    }
}

/// One combination that can be created.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SupportView {
    pub(crate) target_service: String,
    pub(crate) auth_type: String,
    pub(crate) client_types: Vec<String>,
    /// The variables, with --show-keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) keys: Option<Vec<String>>,
}

/// The combinations that can be created.
#[derive(Serialize)]
#[serde(transparent)]
pub(crate) struct SupportList(pub(crate) Vec<SupportView>);

impl Rows for SupportList {
    fn header(&self) -> Vec<&'static str> {
        let mut header = vec!["TARGET", "AUTH TYPE", "CLIENT TYPES"];
        header.extend(self.0.iter().any(|view| view.keys.is_some()).then_some("VARIABLES"));
        header
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let row = |view: &SupportView| {
            let mut row =
                vec![view.target_service.clone(), view.auth_type.clone(), view.client_types.join(", ")];
            row.extend(view.keys.as_ref().map(|keys| keys.join(", ")));
            row
        };
        self.0.iter().map(row).collect()
    }
}

/// A plan's steps.
#[derive(Serialize)]
#[serde(transparent)]
pub(crate) struct PlanView<'a>(pub(crate) &'a Plan);

impl Rows for PlanView<'_> {
    fn header(&self) -> Vec<&'static str> {
        vec!["STEP", "DONE", "WHAT"]
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let row = |planned: &sc_engine::PlannedStep| {
            vec![planned.step.title().to_owned(), planned.is_done.to_string(), planned.says.clone()]
        };
        self.0.steps.iter().map(row).collect()
    }
}

/// The extension, field by field.
impl Rows for ExtensionReport {
    fn header(&self) -> Vec<&'static str> {
        vec!["FIELD", "VALUE"]
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let mut rows = vec![
            ("name", self.name.to_owned()),
            ("namespace", self.namespace.to_owned()),
            ("provisioning state", format!("{:?}", self.provisioning_state)),
            ("release", self.release.clone().unwrap_or_else(|| "-".to_owned())),
            ("image", self.image.clone().unwrap_or_else(|| "-".to_owned())),
            ("connections", format!("{} ({} ready)", self.connections, self.ready)),
        ];
        rows.extend(self.statuses.iter().map(|status| ("error", status.failure.to_string())));
        rows.into_iter().map(|(name, value)| vec![name.to_owned(), value]).collect()
    }
}

/// The extensions of a cluster.
#[derive(Serialize)]
#[serde(transparent)]
pub(crate) struct ExtensionList(pub(crate) Vec<ExtensionReport>);

impl Rows for ExtensionList {
    fn header(&self) -> Vec<&'static str> {
        vec!["NAME", "NAMESPACE", "PROVISIONING STATE", "CONNECTIONS", "READY", "ERRORS"]
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let row = |report: &ExtensionReport| {
            vec![
                report.name.to_owned(),
                report.namespace.to_owned(),
                format!("{:?}", report.provisioning_state),
                report.connections.to_string(),
                report.ready.to_string(),
                report.statuses.len().to_string(),
            ]
        };
        self.0.iter().map(row).collect()
    }
}
