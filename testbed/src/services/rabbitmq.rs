//! RabbitMQ of Debian: TLS only, a user and a virtual host of its own.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{LIMIT, Place, password, sealed};
use crate::error::Result;
use crate::network::{DOMAIN, NODE};
use crate::program::Program;
use crate::progress::Progress;
use crate::{interrupt, packages};

/// How to reach the RabbitMQ beside a cluster.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RabbitMq {
    /// Its name, known to pods.
    pub host: String,
    /// Its address, known everywhere in the cluster's network.
    pub address: String,
    /// Its port.
    pub port: u16,
    /// A virtual host that is there from the beginning.
    pub virtual_host: String,
    /// A user who may do everything in it.
    pub username: String,
    /// The user's password.
    pub password: String,
    /// The authority that signed its certificate, PEM.
    pub ca: PathBuf,
}

const PORT: u16 = 5671;

impl sealed::Start for RabbitMq {
    const NAME: &'static str = "rabbitmq";

    fn start(place: &Place<'_>, progress: &dyn Progress) -> Result<Self> {
        packages::rabbitmq(progress)?;
        let password = password()?;
        place.folder.write("rabbitmq/rabbitmq.conf", configuration(&password))?;
        place.folder.write("rabbitmq/plugins", "[].")?;
        let mut furnish = place.sandbox.inside("sh");
        furnish.arg("-euc").arg(
            "cd /run/rabbitmq
            rm -rf data
            cp ../certificates/services.crt tls.crt
            cp ../certificates/services.key tls.key
            mkdir data
            chown -R rabbitmq:rabbitmq . && chmod 700 .",
        );
        interrupt::run(&mut furnish, "make the data folder of RabbitMQ")?;
        let server = Program::new(Self::NAME, "/usr/lib/rabbitmq/bin/rabbitmq-server")
            .run_by("rabbitmq")
            .variable("HOME", "/run/rabbitmq".to_owned())
            .variable("LANG", "C.UTF-8".to_owned())
            .variable("RABBITMQ_NODENAME", "shop@localhost".to_owned())
            .variable("RABBITMQ_CONFIG_FILE", "/run/rabbitmq/rabbitmq.conf".to_owned())
            .variable("RABBITMQ_CONF_ENV_FILE", "/dev/null".to_owned())
            .variable("RABBITMQ_ENABLED_PLUGINS_FILE", "/run/rabbitmq/plugins".to_owned())
            .variable("RABBITMQ_MNESIA_BASE", "/run/rabbitmq/data".to_owned())
            .variable("RABBITMQ_LOG_BASE", "/run/rabbitmq/data".to_owned())
            .variable("RABBITMQ_LOGS", "-".to_owned())
            // Only clients are served beyond the node.
            .variable("ERL_EPMD_ADDRESS", "127.0.0.1".to_owned())
            .variable(
                "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS",
                "-kernel inet_dist_use_interface {127,0,0,1}".to_owned(),
            )
            // Its script then becomes the server instead of watching over it.
            .variable("RUNNING_UNDER_SYSTEMD", "true".to_owned())
            .start(place.sandbox, place.folder)?;
        server.wait_for_port(PORT, LIMIT)?;
        Ok(Self {
            host: format!("rabbitmq.{DOMAIN}"),
            address: NODE.to_owned(),
            port: PORT,
            virtual_host: "shop".to_owned(),
            username: "shop".to_owned(),
            password,
            ca: place.folder.join("services-ca.crt"),
        })
    }
}

fn configuration(password: &str) -> String {
    format!(
        "listeners.tcp = none
listeners.ssl.1 = {NODE}:{PORT}
ssl_options.certfile = /run/rabbitmq/tls.crt
ssl_options.keyfile = /run/rabbitmq/tls.key
ssl_options.verify = verify_none
default_user = shop
default_pass = {password}
default_vhost = shop
loopback_users = none
log.console.level = warning
"
    )
}
