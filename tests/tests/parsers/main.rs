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

use batch::{Case, check};
use sc_tests::Language::{Go, Java, Nodejs, Python};

/// The fields of a parser's answer that hold what was put in.
const SQL: [(&str, &str); 3] = [("user", "user"), ("password", "password"), ("database", "database")];
const URL: [(&str, &str); 2] = [("user", "user"), ("password", "password")];
const AMQP: [(&str, &str); 3] = [("user", "user"), ("password", "password"), ("virtual-host", "vhost")];
const OLD_URL: [(&str, &str); 2] = [("user", "username"), ("password", "password")];
const OLD_AMQP: [(&str, &str); 3] =
    [("user", "username"), ("password", "password"), ("virtual-host", "virtual_host")];
const SHARED_KEY: [(&str, &str); 2] = [("user", "key_name"), ("password", "key")];

#[test]
fn python_libraries_read_every_value_back() {
    check(
        Python,
        &[
            Case {
                format: "libpq",
                service: "postgres-server",
                key: "POSTGRESQL_CONNECTIONSTRING",
                fields: &[("user", "user"), ("password", "password"), ("database", "dbname")],
            },
            Case {
                format: "redis-url",
                service: "redis-server",
                key: "REDIS_CONNECTIONSTRING",
                fields: &OLD_URL,
            },
            Case {
                format: "mongodb-url",
                service: "mongodb",
                key: "MONGODB_CONNECTIONSTRING",
                fields: &OLD_URL,
            },
            Case { format: "amqp-url", service: "rabbitmq", key: "RABBITMQ_URL", fields: &OLD_AMQP },
            Case {
                format: "storage",
                service: "storage-blob",
                key: "AZURE_STORAGEBLOB_CONNECTIONSTRING",
                fields: &[("password", "AccountKey")],
            },
            Case {
                format: "appconfig",
                service: "appconfig",
                key: "AZURE_APPCONFIGURATION_CONNECTIONSTRING",
                fields: &SHARED_KEY,
            },
            Case {
                format: "servicebus",
                service: "servicebus",
                key: "AZURE_SERVICEBUS_CONNECTIONSTRING",
                fields: &SHARED_KEY,
            },
            Case {
                format: "eventhub",
                service: "eventhub",
                key: "AZURE_EVENTHUB_CONNECTIONSTRING",
                fields: &SHARED_KEY,
            },
            Case {
                format: "cosmos",
                service: "cosmos-sql",
                key: "AZURE_COSMOS_CONNECTIONSTRING",
                fields: &[("password", "AccountKey")],
            },
        ],
    );
}

#[test]
fn nodejs_libraries_read_every_value_back() {
    check(
        Nodejs,
        &[
            Case {
                format: "redis-url",
                service: "redis-server",
                key: "REDIS_CONNECTIONSTRING",
                fields: &OLD_URL,
            },
            Case {
                format: "mongodb-url",
                service: "mongodb",
                key: "MONGODB_CONNECTIONSTRING",
                fields: &OLD_URL,
            },
            Case { format: "amqp-url", service: "rabbitmq", key: "RABBITMQ_URL", fields: &OLD_AMQP },
            Case {
                format: "storage",
                service: "storage-blob",
                key: "AZURE_STORAGEBLOB_CONNECTIONSTRING",
                fields: &[("password", "AccountKey")],
            },
            Case {
                format: "servicebus",
                service: "servicebus",
                key: "AZURE_SERVICEBUS_CONNECTIONSTRING",
                fields: &SHARED_KEY,
            },
            Case {
                format: "eventhub",
                service: "eventhub",
                key: "AZURE_EVENTHUB_CONNECTIONSTRING",
                fields: &SHARED_KEY,
            },
        ],
    );
}

#[test]
fn java_libraries_read_every_value_back() {
    check(
        Java,
        &[
            Case {
                format: "postgres-jdbc",
                service: "postgres-server",
                key: "POSTGRESQL_CONNECTIONSTRING",
                fields: &SQL,
            },
            Case {
                format: "mysql-jdbc",
                service: "mysql-server",
                key: "MYSQL_CONNECTIONSTRING",
                fields: &SQL,
            },
            Case {
                format: "sqlserver-jdbc",
                service: "sql",
                key: "AZURE_SQL_CONNECTIONSTRING",
                fields: &SQL,
            },
            Case {
                format: "redis-url",
                service: "redis-server",
                key: "REDIS_CONNECTIONSTRING",
                fields: &URL,
            },
            Case { format: "mongodb-url", service: "mongodb", key: "MONGODB_CONNECTIONSTRING", fields: &URL },
            Case { format: "amqp-url", service: "rabbitmq", key: "RABBITMQ_URL", fields: &AMQP },
            Case { format: "jaas", service: "kafka", key: "KAFKA_SASLJAASCONFIG", fields: &URL },
            Case {
                format: "storage",
                service: "storage-blob",
                key: "AZURE_STORAGEBLOB_CONNECTIONSTRING",
                fields: &[("password", "key")],
            },
        ],
    );
}

#[test]
fn go_libraries_read_every_value_back() {
    check(
        Go,
        &[
            Case {
                format: "libpq",
                service: "postgres-server",
                key: "POSTGRESQL_CONNECTIONSTRING",
                fields: &SQL,
            },
            Case { format: "go-mysql", service: "mysql-server", key: "MYSQL_CONNECTIONSTRING", fields: &SQL },
            Case { format: "go-mssql", service: "sql", key: "AZURE_SQL_CONNECTIONSTRING", fields: &SQL },
            Case {
                format: "redis-url",
                service: "redis-server",
                key: "REDIS_CONNECTIONSTRING",
                fields: &URL,
            },
            Case { format: "mongodb-url", service: "mongodb", key: "MONGODB_CONNECTIONSTRING", fields: &URL },
            Case { format: "amqp-url", service: "rabbitmq", key: "RABBITMQ_URL", fields: &AMQP },
        ],
    );
}
