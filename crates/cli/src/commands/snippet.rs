//! `sc connection show --snippet`: what a person puts into their own files.

use sc_catalog::Catalog;
use sc_model::{Result, ServiceConnection};
use sc_snippets::{Workload, deployment, job, program};

use crate::arguments::{ShowArguments, Snippet};

/// Writes a snippet for a stored connection.
pub(super) fn snippet(
    connection: &ServiceConnection,
    kind: Snippet,
    arguments: &ShowArguments,
) -> Result<String> {
    let resolved = Catalog::builtin().resolve(&connection.spec)?;
    let (namespace, name) = (connection.home()?, connection.given_name()?);
    let secret = (!resolved.keys().is_empty()).then(|| name.secret_name().to_string());
    let status = connection.status.as_ref();
    let workload = Workload {
        namespace: &namespace,
        connection: &name,
        secret: secret.as_deref(),
        service_account: status.and_then(|status| status.service_account_name.as_deref()),
        resolved: &resolved,
    };
    match kind {
        Snippet::Deployment => Ok(deployment(&workload)),
        Snippet::Job => Ok(job(&workload, &arguments.image)),
        Snippet::Code => program(&resolved, arguments.language.unwrap_or(connection.spec.client_type)),
    }
}
