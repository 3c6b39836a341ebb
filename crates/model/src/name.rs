//! Names and addresses, checked once at the door: what a person calls a connection, and what Kubernetes accepts.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::failure::{Failure, FailureCode, Result};

/// The longest connection name taken, in characters: it has to fit into a Kubernetes label value (63), because the
/// objects of a connection are found by a label. The original sets no limit.
pub const CONNECTION_NAME_LIMIT: usize = 63;

/// The name a person gives a connection: the original's rule (`[A-Za-z0-9._]+`) and Kubernetes' habit (`-`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ConnectionName(String);

impl ConnectionName {
    /// The name as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name of the custom resource: lower case, with `-` where Kubernetes allows neither `.` nor `_`.
    ///
    /// Names that fall on one custom resource also share a Secret, so they are refused as a conflict before this matters.
    pub fn object_name(&self) -> ObjectName {
        let dashed: String = self
            .0
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' })
            .collect();
        ObjectName(dashed.trim_matches('-').to_owned())
    }

    /// The name of the connection's Secret: `sc-<letters and digits>-secret`, as the original names it.
    ///
    /// In lower case, because Kubernetes refuses upper case (the original's CLI doesn't lower it; its service must).
    pub fn secret_name(&self) -> ObjectName {
        ObjectName(format!("sc-{}-secret", self.letters_and_digits()))
    }

    /// What decides the Secret's name: two connections of a namespace must differ in it.
    fn letters_and_digits(&self) -> String {
        self.0.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
    }
}

impl FromStr for ConnectionName {
    type Err = Failure;

    fn from_str(given: &str) -> Result<Self> {
        let refuse = |rule: &str| {
            Err(Failure::new(
                FailureCode::InvalidName,
                format!("`{given}` can't be the name of a connection"),
            )
            .because(rule))
        };
        if given.is_empty() {
            return refuse("a connection name can't be empty");
        }
        if let Some(bad) = given.chars().find(|c| !(c.is_ascii_alphanumeric() || "._-".contains(*c))) {
            return refuse(&format!(
                "it may hold letters, digits, `.`, `_` and `-`, but not `{}`",
                bad.escape_debug()
            ));
        }
        if given.len() > CONNECTION_NAME_LIMIT {
            return refuse(&format!(
                "it has {} characters; {CONNECTION_NAME_LIMIT} is the most",
                given.len()
            ));
        }
        if !given.chars().any(|c| c.is_ascii_alphanumeric()) {
            return refuse("it needs at least one letter or digit");
        }
        Ok(Self(given.to_owned()))
    }
}

/// A namespace's name: a DNS label (RFC 1123).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Namespace(String);

impl Namespace {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Namespace {
    type Err = Failure;

    fn from_str(given: &str) -> Result<Self> {
        check_label(given, "namespace").map(Self)
    }
}

/// The name of a Kubernetes object: a DNS subdomain (RFC 1123).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ObjectName(String);

impl ObjectName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ObjectName {
    type Err = Failure;

    fn from_str(given: &str) -> Result<Self> {
        let rule = "lower-case letters, digits, `-` and `.`, at most 253 characters, each part beginning and ending with a letter or digit";
        if given.len() <= 253 && given.split('.').all(is_label_body) {
            Ok(Self(given.to_owned()))
        } else {
            Err(invalid(given, "object name", rule))
        }
    }
}

/// A key in a Secret: letters, digits, `-`, `_` and `.`, at most 253 characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SecretKey(String);

impl FromStr for SecretKey {
    type Err = Failure;

    fn from_str(given: &str) -> Result<Self> {
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if (1..=253).contains(&given.len()) && given.chars().all(is_allowed) {
            Ok(Self(given.to_owned()))
        } else {
            Err(invalid(
                given,
                "key of a Secret",
                "letters, digits, `-`, `_` and `.`, at most 253 characters",
            ))
        }
    }
}

/// The name of an environment variable that a Secret's key can become: what every supported Kubernetes takes in `envFrom`
/// (`IsEnvVarName` in k8s.io/apimachinery's validation), which includes Spring's dotted names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct VariableName(String);

impl VariableName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for VariableName {
    type Err = Failure;

    fn from_str(given: &str) -> Result<Self> {
        given.parse::<SecretKey>().map_err(|_| not_a_variable(given))?;
        // `.` and `..` would also be paths; Kubernetes refuses them as keys of a Secret.
        if given.starts_with(|c: char| c.is_ascii_digit()) || given.chars().all(|c| c == '.') {
            return Err(not_a_variable(given));
        }
        Ok(Self(given.to_owned()))
    }
}

fn not_a_variable(given: &str) -> Failure {
    let shown: String = given.chars().take(80).collect();
    Failure::new(
        FailureCode::InvalidName,
        format!("`{}` can't be the name of an environment variable", shown.escape_debug()),
    )
    .because(
        "it may hold letters, digits, `_`, `-` and `.`, at most 253 characters, and can't begin with a digit",
    )
}

/// Where a server is: a DNS name or an IP address, without scheme, port or path.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HostName(String);

impl HostName {
    /// The host as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for HostName {
    type Err = Failure;

