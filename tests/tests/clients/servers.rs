//! The real servers, and how a connection to each is requested.

use std::sync::LazyLock;

use sc_testbed::services::{Azurite, ManagedIdentity};
use sc_tests::{Language, world};

/// How a program signs in.
#[derive(Clone)]
pub(crate) enum SignIn {
    /// By this password or key.
    Secret(String),
    /// By a token of the sandbox: Entra, which would give one to the pod's ServiceAccount, can't be had here.
    WorkloadIdentity(ManagedIdentity),
}

/// A real server.
pub(crate) struct Server {
    /// The family of programs that use it.
    pub(crate) family: &'static str,
    /// The target service.
    pub(crate) target: &'static str,
    /// The target's options.
    pub(crate) options: String,
    /// How its programs sign in.
    pub(crate) sign_in: SignIn,
    /// The languages that have a program for it.
    languages: &'static [Language],
}

/// The id of an identity, which the sandbox doesn't look at.
const IDENTITY: &str = "11111111-1111-1111-1111-111111111111";
const ALL: &[Language] =
    &[Language::Python, Language::Nodejs, Language::Java, Language::SpringBoot, Language::Go];
const DATABASE: &[Language] = &[
    Language::Python,
    Language::Django,
    Language::Nodejs,
    Language::Java,
    Language::SpringBoot,
    Language::Go,
];
/// Spring reads storage by Spring Cloud Azure, which has no program here.
const PLAIN: &[Language] = &[Language::Python, Language::Nodejs, Language::Java, Language::Go];

impl Server {
    pub(crate) fn takes(&self, language: Language) -> bool {
        self.languages.contains(&language)
    }

    /// The client type of the connection. The original has no variables for Go with queues and tables; such a program reads those
    /// of `none`, which are the same as every other language's.
    pub(crate) fn client_type(&self, language: Language) -> &'static str {
        match (self.target, language) {
            ("storage-queue" | "storage-table", Language::Go) => "none",
            _ => language.client_type(),
        }
    }
}

/// The services of a storage account.
fn storage(azurite: &Azurite, option: &str, sign_in: &SignIn) -> [Server; 3] {
    let Azurite { address, account, .. } = azurite;
    let server = |target: &'static str, port: u16| Server {
        family: target,
        target,
        options: format!("--account {account} --endpoint https://{address}:{port}/{account} {option}"),
        sign_in: sign_in.clone(),
        languages: PLAIN,
    };
    [
        server("storage-blob", azurite.port),
        server("storage-queue", azurite.queue_port),
        server("storage-table", azurite.table_port),
    ]
}

/// Every server, started the first time it is asked for.
pub(crate) fn servers() -> &'static [Server] {
    static SERVERS: LazyLock<Vec<Server>> = LazyLock::new(|| {
        let world = world();
        let (postgres, mariadb, redis, azurite) =
            (world.postgres(), world.mariadb(), world.redis(), world.azurite());
        let (mongodb, rabbitmq, kafka, s3) = (world.mongodb(), world.rabbitmq(), world.kafka(), world.s3());
        let sql = |host: &str, port: u16, database: &str, user: &str| {
            format!("--host {host} --port {port} --database {database} --user {user} --password-stdin")
        };
        let mut servers = vec![
            Server {
                family: "postgres",
                target: "postgres-server",
                options: sql(&postgres.address, postgres.port, &postgres.database, &postgres.username),
                sign_in: SignIn::Secret(postgres.password.clone()),
                languages: DATABASE,
            },
            Server {
                family: "mysql",
                target: "mysql-server",
                options: sql(&mariadb.address, mariadb.port, &mariadb.database, &mariadb.username),
                sign_in: SignIn::Secret(mariadb.password.clone()),
                languages: DATABASE,
            },
            Server {
                family: "redis",
                target: "redis-server",
                options: format!("--host {} --port {} --password-stdin", redis.address, redis.port),
                sign_in: SignIn::Secret(redis.password.clone()),
                languages: ALL,
            },
            Server {
                family: "redis",
                target: "redis",
                options: format!("--host {} --port {} --access-key-stdin", redis.address, redis.port),
                sign_in: SignIn::Secret(redis.password.clone()),
                languages: &[
                    Language::SpringBoot2,
                    Language::Python,
                    Language::Nodejs,
                    Language::Java,
                    Language::Go,
                ],
            },
            Server {
                family: "mongodb",
                target: "mongodb",
                options: sql(&mongodb.address, mongodb.port, &mongodb.database, &mongodb.username),
                sign_in: SignIn::Secret(mongodb.password),
                languages: ALL,
            },
            Server {
                family: "rabbitmq",
                target: "rabbitmq",
                options: format!(
                    "--host {} --port {} --virtual-host {} --user {} --password-stdin",
                    rabbitmq.address, rabbitmq.port, rabbitmq.virtual_host, rabbitmq.username
                ),
                sign_in: SignIn::Secret(rabbitmq.password),
                languages: ALL,
            },
            Server {
                family: "kafka",
                target: "kafka",
                options: format!(
                    "--bootstrap-servers {}:{} --user {} --password-stdin",
                    kafka.address, kafka.port, kafka.username
                ),
                sign_in: SignIn::Secret(kafka.password),
                languages: ALL,
            },
            Server {
                family: "s3",
                target: "s3",
                options: format!(
                    "--endpoint https://{}:{} --region {} --bucket {} --access-key-id {} --secret-access-key-stdin",
                    s3.address, s3.port, s3.region, s3.bucket, s3.access_key_id
                ),
                sign_in: SignIn::Secret(s3.secret_access_key),
                languages: PLAIN,
            },
        ];
        servers.extend(storage(azurite, "--account-key-stdin", &SignIn::Secret(azurite.key.clone())));
        let sign_in = SignIn::WorkloadIdentity(world.managed_identity());
        let identity = format!("--workload-identity {IDENTITY} --tenant-id {IDENTITY}");
        servers.extend(storage(&world.azurite_for_tokens().0, &identity, &sign_in));
        servers
    });
    &SERVERS
}
