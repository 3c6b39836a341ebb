//! Azurite, Microsoft's own emulator of Azure Storage: blobs, queues and tables, by HTTPS.

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
    /// The port of the blobs.
    pub port: u16,
    /// The port of the queues.
    pub queue_port: u16,
    /// The port of the tables.
    pub table_port: u16,
    /// The storage account.
    pub account: String,
    /// The account's key, base64.
    pub key: String,
    /// Where the account's blobs are, for pods. By [`Azurite::address`] it is `https://ADDRESS:PORT/ACCOUNT`.
    pub endpoint: String,
    /// The same for its queues.
    pub queue_endpoint: String,
    /// The same for its tables.
    pub table_endpoint: String,
    /// The authority that signed its certificate, PEM.
    pub ca: PathBuf,
}

const BLOBS: u16 = 10000;
const QUEUES: u16 = 10001;
const TABLES: u16 = 10002;

impl sealed::Start for Azurite {
    const NAME: &'static str = "azurite";

    fn start(place: &Place<'_>, progress: &dyn Progress) -> Result<Self> {
        let (node, _) = packages::node_and_npm()?;
        toolchain::npm_modules(progress)?;
        let (account, key) = ("shopstore", STANDARD.encode(password()?));
        place.folder.make("azurite")?;
        let mut server =
            Program::new(Self::NAME, node).args(["/run/modules/node_modules/azurite/dist/src/azurite.js"]);
        for (kind, port) in [("blob", BLOBS), ("queue", QUEUES), ("table", TABLES)] {
            server = server.args([format!("--{kind}Host={NODE}"), format!("--{kind}Port={port}")]);
        }
        let server = server
            .args([
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
        for port in [BLOBS, QUEUES, TABLES] {
            server.wait_for_port(port, LIMIT)?;
        }
        let host = format!("{account}.{DOMAIN}");
        let endpoint = |port| format!("https://{host}:{port}");
        Ok(Self {
            endpoint: endpoint(BLOBS),
            queue_endpoint: endpoint(QUEUES),
            table_endpoint: endpoint(TABLES),
            host,
            address: NODE.to_owned(),
            port: BLOBS,
            queue_port: QUEUES,
            table_port: TABLES,
            account: account.to_owned(),
            key,
            ca: place.folder.join("services-ca.crt"),
        })
    }
}
