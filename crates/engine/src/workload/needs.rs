//! What a connection asks of the pods that use it.

use sc_model::{AuthType, ServiceConnection, places};

/// What a connection asks of the pods that use it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Needs {
    /// The connection's name as given.
    pub(super) connection: String,
    /// Its Secret.
    pub(super) secret: String,
    /// The ServiceAccount, with workload identity.
    pub(super) account: Option<String>,
}

impl Needs {
    /// Reads them from a stored connection; one without a usable name has none.
    pub(super) fn of(connection: &ServiceConnection) -> Option<Self> {
        let name = connection.given_name().ok()?;
        let secret = name.secret_name().to_string();
        Some(Self { connection: name.to_string(), secret, account: account(&connection.spec) })
    }
}

/// The ServiceAccount that a connection's pods run as.
pub(super) fn account(spec: &sc_model::ServiceConnectionSpec) -> Option<String> {
    let is_made = spec.auth.auth_type == AuthType::WorkloadIdentity && !spec.opt_out.leave_out_account();
    let client = spec.auth.client_id.as_deref().filter(|_| is_made);
    client.map(places::service_account_name)
}
