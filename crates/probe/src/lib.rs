//! Connects to a target the way a workload would, and says step by step what holds: DNS, TCP, TLS, sign-in, access.
//!
//! Each step is a line with what was found, or with a cause and a remedy; after a failure the rest is skipped. TLS is
//! used and verified, unless the person said that the server has none. This crate knows no Kubernetes and no catalog,
//! and no secret leaves it.

mod blob;
mod certificate;
mod mysql;
mod mysql_wire;
mod postgres;
mod reach;
mod redis;
mod request;
mod session;
mod speaker;
mod steps;
mod tls;

pub use request::{Endpoint, Opening, Request, Target, Trust};

use sc_model::{CheckName, HostName, Report};
use session::Session;
use steps::{Found, Steps};
use tls::Mode;
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

/// Why a server that was reached isn't signed in to.
const UNSPOKEN: &str = "the probe doesn't speak this protocol; the server was reached";

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
    let mode = Mode::of(&request.trust);
    match &request.target {
        Target::Postgres { database, username, password, .. } => {
            let session = match mode {
                Mode::On(trust) => {
                    steps.run(CheckName::Tls, postgres::handshake(stream, &host, trust)).await?.into()
                }
                Mode::Off => without_tls(steps, stream),
            };
            let login = postgres::Login { database, username, password };
            postgres::sign_in(steps, session, &login).await
        }
        Target::MySql { database, username, password, .. } => {
            let login = mysql::Login { database, username, password };
            mysql::probe(steps, stream, &host, mode, &login).await
        }
        Target::Redis { database, username, password, .. } => {
            let session = match mode {
                Mode::On(trust) => handshake_first(steps, stream, &host, trust, &redis::PLAIN).await?.into(),
                Mode::Off => without_tls(steps, stream),
            };
            redis::sign_in(steps, session, *database, username.as_deref(), password).await
        }
        Target::Blob { endpoint, account, key } => {
            let trust = mode.required();
            let session = handshake_first(steps, stream, &host, trust, &blob::PLAIN).await?;
            blob::sign_in(steps, session, endpoint, account, key).await
        }
        Target::Reach { opening, why_no_further, .. } => {
            open(steps, stream, &host, mode, opening).await?;
            let why = why_no_further.as_deref().unwrap_or(UNSPOKEN);
            steps.skip(CheckName::SignIn, why);
            steps.skip(CheckName::Access, why);
            Ok(())
        }
    }
}

/// What can be tried of a connection whose protocol isn't spoken.
async fn open(
    steps: &mut Steps,
    stream: TcpStream,
    host: &HostName,
    mode: Mode,
    opening: &Opening,
) -> Result<(), Found> {
    match (mode, opening) {
        (Mode::Off, _) => drop(without_tls(steps, stream)),
        (Mode::On(trust), Opening::Tls) => {
            handshake_first(steps, stream, host, trust, &tls::ANYTHING).await?;
        }
        (Mode::On(_), Opening::Unspoken { why }) => steps.skip(CheckName::Tls, why),
    }
    Ok(())
}

/// The server is spoken to as it is.
fn without_tls(steps: &mut Steps, stream: TcpStream) -> Session {
    steps.skip(CheckName::Tls, tls::OFF);
    Session::Readable(stream)
}

/// TLS where nothing comes before it. Some of the time is kept to find out who answers, if it isn't TLS.
async fn handshake_first(
    steps: &mut Steps,
    stream: TcpStream,
    host: &HostName,
    trust: tls::Prepared,
    plain: &tls::Plain,
) -> Result<TlsStream<TcpStream>, Found> {
    let limit = steps.left() / 2;
    steps.run(CheckName::Tls, tls::handshake_first(stream, host, trust, plain, limit)).await
}
