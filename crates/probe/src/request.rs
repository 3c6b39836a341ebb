//! What is to be tried.

use std::str::FromStr;
use std::time::Duration;

use sc_model::{Failure, FailureCode, HostName, Port, SecretValue};

/// One target, and how it may be tried.
#[derive(Clone, Debug)]
pub struct Request {
    /// What to connect to.
    pub target: Target,
    /// Whose certificates are trusted, or that the server has none.
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
    /// Nobody's: the person said that the server has no TLS (`tls: off`). It is then spoken to without, as the workload
    /// will do; nothing else leads to that.
    TlsOff,
}

/// How a connection to a server begins whose protocol isn't spoken here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opening {
    /// With TLS, which is tried and verified.
    Tls,
    /// With words of the protocol, as SQL Server's does: TLS isn't tried.
    Unspoken {
        /// Why not, for the line of TLS.
        why: String,
    },
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
        /// Its port: the one for TLS, unless that is off.
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
    /// A server whose protocol isn't spoken here: it is reached, its certificate verified, and no more.
    Reach {
        /// Where it is.
        host: HostName,
        /// Its port.
        port: Port,
        /// What a connection begins with.
        opening: Opening,
        /// Why sign-in and access aren't tried, if there is more to say than that the protocol isn't spoken.
        why_no_further: Option<String>,
    },
}

impl Target {
    /// Where the target is.
    pub fn address(&self) -> (HostName, Port) {
        match self {
            Self::Postgres { host, port, .. }
            | Self::MySql { host, port, .. }
            | Self::Redis { host, port, .. }
            | Self::Reach { host, port, .. } => (host.clone(), *port),
            Self::Blob { endpoint, .. } => (endpoint.host().clone(), endpoint.port()),
        }
    }
}

/// An HTTPS endpoint: `https://host[:port]/[path]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    host: HostName,
    port: Port,
    path: String,
}

impl Endpoint {
    /// The host.
    pub fn host(&self) -> &HostName {
        &self.host
    }

    /// The port; 443 if it was left out.
    pub fn port(&self) -> Port {
        self.port
    }

    /// The path, beginning with `/` and not ending with one, or empty.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Host and port as HTTP names them: without the port that is understood, an IPv6 address in brackets.
    pub(crate) fn authority(&self) -> String {
        let host =
            if self.host.as_str().contains(':') { format!("[{}]", self.host) } else { self.host.to_string() };
        match self.port.number() {
            443 => host,
            port => format!("{host}:{port}"),
        }
    }
}

impl FromStr for Endpoint {
    type Err = Failure;

    fn from_str(given: &str) -> Result<Self, Failure> {
        // A query may hold a signature, and what stands before an `@` a password: neither is repeated.
        let visible = given.split(['?', '#']).next().unwrap_or_default();
        let visible = visible.rsplit_once('@').map_or(visible, |(_, host)| host);
        let refuse = |rule: &str| {
            Failure::new(
                FailureCode::InvalidName,
                format!("`{}` can't be tried as an endpoint", visible.escape_debug()),
            )
            .because(rule)
        };
        let rest = given
            .strip_prefix("https://")
            .ok_or_else(|| refuse("it has to begin with https://: a key isn't sent without TLS"))?;
        if rest.contains(['?', '#', '@']) {
            return Err(refuse("only scheme, host, port and path are wanted"));
        }
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => (host, port.parse()?),
            _ => (authority, "443".parse()?),
        };
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host).parse()?;
        let path = path.trim_end_matches('/');
        if !path.chars().all(|c| c.is_ascii_alphanumeric() || "/-._~%".contains(c)) {
            return Err(refuse("its path may hold letters, digits, `-`, `.`, `_`, `~`, `%` and `/`"));
        }
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
        assert_eq!(
            (endpoint.host.as_str(), endpoint.port.number(), endpoint.path.as_str()),
            ("storage.example", 10000, "/account")
        );
        let endpoint: Endpoint = "https://acct.blob.core.windows.net/".parse().unwrap();
        assert_eq!((endpoint.port.number(), endpoint.path.as_str()), (443, ""));
        let endpoint: Endpoint = "https://[::1]:10000/account".parse().unwrap();
        assert_eq!((endpoint.host.as_str(), endpoint.authority().as_str()), ("::1", "[::1]:10000"));
        assert!("http://storage.example".parse::<Endpoint>().unwrap_err().cause.unwrap().contains("TLS"));
    }

    #[test]
    fn a_refused_endpoint_does_not_repeat_its_signature_or_password() {
        for given in [
            "https://storage.example/?sig=canary",
            "https://me:canary@storage.example/",
            "https://storage.example/#canary",
        ] {
            let failure = given.parse::<Endpoint>().unwrap_err();
            assert!(!format!("{failure:?}").contains("canary"), "{failure:?}");
        }
        assert!("https://storage.example/a b".parse::<Endpoint>().is_err());
    }
}
