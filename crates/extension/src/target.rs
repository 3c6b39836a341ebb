//! From a resolved connection to what the probe tries.

use std::time::Duration;

use sc_catalog::{ProbeFamily, Resolved};
use sc_model::{Failure, FailureCode, HostName, Port, Result, SecretValue, ServiceConnectionSpec};
use sc_probe::{Opening, Request, Target, Trust};

/// What the probe is asked. `None` where nothing is known about where the target is.
///
/// Without a secret the target is only reached: an identity's sign-in needs a token exchange.
pub(crate) fn request(
    spec: &ServiceConnectionSpec,
    resolved: &Resolved<'_>,
    secret: Option<SecretValue>,
    time_limit: Duration,
) -> Result<Option<Request>> {
    let trust = match (&spec.target.tls, resolved.parameter("tls")) {
        (_, Some("off")) => Trust::TlsOff,
        (Some(tls), _) => Trust::Authorities(tls.ca_bundle.clone()),
        (None, _) => Trust::PublicAuthorities,
    };
    let target = match (secret, resolved.service().probe()) {
        (_, ProbeFamily::Nothing) => return Ok(None),
        (Some(secret), ProbeFamily::Postgres) => {
            let (host, port) = address(resolved)?;
            let (database, username) = (text(resolved, "database")?, text(resolved, "username")?);
            Target::Postgres { host, port, database, username, password: secret }
        }
        (Some(secret), ProbeFamily::Mysql) => {
            let (host, port) = address(resolved)?;
            let (database, username) = (text(resolved, "database")?, text(resolved, "username")?);
            Target::MySql { host, port, database, username, password: secret }
        }
        (Some(secret), ProbeFamily::Redis) => {
            let (host, port) = address(resolved)?;
            let username = resolved.parameter("username").map(str::to_owned);
            Target::Redis { host, port, database: number(resolved, "database")?, username, password: secret }
        }
        (Some(secret), ProbeFamily::Blob) => Target::Blob {
            endpoint: text(resolved, "endpoint")?.parse()?,
            account: text(resolved, "account")?,
            key: secret,
        },
        (secret, family) => {
            let (host, port) = address(resolved)?;
            let why_no_further = secret.is_none().then(|| NO_TOKEN.to_owned());
            Target::Reach { host, port, opening: opening(family), why_no_further }
        }
    };
    Ok(Some(Request { target, trust, time_limit }))
}

/// Why an identity's sign-in isn't tried.
const NO_TOKEN: &str =
    "an identity signs in with a token of its own, which isn't asked for yet; the server was reached";

/// How a server of a family is reached that isn't spoken with.
fn opening(family: ProbeFamily) -> Opening {
    let begins_inside = match family {
        ProbeFamily::Postgres => "PostgreSQL",
        ProbeFamily::Mysql => "MySQL",
        ProbeFamily::SqlServer => "SQL Server",
        _ => return Opening::Tls,
    };
    Opening::Unspoken {
        why: format!(
            "{begins_inside} begins TLS inside its own protocol, which isn't spoken without a sign-in"
        ),
    }
}

/// Where the target is: by its address in the catalog, by host and port, or by the URL that is its endpoint.
fn address(resolved: &Resolved<'_>) -> Result<(HostName, Port)> {
    if let (Some(host), Some(port)) = (resolved.parameter("host"), resolved.parameter("port")) {
        return Ok((host.parse()?, port.parse()?));
    }
    let address = match resolved.address() {
        Some(address) => address,
        None => text(resolved, "endpoint")?,
    };
    if address.starts_with("https://") || address.starts_with("http://") {
        let usual = if address.starts_with("https://") { "443" } else { "80" };
        let rest = address.split_once("://").map_or(address.as_str(), |(_, rest)| rest);
        let authority = rest.split('/').next().unwrap_or(rest);
        return host_and_port(authority, Some(usual));
    }
    // Of several servers the first stands for all, as a client would begin with it.
    host_and_port(address.split(',').next().unwrap_or(&address), None)
}

/// `host:port`, `[fd00::1]:port`, or with a usual port `host` alone.
fn host_and_port(authority: &str, usual: Option<&str>) -> Result<(HostName, Port)> {
    let (host, port) = match authority.strip_prefix('[').and_then(|open| open.split_once(']')) {
        Some((host, port)) => (host, port.strip_prefix(':')),
        None => match authority.rsplit_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        },
    };
    let port = port.or(usual).ok_or_else(|| {
        Failure::new(FailureCode::InvalidConnection, format!("`{authority}` names no port to try"))
    })?;
    Ok((host.parse()?, port.parse()?))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_found_in_whatever_names_it() {
        let found = |authority: &str, usual| {
            let (host, port) = host_and_port(authority, usual).ok()?;
            Some(format!("{host} {port}"))
        };
        assert_eq!(found("kafka.shop:9093", None).as_deref(), Some("kafka.shop 9093"));
        assert_eq!(found("[fd00::1]:9093", None).as_deref(), Some("fd00::1 9093"));
        assert_eq!(
            found("shop.queue.core.windows.net", Some("443")).as_deref(),
            Some("shop.queue.core.windows.net 443")
        );
        assert_eq!(found("shop", None), None);
    }
}
