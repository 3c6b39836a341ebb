//! The services beside a cluster. They listen on the node's address with TLS, by a certificate of the testbed's own
//! authority ([`crate::Cluster::services_ca`]), and are started the first time they are asked for.
//! What a client must know is kept in the cluster's folder, so that another process finds the same service.

mod azurite;
mod kafka;
mod managed_identity;
mod mariadb;
mod mongodb;
mod postgres;
mod rabbitmq;
mod redis;
mod s3;

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub use self::azurite::{Azurite, AzuriteForTokens};
pub use self::kafka::Kafka;
pub use self::managed_identity::ManagedIdentity;
pub use self::mariadb::MariaDb;
pub use self::mongodb::MongoDb;
pub use self::postgres::Postgres;
pub use self::rabbitmq::RabbitMq;
pub use self::redis::Redis;
pub use self::s3::S3;
use crate::error::{Result, TestbedError};
use crate::folders::ClusterFolder;
use crate::program::Running;
use crate::progress::{Progress, timed};
use crate::sandbox::Sandbox;
use crate::toolchain::hex;

/// How long a service may take to start.
const LIMIT: Duration = Duration::from_secs(60);

/// A service that can stand beside a cluster: [`Postgres`], [`MariaDb`], [`Redis`], [`Azurite`], [`AzuriteForTokens`], [`RabbitMq`],
/// [`Kafka`], [`MongoDb`], [`S3`], [`ManagedIdentity`].
pub trait Service: sealed::Start {
    /// Attaches to the service beside the cluster, or starts it.
    #[doc(hidden)]
    fn ensure(place: &Place<'_>, progress: &dyn Progress) -> Result<Self> {
        let _one_at_a_time = place.folder.lock()?;
        let state = place.folder.join(format!("services/{}.json", Self::NAME));
        let running = Running::find(Self::NAME, place.sandbox, place.folder);
        if running.runs()
            && let Ok(bytes) = fs::read(&state)
            && let Ok(service) = serde_json::from_slice(&bytes)
        {
            return Ok(service);
        }
        // One whose furnishing was cut off would hold its ports and its folder.
        running.kill()?;
        let service = timed(progress, &format!("{} ready", Self::NAME), || Self::start(place, progress))?;
        place.folder.write(&state, serde_json::to_vec_pretty(&service).unwrap_or_default())?;
        Ok(service)
    }
}

impl<S: sealed::Start> Service for S {}

/// Where a service stands.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    pub(crate) sandbox: &'a Sandbox,
    pub(crate) folder: &'a ClusterFolder,
}

mod sealed {
    use super::{DeserializeOwned, Place, Progress, Result, Serialize};

    /// The part of a service that only this crate can provide.
    pub trait Start: Serialize + DeserializeOwned {
        /// The name of its program, its log and its state.
        const NAME: &'static str;

        /// Starts it with empty data and waits until it answers.
        fn start(place: &Place<'_>, progress: &dyn Progress) -> Result<Self>;
    }
}

/// A password nobody chose.
fn password() -> Result<String> {
    let path = Path::new("/dev/urandom");
    let mut bytes = [0; 16];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut bytes));
    read.map_err(TestbedError::file("read", path))?;
    Ok(hex(&bytes))
}

/// An SQL text literal, as standard SQL writes it.
fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
