//! The Versity gateway: storage that speaks as S3 does, by HTTPS, and checks AWS' signatures.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{LIMIT, Place, password, sealed};
use crate::error::Result;
use crate::extras;
use crate::network::{DOMAIN, NODE};
use crate::program::Program;
use crate::progress::Progress;

/// How to reach the S3-compatible storage beside a cluster.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct S3 {
    /// Its URL, for pods. By [`S3::address`] it is `https://ADDRESS:PORT`.
    pub endpoint: String,
    /// Its address, known everywhere in the cluster's network.
    pub address: String,
    /// Its port.
    pub port: u16,
    /// The region that requests are signed for.
    pub region: String,
    /// A bucket that is there from the beginning.
    pub bucket: String,
    /// The id of an access key.
    pub access_key_id: String,
    /// The secret of the access key.
    pub secret_access_key: String,
    /// The authority that signed its certificate, PEM.
    pub ca: PathBuf,
}

const PORT: u16 = 7070;

impl sealed::Start for S3 {
    const NAME: &'static str = "s3";

    fn start(place: &Place<'_>, progress: &dyn Progress) -> Result<Self> {
        let program = extras::versitygw(progress)?;
        let (access_key_id, secret_access_key) = ("SHOPACCESSKEY".to_owned(), password()?);
        // A bucket is a folder.
        place.folder.make("s3/shop")?;
        let server = Program::new(Self::NAME, program)
            .args([
                "--port",
                &format!("{NODE}:{PORT}"),
                "--cert",
                "/run/certificates/services.crt",
                "--key",
                "/run/certificates/services.key",
                "--quiet",
                "posix",
                "/run/s3",
            ])
            .variable("ROOT_ACCESS_KEY_ID", access_key_id.clone())
            .variable("ROOT_SECRET_ACCESS_KEY", secret_access_key.clone())
            .start(place.sandbox, place.folder)?;
        server.wait_for_port(PORT, LIMIT)?;
        Ok(Self {
            endpoint: format!("https://s3.{DOMAIN}:{PORT}"),
            address: NODE.to_owned(),
            port: PORT,
            region: "us-east-1".to_owned(),
            bucket: "shop".to_owned(),
            access_key_id,
            secret_access_key,
            ca: place.folder.join("services-ca.crt"),
        })
    }
}
