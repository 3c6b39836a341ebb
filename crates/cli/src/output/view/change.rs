//! What a request will change, and what it changed.

use sc_engine::workload::Released;
use sc_engine::{Deleted, Plan};
use serde::Serialize;

use super::{ConnectionView, ValidationView};
use crate::output::Rows;

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
