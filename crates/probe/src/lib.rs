//! Connects to a target the way a workload would, and says step by step what holds: DNS, TCP, TLS, sign-in, access.
//!
//! Each step is a line with what was found, or with a cause and a remedy; after a failure the rest is skipped. TLS is
//! always used and always verified. This crate knows no Kubernetes and no catalog, and no secret leaves it.

mod blob;
mod mysql;
mod postgres;
mod reach;
mod redis;
mod request;
mod steps;
mod tls;

pub use request::{Endpoint, Request, Target, Trust};

use sc_model::{CheckName, Report};
use steps::{Found, Steps};

/// Tries the target. Everything that is found out is in the report.
pub async fn probe(request: &Request) -> Report {
    let mut steps = Steps::new(request.time_limit);
    // Whatever stops the chain is in the steps already.
    let _ = attempt(request, &mut steps).await;
    steps.into_report()
}

/// The chain of steps; the first failure ends it.
async fn attempt(request: &Request, steps: &mut Steps) -> Result<(), Found> {
    let (host, port) = request.target.address();
    let addresses = reach::resolve(steps, &host, port).await?;
    let stream = reach::connect(steps, &addresses).await?;
    let trust = tls::client_config(&request.trust);
    match &request.target {
        Target::Postgres { database, username, password, .. } => {
            let session = steps.run(CheckName::Tls, postgres::handshake(stream, &host, trust)).await?;
            let login = postgres::Login { database, username, password };
            postgres::sign_in(steps, session, &login).await
        }
        Target::MySql { database, username, password, .. } => {
            steps.run(CheckName::Tls, mysql::handshake(stream, &host, trust)).await?;
            let login = mysql::Login { host: &host, address: addresses[0], database, username, password, trust: &request.trust };
            mysql::sign_in(steps, &login).await
        }
        Target::Redis { database, username, password, .. } => {
            let session = steps.run(CheckName::Tls, tls::handshake(stream, &host, trust)).await?;
            redis::sign_in(steps, session, *database, username.as_deref(), password).await
        }
        Target::Blob { endpoint, account, key } => {
            let session = steps.run(CheckName::Tls, tls::handshake(stream, &host, trust)).await?;
            blob::sign_in(steps, session, endpoint, account, key).await
        }
    }
}
