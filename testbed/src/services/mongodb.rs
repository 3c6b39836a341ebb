//! FerretDB: what drivers of MongoDB speak with, TLS only, passwords by SCRAM. (MongoDB itself can't be had from a registry.)

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{LIMIT, Place, password, sealed};
use crate::error::Result;
use crate::network::{DOMAIN, NODE};
use crate::program::Program;
use crate::progress::Progress;
use crate::{extras, interrupt};

/// How to reach the MongoDB-wire server beside a cluster.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct MongoDb {
    /// Its name, known to pods.
    pub host: String,
    /// Its address, known everywhere in the cluster's network.
    pub address: String,
    /// Its port.
    pub port: u16,
    /// A database to use.
    pub database: String,
    /// A user of the database `admin`.
    pub username: String,
    /// The user's password.
    pub password: String,
    /// The authority that signed its certificate, PEM.
    pub ca: PathBuf,
}

const PORT: u16 = 27017;

impl sealed::Start for MongoDb {
    const NAME: &'static str = "mongodb";

    fn start(place: &Place<'_>, progress: &dyn Progress) -> Result<Self> {
        let program = extras::ferretdb(progress)?;
        let (username, password) = ("shop".to_owned(), password()?);
        // A user that is there already would keep the password it had.
        let mut furnish = place.sandbox.inside("sh");
        furnish.arg("-euc").arg("rm -rf /run/mongodb && mkdir -p /run/mongodb/data");
        interrupt::run(&mut furnish, "make the data folder of FerretDB")?;
        let server = Program::new(Self::NAME, program)
            .args([
                "--handler=sqlite",
                "--sqlite-url=file:/run/mongodb/data/",
                "--state-dir=/run/mongodb",
                "--listen-addr=",
                &format!("--listen-tls={NODE}:{PORT}"),
                "--listen-tls-cert-file=/run/certificates/services.crt",
                "--listen-tls-key-file=/run/certificates/services.key",
                "--debug-addr=-",
                "--telemetry=disable",
                // Without it, only the `PLAIN` mechanism is there.
                "--test-enable-new-auth",
                "--setup-database=admin",
                "--log-level=WARN",
            ])
            .variable("FERRETDB_SETUP_USERNAME", username.clone())
            .variable("FERRETDB_SETUP_PASSWORD", password.clone())
            .start(place.sandbox, place.folder)?;
        server.wait_for_port(PORT, LIMIT)?;
        Ok(Self {
            host: format!("mongodb.{DOMAIN}"),
            address: NODE.to_owned(),
            port: PORT,
            database: "shop".to_owned(),
            username,
            password,
            ca: place.folder.join("services-ca.crt"),
        })
    }
}
