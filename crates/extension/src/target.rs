//! From a resolved connection to what the probe tries.

use std::time::Duration;

use sc_catalog::{ProbeFamily, Resolved};
use sc_model::{Failure, FailureCode, Result, SecretValue, ServiceConnectionSpec};
use sc_probe::{Request, Target, Trust};

/// What the probe is asked. `None` for auth types without a secret: their sign-in needs a token exchange.
pub(crate) fn request(
    spec: &ServiceConnectionSpec,
    resolved: &Resolved<'_>,
    secret: Option<SecretValue>,
    time_limit: Duration,
) -> Result<Option<Request>> {
    let Some(secret) = secret else { return Ok(None) };
    let trust = match &spec.target.tls {
        Some(tls) => Trust::Authorities(tls.ca_bundle.clone()),
        None => Trust::PublicAuthorities,
    };
    let (host, port) = (|| text(resolved, "host")?.parse(), || text(resolved, "port")?.parse());
    let target = match resolved.service().probe() {
        ProbeFamily::Postgres => Target::Postgres {
            host: host()?,
            port: port()?,
            database: text(resolved, "database")?,
            username: text(resolved, "username")?,
            password: secret,
        },
        ProbeFamily::Mysql => Target::MySql {
            host: host()?,
            port: port()?,
            database: text(resolved, "database")?,
            username: text(resolved, "username")?,
            password: secret,
        },
        ProbeFamily::Redis => Target::Redis {
            host: host()?,
            port: port()?,
            database: number(resolved, "database")?,
            username: None,
            password: secret,
        },
        ProbeFamily::Blob => Target::Blob {
            endpoint: text(resolved, "endpoint")?.parse()?,
            account: text(resolved, "account")?,
            key: secret,
        },
        _ => return Ok(None),
    };
    Ok(Some(Request { target, trust, time_limit }))
}

/// A parameter that the catalog has resolved; its absence would be a mistake in the catalog's file.
fn text(resolved: &Resolved<'_>, name: &str) -> Result<String> {
    resolved.parameter(name).map(str::to_owned).ok_or_else(|| {
        let service = resolved.service().name();
        Failure::new(
            FailureCode::InvalidConnection,
            format!("the catalog gives `{service}` no `{name}` to try"),
        )
    })
}

fn number(resolved: &Resolved<'_>, name: &str) -> Result<u32> {
    let given = text(resolved, name)?;
    given
        .parse()
        .map_err(|_| Failure::new(FailureCode::InvalidConnection, format!("`{given}` is not a valid {name}")))
}
