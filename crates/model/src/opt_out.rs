//! What of a connection the person takes care of.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::kind::OptOut;

/// The parts of a connection that the connector leaves to the person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct OptOuts(BTreeSet<OptOut>);

impl OptOuts {
    /// Whether the connector takes care of everything.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether no ServiceAccount is made.
    pub fn leave_out_account(&self) -> bool {
        self.0.contains(&OptOut::Auth)
    }

    /// Whether no Secret is written.
    pub fn leave_out_variables(&self) -> bool {
        self.0.contains(&OptOut::ConfigInfo)
    }

    /// Whether nothing needs to be known about the sign-in: neither a variable nor a ServiceAccount tells of it.
    pub fn leave_out_sign_in(&self) -> bool {
        self.leave_out_account() && self.leave_out_variables()
    }
}

impl FromIterator<OptOut> for OptOuts {
    fn from_iter<I: IntoIterator<Item = OptOut>>(parts: I) -> Self {
        Self(parts.into_iter().collect())
    }
}