    fn from_str(given: &str) -> Result<Self> {
        if given.parse::<IpAddr>().is_ok() {
            return Ok(Self(given.to_owned()));
        }
        let rule = if given.contains("://") || given.contains('/') {
            "only the host is wanted: leave out the scheme, the path and the port"
        } else if given.contains(':') {
            "only the host is wanted: give the port by its own option"
        } else {
            "it has to be a DNS name (letters, digits, `-`, separated by `.`, at most 253 characters) or an IP address"
        };
        let name = given.strip_suffix('.').unwrap_or(given);
        // Underscores are no host names by RFC 1123, but resolvers and private zones know them.
        let is_part = |part: &str| {
            (1..=63).contains(&part.len())
                && !part.starts_with('-')
                && !part.ends_with('-')
                && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
        };
        if name.len() <= 253 && name.split('.').all(is_part) {
            Ok(Self(given.to_owned()))
        } else {
            Err(invalid(given, "host", rule))
        }
    }
}

/// A TCP port, 1 to 65535.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Port(std::num::NonZeroU16);

impl Port {
    /// The port's number.
    pub fn number(self) -> u16 {
        self.0.get()
    }
}

impl FromStr for Port {
    type Err = Failure;

    fn from_str(given: &str) -> Result<Self> {
        given
            .parse()
            .map(Self)
            .map_err(|_| invalid(given, "port", "it has to be a whole number from 1 to 65535"))
    }
}

/// Checks a DNS label (RFC 1123): lower-case letters, digits and `-`, at most 63.
pub(crate) fn check_label(given: &str, what: &str) -> Result<String> {
    if is_label_body(given) && given.len() <= 63 {
        Ok(given.to_owned())
    } else {
        Err(invalid(
            given,
            what,
            "lower-case letters, digits and `-`, at most 63 characters, beginning and ending with a letter or digit",
        ))
    }
}

fn is_label_body(part: &str) -> bool {
    !part.is_empty()
        && !part.starts_with('-')
        && !part.ends_with('-')
        && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

fn invalid(given: &str, what: &str, rule: &str) -> Failure {
    Failure::new(FailureCode::InvalidName, format!("`{}` is not a valid {what}", given.escape_debug()))
        .because(rule)
}

/// Text conversions that every name has.
macro_rules! text {
    ($($name:ident),+) => { $(
        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result { formatter.pad(&self.0) }
        }
        impl TryFrom<String> for $name {
            type Error = Failure;
            fn try_from(given: String) -> Result<Self> { given.parse() }
        }
        impl From<$name> for String {
            fn from(name: $name) -> Self { name.0 }
        }
        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str { &self.0 }
        }
    )+ };
}
text!(ConnectionName, Namespace, ObjectName, SecretKey, VariableName, HostName);

impl fmt::Display for Port {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_that_share_a_secret_are_seen_to_share_it() {
        let secret = |name: &str| name.parse::<ConnectionName>().unwrap().secret_name();
        assert_eq!(secret("a_b").as_str(), "sc-ab-secret");
        assert_eq!(secret("a_b"), secret("a.b"));
        assert_eq!(secret("a_b"), secret("AB"));
        assert_ne!(secret("a_b"), secret("a_c"));
    }

    #[test]
    fn refusals_name_the_value_and_the_rule() {
        for (given, part) in [("", "empty"), ("a b", "not ` `"), ("..", "letter or digit"), ("ä", "not `ä`")]
        {
            let failure = given.parse::<ConnectionName>().unwrap_err();
            assert!(
                failure.message.contains(given) && failure.cause.clone().unwrap().contains(part),
                "{failure:?}"
            );
        }
        assert!("x".repeat(64).parse::<ConnectionName>().is_err());
        assert!("Shop".parse::<Namespace>().is_err());
        assert!("https://db.example".parse::<HostName>().unwrap_err().cause.unwrap().contains("scheme"));
        assert!("db.example:5432".parse::<HostName>().unwrap_err().cause.unwrap().contains("port"));
        assert!("0".parse::<Port>().is_err());
        assert!("65536".parse::<Port>().is_err());
        assert!("::1".parse::<HostName>().is_ok());
        assert!("pass:word".parse::<SecretKey>().unwrap_err().message.contains("pass:word"));
        assert!("db_pass.word-1".parse::<SecretKey>().is_ok());
    }

    proptest! {
        #[test]
        fn every_accepted_name_gives_names_that_kubernetes_accepts(given in "[A-Za-z0-9._-]{1,63}") {
            if let Ok(name) = given.parse::<ConnectionName>() {
                prop_assert!(name.object_name().as_str().parse::<Namespace>().is_ok());
                prop_assert!(name.secret_name().as_str().parse::<ObjectName>().is_ok());
            }
        }

        #[test]
        fn no_text_makes_a_parser_panic(given in ".*") {
            let _ = (given.parse::<ConnectionName>(), given.parse::<HostName>(), given.parse::<Port>(), given.parse::<ObjectName>());
        }
    }
}
