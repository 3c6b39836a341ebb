//! What a person's answer tells.

use sc_model::{AuthType, SecretValue};

/// What is to become of the defaults.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Defaults {
    /// The person is asked.
    Open,
    /// They stay.
    Kept,
    /// Each is asked.
    Changed,
}

/// What an answer tells.
#[derive(Debug, Default)]
pub(super) struct Answer {
    /// Words of the command line.
    pub(super) words: Vec<String>,
    /// The auth type, whose option comes with a later answer.
    pub(super) auth: Option<AuthType>,
    /// What becomes of the defaults.
    pub(super) defaults: Option<Defaults>,
    /// A secret, by its name.
    pub(super) secret: Option<(String, SecretValue)>,
}

impl Answer {
    pub(super) fn words(words: impl IntoIterator<Item = String>) -> Self {
        Self { words: words.into_iter().collect(), ..Self::default() }
    }
}
