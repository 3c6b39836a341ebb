//! Redis of Debian: TLS only, with a password.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{LIMIT, Place, password, sealed};
use crate::error::Result;
use crate::network::{DOMAIN, NODE};
use crate::program::Program;
use crate::progress::Progress;

/// How to reach the Redis beside a cluster.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Redis {
    /// Its name, known to pods.
    pub host: String,
    /// Its address, known everywhere in the cluster's network.
    pub address: String,
    /// Its port, the one that Azure uses for TLS.
    pub port: u16,
    /// The password of the default user.
    pub password: String,
    /// The authority that signed its certificate, PEM.
    pub ca: PathBuf,
}

const PORT: u16 = 6380;

impl sealed::Start for Redis {
    const NAME: &'static str = "redis";

    fn start(place: &Place<'_>, _: &dyn Progress) -> Result<Self> {
        let password = password()?;
        place.folder.write("redis/redis.conf", configuration(&password))?;
        let server = Program::new(Self::NAME, "redis-server")
            .args(["/run/redis/redis.conf"])
            .start(place.sandbox, place.folder)?;
        server.wait_for_port(PORT, LIMIT)?;
        Ok(Self {
            host: format!("redis.{DOMAIN}"),
            address: NODE.to_owned(),
            port: PORT,
            password,
            ca: place.folder.join("services-ca.crt"),
        })
    }
}

fn configuration(password: &str) -> String {
    format!(
        "bind {NODE}
port 0
tls-port {PORT}
tls-cert-file /run/certificates/services.crt
tls-key-file /run/certificates/services.key
tls-auth-clients no
requirepass {password}
dir /run/redis
save \"\"
appendonly no
"
    )
}
