//! What a file of the catalog says, as types. Shared with the build script, which checks every file.
//!
//! The documentation of the fields is what editors show: it becomes `catalog/schema.json`.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::about::{Azure, BindingKind, Companion, Sources};
use crate::template::Template;
use crate::{AuthType, ClientType};

/// A target service: what identifies one, and the environment variables its clients read.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// The service's name, also the file's: lower-case letters, digits and `-`.
    pub(crate) name: String,
    /// Other names it goes by. No two services share a name.
    #[serde(default)]
    pub(crate) aliases: Vec<String>,
    /// Its name for people.
    pub(crate) title: String,
    /// The protocol that validation speaks with it.
    pub(crate) probe: ProbeFamily,
    /// Where it is reached, as `host:port` or a URL; left out where the parameters `host` and `port`, or `endpoint`, say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) address: Option<Template>,
    /// What servicebinding.io calls such a service.
    pub(crate) binding: BindingKind,
    /// Who may connect to it, and how.
    pub(crate) sources: Sources,
    /// What Azure knows about it; left out for services outside Azure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) azure: Option<Azure>,
    /// Another service that people connect to together with it, by one request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) companion: Option<Companion>,
    /// What identifies one such service, in the order people are asked. Nothing secret.
    pub(crate) parameters: Vec<Parameter>,
    /// What the auth type `secret` needs beside them. Its name is a placeholder of the variables.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) secret: Option<SecretInput>,
    /// What a person is told who may have meant another service, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) rather: Option<String>,
    /// The family of sample programs that use it: `snippets/CLIENT/FAMILY.EXTENSION`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) program: Option<String>,
    /// What is not certain about the service as a whole, and what was decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) doubt: Option<String>,
    /// Sets of environment variables, each under a name that `connections` uses.
    #[serde(deserialize_with = "each_set_once")]
    pub(crate) variables: BTreeMap<String, Vec<Variable>>,
    /// Which sets a workload gets, by auth type and client type. What is not listed doesn't exist.
    pub(crate) connections: Vec<Connection>,
}

/// The protocol that validation speaks with a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ProbeFamily {
    /// PostgreSQL's protocol.
    Postgres,
    /// MySQL's protocol.
    Mysql,
    /// Redis' protocol.
    Redis,
    /// Azure Blob Storage over HTTP.
    Blob,
    /// HTTP over TLS. The service is reached; the sign-in isn't tried.
    Https,
    /// AMQP over TLS. The service is reached; the sign-in isn't tried.
    Amqp,
    /// Kafka's protocol. The service is reached; the sign-in isn't tried.
    Kafka,
    /// MongoDB's protocol. The service is reached; the sign-in isn't tried.
    Mongodb,
    /// Cassandra's protocol over TLS. The service is reached; the sign-in isn't tried.
    Cql,
    /// SQL Server's protocol, which begins TLS on its own. The service is reached; the sign-in isn't tried.
    SqlServer,
    /// Nothing is known about where it is.
    Nothing,
}

/// One thing that identifies a target.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// Its name: the key in the custom resource and, behind `--`, the option of `sc`.
    pub(crate) name: String,
    /// What it has to look like.
    pub(crate) kind: Kind,
    /// What a person is told about it, in a few words without a full stop.
    pub(crate) help: String,
    /// The values it may have, with the kind `choice`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) choices: Vec<String>,
    /// Its value when it is left out; may use parameters that have no default. Without a default it has to be given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) default: Option<Template>,
    /// It is a short way to say another parameter, by being in that one's default. One of the two is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) instead_of: Option<InsteadOf>,
    /// It is not one of the target's parameters in the custom resource but comes from elsewhere in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) from: Option<Origin>,
    /// The option's name, without `--`, where it is not the parameter's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) option: Option<String>,
    /// What is not certain, and what was decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) doubt: Option<String>,
}

/// Which parameter another one is a short way to say, and when.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct InsteadOf {
    /// The parameter whose default uses this one.
    pub(crate) parameter: String,
    /// For what it is meant: `a server in Azure`.
    pub(crate) r#for: String,
}

/// Where a parameter's value comes from, if not from the target's parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) enum Origin {
    /// The custom resource's `spec.auth.username`.
    #[serde(rename = "auth.username")]
    AuthUsername,
    /// The custom resource's `spec.auth.principalId`.
    #[serde(rename = "auth.principalId")]
    AuthPrincipalId,
}

