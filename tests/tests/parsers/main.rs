//! Whatever a password or name holds, the client library's own parser reads it back from the variable, or the request is refused.
//!
//! The values are random, the parsers are the real ones: each runs once over a batch of connection strings (`tests/clients`).
//! What can't be had here: .NET's, PHP's and Ruby's libraries; their rules are tested in `crates/catalog/tests/formats.rs` against
//! readers written after their documentation.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test tells by a panic what went wrong"
)]

mod batch;
mod spring;

use batch::{Text, check};
use sc_tests::Language::{Go, Java, Nodejs, Python};

const POSTGRES: (&str, &str) = ("postgres-server", "POSTGRESQL_CONNECTIONSTRING");
const MYSQL: (&str, &str) = ("mysql-server", "MYSQL_CONNECTIONSTRING");

const LIBPQ: Text = text("libpq", POSTGRES);
const POSTGRES_JDBC: Text = text("postgres-jdbc", POSTGRES);
const GO_MYSQL: Text = text("go-mysql", MYSQL);
const MYSQL_JDBC: Text = text("mysql-jdbc", MYSQL);
const GO_MSSQL: Text = text("go-mssql", ("sql", "AZURE_SQL_CONNECTIONSTRING"));
const SQLSERVER_JDBC: Text = text("sqlserver-jdbc", ("sql", "AZURE_SQL_CONNECTIONSTRING"));
const REDIS: Text = text("redis-url", ("redis-server", "REDIS_CONNECTIONSTRING"));
const MONGODB: Text = text("mongodb-url", ("mongodb", "MONGODB_CONNECTIONSTRING"));
const RABBITMQ: Text = text("amqp-url", ("rabbitmq", "RABBITMQ_URL"));
const KAFKA: Text = text("jaas", ("kafka", "KAFKA_SASLJAASCONFIG"));
const STORAGE: Text = text("storage", ("storage-blob", "AZURE_STORAGEBLOB_CONNECTIONSTRING"));
const APPCONFIG: Text = text("appconfig", ("appconfig", "AZURE_APPCONFIGURATION_CONNECTIONSTRING"));
const SERVICEBUS: Text = text("servicebus", ("servicebus", "AZURE_SERVICEBUS_CONNECTIONSTRING"));
const EVENTHUB: Text = text("eventhub", ("eventhub", "AZURE_EVENTHUB_CONNECTIONSTRING"));
const COSMOS: Text = text("cosmos", ("cosmos-sql", "AZURE_COSMOS_CONNECTIONSTRING"));

const fn text(format: &'static str, (service, key): (&'static str, &'static str)) -> Text {
    Text { format, service, key }
}

// What was put in, and the field of a parser's answer that has to hold it.
const SQL: &[(&str, &str)] = &[("user", "user"), ("password", "password"), ("database", "database")];
const PSYCOPG: &[(&str, &str)] = &[("user", "user"), ("password", "password"), ("database", "dbname")];
const URL: &[(&str, &str)] = &[("user", "user"), ("password", "password")];
const USERNAME_URL: &[(&str, &str)] = &[("user", "username"), ("password", "password")];
const AMQP: &[(&str, &str)] = &[("user", "user"), ("password", "password"), ("virtual-host", "vhost")];
const USERNAME_AMQP: &[(&str, &str)] =
    &[("user", "username"), ("password", "password"), ("virtual-host", "virtual_host")];
const SHARED_KEY: &[(&str, &str)] = &[("user", "key_name"), ("password", "key")];
const KEY: &[(&str, &str)] = &[("password", "key")];
const ACCOUNT_KEY: &[(&str, &str)] = &[("password", "AccountKey")];

#[test]
fn python_libraries_read_every_value_back() {
    check(
        Python,
        &[
            (LIBPQ, PSYCOPG),
            (REDIS, USERNAME_URL),
            (MONGODB, USERNAME_URL),
            (RABBITMQ, USERNAME_AMQP),
            (STORAGE, ACCOUNT_KEY),
            (APPCONFIG, SHARED_KEY),
            (SERVICEBUS, SHARED_KEY),
            (EVENTHUB, SHARED_KEY),
            (COSMOS, ACCOUNT_KEY),
        ],
    );
}

#[test]
fn nodejs_libraries_read_every_value_back() {
    check(
        Nodejs,
        &[
            (REDIS, USERNAME_URL),
            (MONGODB, USERNAME_URL),
            (RABBITMQ, USERNAME_AMQP),
            (STORAGE, ACCOUNT_KEY),
            (SERVICEBUS, SHARED_KEY),
            (EVENTHUB, SHARED_KEY),
        ],
    );
}

#[test]
fn java_libraries_read_every_value_back() {
    check(
        Java,
        &[
            (POSTGRES_JDBC, SQL),
            (MYSQL_JDBC, SQL),
            (SQLSERVER_JDBC, SQL),
            (REDIS, URL),
            (MONGODB, URL),
            (RABBITMQ, AMQP),
            (KAFKA, URL),
            (STORAGE, KEY),
        ],
    );
}

#[test]
fn go_libraries_read_every_value_back() {
    check(
        Go,
        &[(LIBPQ, SQL), (GO_MYSQL, SQL), (GO_MSSQL, SQL), (REDIS, URL), (MONGODB, URL), (RABBITMQ, AMQP)],
    );
}
