//! A workload as a user would write it: it knows nothing of the connector, only the variables in its environment.

use std::process::ExitCode;

use sc_model::Result;

/// Queries PostgreSQL with the connection string that Python's clients read.
pub(crate) async fn sample_job() -> Result<ExitCode> {
    sc_extension::sample::run().await?;
    Ok(ExitCode::SUCCESS)
}
