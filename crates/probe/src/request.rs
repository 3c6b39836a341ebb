//! What is to be tried.

use std::str::FromStr;
use std::time::Duration;

use sc_model::{Failure, FailureCode, HostName, Port, SecretValue};

/// One target, and how it may be tried.
#[derive(Clone, Debug)]
pub struct Request {
    /// What to connect to.
    pub target: Target,
    /// Whose certificates are trusted.
    pub trust: Trust,
    /// How long all steps together may take.
    pub time_limit: Duration,
}

/// Whose signature under the server's certificate is trusted.
#[derive(Clone, Debug)]
pub enum Trust {
    /// The publicly known authorities (Mozilla's list, as webpki-roots carries it).
    PublicAuthorities,
    /// Only these, as PEM.
    Authorities(String),
}

/// A target by its protocol.
#[derive(Clone, Debug)]
pub enum Target {
    /// PostgreSQL.
    Postgres {
        /// Where it is.
        host: HostName,
        /// Its port.
        port: Port,
        /// The database.
        database: String,
        /// The user.
        username: String,
        /// The user's password.
        password: SecretValue,
    },
    /// MySQL or MariaDB.
    MySql {
        /// Where it is.
        host: HostName,
        /// Its port.
        port: Port,
        /// The database.
        database: String,
        /// The user.
        username: String,
        /// The user's password.
        password: SecretValue,
    },
    /// Redis.
    Redis {
        /// Where it is.
        host: HostName,
        /// Its TLS port.
        port: Port,
        /// The number of the database.
        database: u32,
        /// The ACL user; none for the default one.
        username: Option<String>,
        /// The password or access key.
        password: SecretValue,
    },
    /// Azure Blob Storage, or what speaks like it.
    Blob {
        /// The blob service.
        endpoint: Endpoint,
        /// The account.
        account: String,
        /// The account's key, Base64.
        key: SecretValue,
    },
}

impl Target {
    /// Where the target is.
    pub fn address(&self) -> (HostName, Port) {
        match self {
            Self::Postgres { host, port, .. } | Self::MySql { host, port, .. } | Self::Redis { host, port, .. } => {
                (host.clone(), *port)
            }
            Self::Blob { endpoint, .. } => (endpoint.host.clone(), endpoint.port),
        }
    }
}

/// An HTTPS endpoint: `https://host[:port]/[path]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The host.
    pub host: HostName,
    /// The port; 443 if it is left out.
    pub port: Port,
    /// The path, beginning with `/` and not ending with one, or empty.
    pub path: String,
}

impl FromStr for Endpoint {
    type Err = Failure;

    fn from_str(given: &str) -> Result<Self, Failure> {
        let refuse = |rule: &str| Failure::new(FailureCode::InvalidName, format!("`{given}` can't be tried as an endpoint")).because(rule);
        let rest = given.strip_prefix("https://").ok_or_else(|| refuse("it has to begin with https://: a key isn't sent without TLS"))?;
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => (host, port.parse()?),
            _ => (authority, "443".parse()?),
        };
        let host = host.trim_start_matches('[').trim_end_matches(']').parse()?;
        let path = path.trim_end_matches('/');
        let path = if path.is_empty() { String::new() } else { format!("/{path}") };
        Ok(Self { host, port, path })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_read_into_its_parts() {
        let endpoint: Endpoint = "https://storage.example:10000/account/".parse().unwrap();
        assert_eq!((endpoint.host.as_str(), endpoint.port.number(), endpoint.path.as_str()), ("storage.example", 10000, "/account"));
        let endpoint: Endpoint = "https://acct.blob.core.windows.net/".parse().unwrap();
        assert_eq!((endpoint.port.number(), endpoint.path.as_str()), (443, ""));
        assert!("http://storage.example".parse::<Endpoint>().unwrap_err().cause.unwrap().contains("TLS"));
    }
}
