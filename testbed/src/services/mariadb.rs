//! MariaDB of Debian, which speaks MySQL's protocol: TLS only.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{LIMIT, Place, literal, password, sealed};
use crate::cluster::Cluster;
use crate::error::Result;
use crate::interrupt;
use crate::network::{DOMAIN, NODE};
use crate::program::Program;
use crate::progress::Progress;
use crate::sandbox::Sandbox;

/// How to reach the MariaDB beside a cluster.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct MariaDb {
    /// Its name, known to pods.
    pub host: String,
    /// Its address, known everywhere in the cluster's network.
    pub address: String,
    /// Its port.
    pub port: u16,
    /// A database that is there from the beginning.
    pub database: String,
    /// A user with every right on the database.
    pub username: String,
    /// The user's password.
    pub password: String,
    /// The authority that signed its certificate, PEM.
    pub ca: PathBuf,
}

const PORT: u16 = 3306;

impl sealed::Start for MariaDb {
    const NAME: &'static str = "mariadb";

    fn start(place: &Place<'_>, _: &dyn Progress) -> Result<Self> {
        place.folder.make("mariadb")?;
        let mut furnish = place.sandbox.inside("sh");
        furnish.arg("-euc").arg(
            "cd /run/mariadb
            rm -rf data
            mariadb-install-db --no-defaults --user=root --datadir=/run/mariadb/data --skip-test-db \
                --auth-root-authentication-method=socket",
        );
        interrupt::run(&mut furnish, "make the data folder of MariaDB")?;
        let server = Program::new(Self::NAME, "mariadbd")
            .args([
                "--no-defaults".to_owned(),
                "--user=root".to_owned(),
                "--datadir=/run/mariadb/data".to_owned(),
                "--socket=/run/mariadb/socket".to_owned(),
                "--pid-file=/run/mariadb/pid".to_owned(),
                format!("--bind-address={NODE}"),
                format!("--port={PORT}"),
                "--ssl-cert=/run/certificates/services.crt".to_owned(),
                "--ssl-key=/run/certificates/services.key".to_owned(),
                "--require-secure-transport=ON".to_owned(),
                "--skip-name-resolve".to_owned(),
                "--innodb-flush-log-at-trx-commit=0".to_owned(),
            ])
            .start(place.sandbox, place.folder)?;
        server.wait_for_port(PORT, LIMIT)?;
        server
            .wait("MariaDB", LIMIT, || sql(place.sandbox, "SELECT 1;").map_err(|error| error.to_string()))?;
        let mariadb = Self {
            host: format!("mariadb.{DOMAIN}"),
            address: NODE.to_owned(),
            port: PORT,
            database: "shop".to_owned(),
            username: "shop".to_owned(),
            password: password()?,
            ca: place.folder.join("services-ca.crt"),
        };
        create(place.sandbox, &mariadb.database, &mariadb.username, &mariadb.password)?;
        Ok(mariadb)
    }
}

impl MariaDb {
    /// Makes a database and a user with every right on it.
    pub fn create_database(
        &self,
        cluster: &Cluster,
        database: &str,
        user: &str,
        password: &str,
    ) -> Result<()> {
        create(cluster.sandbox(), database, user, password)
    }

    /// Runs statements as the server's administrator.
    pub fn run_sql(&self, cluster: &Cluster, statements: &str) -> Result<String> {
        sql(cluster.sandbox(), statements)
    }
}

fn create(sandbox: &Sandbox, database: &str, user: &str, password: &str) -> Result<()> {
    let database = format!("`{}`", database.replace('`', "``"));
    let (user, password) = (literal(user), literal(password));
    // A backslash in a literal is then only a backslash, as in standard SQL.
    let script = format!(
        "SET SESSION sql_mode = CONCAT(@@sql_mode, ',NO_BACKSLASH_ESCAPES');
CREATE DATABASE {database};
CREATE USER {user}@'%' IDENTIFIED BY {password};
GRANT ALL ON {database}.* TO {user}@'%';
"
    );
    sql(sandbox, &script).map(drop)
}

fn sql(sandbox: &Sandbox, statements: &str) -> Result<String> {
    let mut client = sandbox.inside("mariadb");
    client.args([
        "--no-defaults",
        "--user=root",
        "--socket=/run/mariadb/socket",
        "--batch",
        "--skip-column-names",
    ]);
    let output = interrupt::run_with_input(&mut client, "run SQL on MariaDB", statements)?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