/// What a parameter has to look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A DNS name or IP address.
    Host,
    /// A TCP port.
    Port,
    /// Part of a host's name: letters, digits and `-`.
    Name,
    /// A name of letters, digits, `.`, `_` and `-`.
    Word,
    /// A name of letters, digits, `_` and `-`.
    Identifier,
    /// One of the parameter's `choices`.
    Choice,
    /// `on` or `off`.
    Switch,
    /// Servers with their ports, separated by commas: `a:9092,b:9092`.
    Servers,
    /// Any text on one line.
    Text,
    /// A whole number from 0.
    Number,
    /// An `http://` or `https://` URL.
    Url,
    /// A UUID such as a client id.
    Guid,
}

/// A secret that a connection needs: a password or a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SecretInput {
    /// Its name: `password`, `access-key`, `account-key`.
    pub(crate) name: Cow<'static, str>,
    /// What a person is told about it, in a few words without a full stop.
    pub(crate) help: Cow<'static, str>,
    /// What it has to look like.
    #[serde(default)]
    pub(crate) kind: SecretKind,
}

/// What a secret has to look like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SecretKind {
    /// Any text.
    #[default]
    Text,
    /// Bytes in Base64, as storage account keys are.
    Base64,
    /// A whole connection string on one line, which is handed on as it is.
    ConnectionString,
}

/// One environment variable. It is secret when its value uses a secret input.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Variable {
    /// Its name, as application code reads it.
    pub(crate) name: String,
    /// Its value. Placeholders are parameters, the secret input, and by auth type `{client-id}`, `{tenant-id}`, `{client-secret}`.
    pub(crate) value: Template,
    /// Another value for when a parameter is not at its default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) value_if_changed: Option<ValueIfChanged>,
    /// It is left out while this parameter is at its default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) only_if_changed: Option<String>,
    /// Who parses the value: decides how special characters in a placeholder are written.
    #[serde(default)]
    pub(crate) format: Format,
    /// What is not certain, and what was decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) doubt: Option<String>,
}

/// Another value for when a parameter is not at its default.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ValueIfChanged {
    /// The parameter.
    pub(crate) parameter: String,
    /// The value.
    pub(crate) value: Template,
}

/// Who parses a variable's value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Format {
    /// Nobody: the value is used as it stands.
    #[default]
    Plain,
    /// A .NET connection string: `Key=value;`, quoted as `DbConnectionStringBuilder` does.
    Dotnet,
    /// A PostgreSQL keyword string: `key=value key=value`, quoted as libpq reads it.
    Libpq,
    /// A URL, JDBC's included: percent-encoded.
    Url,
    /// A Redis URL: percent-encoded. A user can't hold a `:`.
    RedisUrl,
    /// An AMQP URL for RabbitMQ's Java client: percent-encoded but for what isn't ASCII. A virtual host can't hold a `%`.
    JavaAmqpUrl,
    /// An AMQP URL for Node.js' amqplib: percent-encoded. A user and a password can't hold anything outside ASCII.
    NodejsAmqpUrl,
    /// StackExchange.Redis' options: `host:port,key=value`. A value can't hold a comma.
    StackexchangeRedis,
    /// go-sql-driver/mysql's DSN: `user:password@tcp(host:port)/database`.
    GoMysql,
    /// A connection string of Azure's libraries: `Key=value;`, without any quoting.
    Azure,
    /// Kafka's `sasl.jaas.config`, with values between single quotes.
    Jaas,
    /// HTTP's `user:password`. A user can't hold a `:`.
    Basic,
    /// An ODBC connection string: `Key=value;`, with `{…}` around special characters.
    Odbc,
    /// Microsoft's JDBC URL: `jdbc:sqlserver://host:port;key=value;`, with `{…}` around special characters.
    SqlserverJdbc,
    /// go-mssqldb's connection string: `key=value;`, quoted with `"`.
    GoMssql,
}

/// Which sets of variables a workload gets for some auth and client types.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Connection {
    /// The auth types.
    pub(crate) auth: Vec<AuthType>,
    /// The client types.
    pub(crate) clients: Vec<ClientType>,
    /// The sets, in the order of their variables.
    pub(crate) r#use: Vec<String>,
    /// What is not certain, and what was decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) doubt: Option<String>,
}

/// Reads `variables`; a name that stands there twice is a mistake, not the last one's win.
fn each_set_once<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, Vec<Variable>>, D::Error> {
    struct Sets;

    impl<'de> Visitor<'de> for Sets {
        type Value = BTreeMap<String, Vec<Variable>>;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("sets of variables by name")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut sets = BTreeMap::new();
            while let Some(name) = map.next_key::<String>()? {
                if sets.contains_key(&name) {
                    return Err(A::Error::custom(format!("the set `{name}` is there twice")));
                }
                let variables = map.next_value()?;
                sets.insert(name, variables);
            }
            Ok(sets)
        }
    }

    deserializer.deserialize_map(Sets)
}
