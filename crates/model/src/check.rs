//! What a validation found out: one line a question, in the order a connection is made.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::failure::FailureCode;

/// A question a validation answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CheckName {
    /// The Secret holds what the connection says.
    Secret,
    /// The host's name resolves.
    Dns,
    /// The port accepts a connection.
    Tcp,
    /// The server's certificate is trusted and made out to the host.
    Tls,
    /// The server takes the user and the secret.
    SignIn,
    /// The database, container or keyspace is there and may be used.
    Access,
}

impl fmt::Display for CheckName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Secret => "Secret",
            Self::Dns => "DNS",
            Self::Tcp => "TCP",
            Self::Tls => "TLS",
            Self::SignIn => "Sign-in",
            Self::Access => "Access",
        })
    }
}

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// It holds.
    Passed,
    /// It doesn't; `cause` and `remedy` say more.
    Failed,
    /// It does not apply, or an earlier failure left nothing to try.
    Skipped,
}

/// One line of a validation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Check {
    /// The question.
    pub name: CheckName,
    /// The answer.
    pub outcome: Outcome,
    /// What was found, in a few words: `10.231.0.1`, `TLS 1.3, certificate valid until 2027-01-02`. Never a secret.
    pub detail: String,
    /// The stable code of a failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<FailureCode>,
    /// Why it failed, as found out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
    /// How long it took, in milliseconds.
    pub milliseconds: u64,
}

/// A whole validation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The checks, in order.
    pub checks: Vec<Check>,
}

impl Report {
    /// The first check that failed, if any.
    pub fn failure(&self) -> Option<&Check> {
        self.checks.iter().find(|check| check.outcome == Outcome::Failed)
    }

    /// Whether nothing failed.
    pub fn is_valid(&self) -> bool {
        self.failure().is_none()
    }
}
