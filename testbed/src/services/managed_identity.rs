//! A sandbox of the endpoint by which Azure gives tokens to programs: the one part of a sign-in by identity that has nothing
//! real here. With its tokens the libraries of every language use [`super::AzuriteForTokens`].

use serde::{Deserialize, Serialize};

use super::{LIMIT, Place, password, sealed};
use crate::error::Result;
use crate::network::NODE;
use crate::packages;
use crate::program::Program;
use crate::progress::Progress;

/// How a program beside a cluster gets tokens.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ManagedIdentity {
    /// What `IDENTITY_ENDPOINT` has to be.
    pub endpoint: String,
    /// What `IDENTITY_HEADER` has to be.
    pub header: String,
}

const PORT: u16 = 10300;
const SANDBOX: &str = include_str!("../../sandbox/managed-identity.js");

impl sealed::Start for ManagedIdentity {
    const NAME: &'static str = "managed-identity";

    fn start(place: &Place<'_>, _: &dyn Progress) -> Result<Self> {
        let (node, _) = packages::node_and_npm()?;
        let header = password()?;
        // Into the cluster's folder: inside, the checkout can't be seen wherever it lies.
        place.folder.write("managed-identity.js", SANDBOX)?;
        let server = Program::new(Self::NAME, node)
            .args(["/run/managed-identity.js", NODE, &PORT.to_string()])
            .variable("IDENTITY_HEADER", header.clone())
            .start(place.sandbox, place.folder)?;
        server.wait_for_port(PORT, LIMIT)?;
        Ok(Self { endpoint: format!("http://{NODE}:{PORT}/msi/token"), header })
    }
}
