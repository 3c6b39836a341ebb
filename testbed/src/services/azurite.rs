//! Azurite, Microsoft's own emulator of Azure Storage: blobs, by HTTPS.

use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::{LIMIT, Place, password, sealed};
use crate::error::Result;
use crate::network::{DOMAIN, NODE};
use crate::program::Program;
use crate::progress::Progress;
use crate::{packages, toolchain};

/// How to reach the storage emulator beside a cluster.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Azurite {
    /// Its name, known to pods. As with Azure, its first part is the account.
    pub host: String,
    /// Its address, known everywhere in the cluster's network.
    pub address: String,
    /// Its port.
    pub port: u16,
    /// The storage account.
    pub account: String,
    /// The account's key, base64.
    pub key: String,
    /// Where the account's blobs are, for pods. By [`Azurite::address`] it is `https://ADDRESS:PORT/ACCOUNT`.
    pub endpoint: String,
    /// The authority that signed its certificate, PEM.
    pub ca: PathBuf,
}

const PORT: u16 = 10000;

impl sealed::Start for Azurite {
    const NAME: &'static str = "azurite";

    fn start(place: &Place<'_>, progress: &dyn Progress) -> Result<Self> {
        let (node, _) = packages::node_and_npm()?;
        toolchain::npm_modules(progress)?;
        let (account, key) = ("shopstore", STANDARD.encode(password()?));
        place.folder.make("azurite")?;
        let server = Program::new(Self::NAME, node)
            .args([
                "/run/modules/node_modules/azurite/dist/src/blob/main.js",
                "--blobHost",
                NODE,
                "--blobPort",
                "10000",
                "--location",
                "/run/azurite",
                "--cert",
                "/run/certificates/services.crt",
                "--key",
                "/run/certificates/services.key",
                "--skipApiVersionCheck",
                "--disableTelemetry",
            ])
            .variable("AZURITE_ACCOUNTS", format!("{account}:{key}"))
            .start(place.sandbox, place.folder)?;
        server.wait_for_port(PORT, LIMIT)?;
        let host = format!("{account}.{DOMAIN}");
        Ok(Self {
            endpoint: format!("https://{host}:{PORT}"),
            host,
            address: NODE.to_owned(),
            port: PORT,
            account: account.to_owned(),
            key,
            ca: place.folder.join("services-ca.crt"),
        })
    }
}
