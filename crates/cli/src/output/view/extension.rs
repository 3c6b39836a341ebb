//! The extension, alone and in a list.

use sc_engine::extension::ExtensionReport;
use serde::Serialize;

use crate::output::Rows;

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
