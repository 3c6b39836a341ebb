//! What a validation found.

use sc_model::{Failure, Report};
use serde::Serialize;

use crate::output::Rows;

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
