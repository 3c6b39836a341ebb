//! Apache Kafka's own broker, one node: TLS and SASL/PLAIN only.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{LIMIT, Place, password, sealed};
use crate::error::Result;
use crate::network::{DOMAIN, NODE};
use crate::program::Program;
use crate::progress::Progress;
use crate::{extras, interrupt};

/// How to reach the Kafka broker beside a cluster.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Kafka {
    /// Its name, known to pods.
    pub host: String,
    /// Its address, known everywhere in the cluster's network; the broker names itself by it.
    pub address: String,
    /// Its port.
    pub port: u16,
    /// A user who may do everything.
    pub username: String,
    /// The user's password.
    pub password: String,
    /// The authority that signed its certificate, PEM.
    pub ca: PathBuf,
}

const PORT: u16 = 9093;

/// A cluster id, as `kafka-storage random-uuid` makes it: each testbed has one broker, so one id does for all.
const CLUSTER: &str = "MkU3OEVBNTcwNTJENDM2Qg";

impl sealed::Start for Kafka {
    const NAME: &'static str = "kafka";

    fn start(place: &Place<'_>, progress: &dyn Progress) -> Result<Self> {
        let jars = extras::kafka(progress)?;
        let (username, password) = ("shop".to_owned(), password()?);
        place.folder.write("kafka/server.properties", configuration(&username, &password))?;
        // SASL asks for the name of the broker's own address, and would wait for a DNS that isn't there.
        place.folder.write("kafka/hosts", format!("{NODE} kafka.{DOMAIN}\n127.0.0.1 localhost\n"))?;
        let mut furnish = place.sandbox.inside("sh");
        furnish.arg("-euc").arg(
            r#"cd /run/kafka
            rm -rf data
            cat ../certificates/services.key ../certificates/services.crt >tls.pem
            java -Xmx128m -cp "$1/*" kafka.tools.StorageTool format -t "$2" -c server.properties"#,
        );
        furnish.arg("sh").arg(&jars).arg(CLUSTER);
        interrupt::run(&mut furnish, "make the data folder of Kafka")?;
        let server = Program::new(Self::NAME, "java")
            .args([
                "-Xmx256m",
                "-Xms128m",
                "-XX:+UseSerialGC",
                "-Djdk.net.hosts.file=/run/kafka/hosts",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
            ])
            .args([
                Path::new("-cp"),
                &jars.join("*"),
                Path::new("kafka.Kafka"),
                Path::new("/run/kafka/server.properties"),
            ])
            .start(place.sandbox, place.folder)?;
        server.wait_for_port(PORT, LIMIT)?;
        Ok(Self {
            host: format!("kafka.{DOMAIN}"),
            address: NODE.to_owned(),
            port: PORT,
            username,
            password,
            ca: place.folder.join("services-ca.crt"),
        })
    }
}

fn configuration(username: &str, password: &str) -> String {
    format!(
        "process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:9094
controller.listener.names=CONTROLLER
listeners=CLIENTS://{NODE}:{PORT},BROKERS://127.0.0.1:9095,CONTROLLER://127.0.0.1:9094
advertised.listeners=CLIENTS://{NODE}:{PORT},BROKERS://127.0.0.1:9095
inter.broker.listener.name=BROKERS
listener.security.protocol.map=CLIENTS:SASL_SSL,BROKERS:PLAINTEXT,CONTROLLER:PLAINTEXT
listener.name.clients.sasl.enabled.mechanisms=PLAIN
listener.name.clients.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_{username}='{password}';
ssl.keystore.type=PEM
ssl.keystore.location=/run/kafka/tls.pem
log.dirs=/run/kafka/data
auto.create.topics.enable=false
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
"
    )
}
