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

/// The same for programs that sign in by a token: who signed it isn't asked. A service of its own, because with tokens Azurite
/// answers to a wrong key in another way than Azure does.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AzuriteForTokens(pub Azurite);

impl sealed::Start for Azurite {
    const NAME: &'static str = "azurite";

    fn start(place: &Place<'_>, progress: &dyn Progress) -> Result<Self> {
        start(Self::NAME, [10000, 10001, 10002], &[], place, progress)
    }
}

impl sealed::Start for AzuriteForTokens {
    const NAME: &'static str = "azurite-tokens";

    fn start(place: &Place<'_>, progress: &dyn Progress) -> Result<Self> {
        start(Self::NAME, [10010, 10011, 10012], &["--oauth", "basic"], place, progress).map(Self)
    }
}

fn start(
    name: &'static str,
    [blobs, queues, tables]: [u16; 3],
    options: &[&str],
    place: &Place<'_>,
    progress: &dyn Progress,
) -> Result<Azurite> {
    let (node, _) = packages::node_and_npm()?;
    toolchain::npm_modules(progress)?;
    let (account, key) = ("shopstore", STANDARD.encode(password()?));
    place.folder.make(name)?;
    let mut server = Program::new(name, node).args(["/run/modules/node_modules/azurite/dist/src/azurite.js"]);
    for (kind, port) in [("blob", blobs), ("queue", queues), ("table", tables)] {
        server = server.args([format!("--{kind}Host={NODE}"), format!("--{kind}Port={port}")]);
    }
    let server = server
        .args([
            "--location",
            &format!("/run/{name}"),
            "--cert",
            "/run/certificates/services.crt",
            "--key",
            "/run/certificates/services.key",
            "--skipApiVersionCheck",
            "--disableTelemetry",
        ])
        .args(options)
        .variable("AZURITE_ACCOUNTS", format!("{account}:{key}"))
        .start(place.sandbox, place.folder)?;
    for port in [blobs, queues, tables] {
        server.wait_for_port(port, LIMIT)?;
    }
    let host = format!("{account}.{DOMAIN}");
    let endpoint = |port| format!("https://{host}:{port}");
    Ok(Azurite {
        endpoint: endpoint(blobs),
        queue_endpoint: endpoint(queues),
        table_endpoint: endpoint(tables),
        host,
        address: NODE.to_owned(),
        port: blobs,
        queue_port: queues,
        table_port: tables,
        account: account.to_owned(),
        key,
        ca: place.folder.join("services-ca.crt"),
    })
}
