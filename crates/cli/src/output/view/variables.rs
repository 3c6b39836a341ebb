//! The variables of a workload, and the combinations that give them.

use serde::Serialize;

use crate::output::Rows;

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

/// Combinations that can be created: of one auth type, with the client types that read the same variables.
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
