//! PostgreSQL of Debian: TLS only, passwords by SCRAM.

use std::path::PathBuf;
use std::process::Command;

use serde::{Deserialize, Serialize};

use super::{LIMIT, Place, literal, password, sealed};
use crate::cluster::Cluster;
use crate::error::Result;
use crate::network::{DOMAIN, NODE};
use crate::program::Program;
use crate::progress::Progress;
use crate::sandbox::Sandbox;
use crate::{interrupt, packages};

/// How to reach the PostgreSQL beside a cluster.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Postgres {
    /// Its name, known to pods.
    pub host: String,
    /// Its address, known everywhere in the cluster's network.
    pub address: String,
    /// Its port.
    pub port: u16,
    /// A database that is there from the beginning.
    pub database: String,
    /// The owner of the database.
    pub username: String,
    /// The owner's password.
    pub password: String,
    /// The authority that signed its certificate, PEM.
    pub ca: PathBuf,
}

const PORT: u16 = 5432;

/// The server refuses to run as root.
const SYSTEM_USER: &str = "postgres";

/// Nothing here has to survive a power cut.
const SETTINGS: &str = "
listen_addresses = '10.231.0.1'
unix_socket_directories = '/run/postgres'
ssl = on
ssl_cert_file = '/run/postgres/tls.crt'
ssl_key_file = '/run/postgres/tls.key'
password_encryption = scram-sha-256
fsync = off
synchronous_commit = off
full_page_writes = off
max_connections = 200
";

const WHO_MAY_SIGN_IN: &str = "
local   all all     peer
hostssl all all all scram-sha-256
";

impl sealed::Start for Postgres {
    const NAME: &'static str = "postgres";

    fn start(place: &Place<'_>, _: &dyn Progress) -> Result<Self> {
        let programs = packages::postgres_programs()?;
        place.folder.write("postgres/settings", SETTINGS)?;
        place.folder.write("postgres/sign-in", WHO_MAY_SIGN_IN)?;
        let mut furnish = place.sandbox.inside("sh");
        furnish.arg("-euc").arg(
            r#"cd /run/postgres
            rm -rf data
            cp ../certificates/services.crt tls.crt
            cp ../certificates/services.key tls.key
            chown -R postgres:postgres . && chmod 700 .
            setpriv --reuid postgres --regid postgres --init-groups -- \
                "$1/initdb" -D data --auth=reject --no-sync --locale=C.UTF-8 --encoding=UTF8
            cat settings >>data/postgresql.conf
            cat sign-in >data/pg_hba.conf"#,
        );
        furnish.arg("sh").arg(&programs);
        interrupt::run(&mut furnish, "make the data folder of PostgreSQL")?;
        let server = Program::new(Self::NAME, programs.join("postgres"))
            .args(["-D", "/run/postgres/data"])
            .run_by(SYSTEM_USER)
            .start(place.sandbox, place.folder)?;
        server.wait_for_port(PORT, LIMIT)?;
        server.wait("PostgreSQL", LIMIT, || {
            sql(place.sandbox, "SELECT 1;").map_err(|error| error.to_string())
        })?;
        let postgres = Self {
            host: format!("postgres.{DOMAIN}"),
            address: NODE.to_owned(),
            port: PORT,
            database: "shop".to_owned(),
            username: "shop".to_owned(),
            password: password()?,
            ca: place.folder.join("services-ca.crt"),
        };
        create(place.sandbox, &postgres.database, &postgres.username, &postgres.password)?;
        Ok(postgres)
    }
}

impl Postgres {
    /// Makes a database and the user that owns it.
    pub fn create_database(
        &self,
        cluster: &Cluster,
        database: &str,
        user: &str,
        password: &str,
    ) -> Result<()> {
        create(cluster.sandbox(), database, user, password)
    }

    /// Runs statements as the server's administrator in the database [`Postgres::database`].
    pub fn run_sql(&self, cluster: &Cluster, statements: &str) -> Result<String> {
        let script = format!("\\connect {}\n{statements}", identifier(&self.database));
        sql(cluster.sandbox(), &script)
    }
}

fn create(sandbox: &Sandbox, database: &str, user: &str, password: &str) -> Result<()> {
    let (database, user, password) = (identifier(database), identifier(user), literal(password));
    let script =
        format!("CREATE ROLE {user} LOGIN PASSWORD {password};\nCREATE DATABASE {database} OWNER {user};\n");
    sql(sandbox, &script).map(drop)
}

fn sql(sandbox: &Sandbox, statements: &str) -> Result<String> {
    let mut psql: Command = sandbox.inside("setpriv");
    psql.args(["--reuid", SYSTEM_USER, "--regid", SYSTEM_USER, "--init-groups", "--"]);
    psql.args([
        "psql",
        "--host=/run/postgres",
        "--dbname=postgres",
        "--no-psqlrc",
        "--quiet",
        "--tuples-only",
    ]);
    psql.args(["--no-align", "--set=ON_ERROR_STOP=1", "--file=-"]);
    let output = interrupt::run_with_input(&mut psql, "run SQL on PostgreSQL", statements)?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
