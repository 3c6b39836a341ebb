//! The catalog against the facts about the original: each cell of its table gives the same variables, to the letter.
//!
//! The facts are the project's own compilation (`tests/facts`), read here without any of the catalog's own code.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test file")]

mod request;

use std::collections::BTreeMap;

use request::{CLIENT, TENANT, With, request};
use sc_catalog::{Binding, Catalog, Service};
use sc_model::{AuthType, ClientType, SecretValue};
use serde_yaml_ng::Value;

/// A variable as this test compares it: name, value, whether it is secret.
type Row = (String, String, bool);
/// The variables by service, auth type and client type.
type Table = BTreeMap<(String, String, String), Vec<Row>>;

const FACTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/facts/targets.yaml");

/// What fills the placeholders of the facts. No value needs escaping: what happens to those that do is in
/// `tests/formats.rs`.
const PLACEHOLDERS: [(&str, &str); 44] = [
    ("subscription", SUBSCRIPTION),
    ("target_resource_group", "shop"),
    ("account", "ordersaccount"),
    ("server", "orders-db"),
    ("database", "7"),
    ("key_space", "orders"),
    ("graph", "parts"),
    ("table", "carts"),
    ("vault", "shop-vault"),
    ("config_store", "shop-config"),
    ("namespace", "shop-hub"),
    ("signalr", "shop-signalr"),
    ("webpubsub", "shop-pubsub"),
    ("region", "westeurope"),
    ("username", "anna"),
    ("password", "pw-1234"),
    ("password|urlencode", "pw-1234"),
    ("account_key", ACCOUNT_KEY),
    // What a URL can't hold unescaped: the one value of the facts that isn't the same everywhere.
    ("account_key|urlencode", "cHctMTIzNA%3D%3D"),
    ("access_key", "pw-1234"),
    ("redis_key", "pw-1234"),
    ("api_key", "pw-1234"),
    ("sas_key_name", "anna"),
    ("sas_key", "pw-1234"),
    ("credential_id", "anna"),
    ("credential_secret", "pw-1234"),
    ("fabric_server_fqdn", "orders.database.fabric.microsoft.com"),
    ("fabric_database_name", "7"),
    ("instrumentation_key", "3f"),
    ("appinsights_connection_string", APP_INSIGHTS),
    ("bootstrap_server", "pkc-1.westeurope.azure.confluent.cloud:9092"),
    ("kafka_key", "anna"),
    ("kafka_secret", "pw-1234"),
    ("schema_registry", "https://psrc-1.westeurope.azure.confluent.cloud"),
    ("schema_key", "anna"),
    ("schema_secret", "pw-1234"),
    ("neon_host", "ep-1.westeurope.azure.neon.tech"),
    ("atlas_connection_string", ATLAS),
    ("client_secret", "pw-1234"),
    ("client_id", CLIENT),
    ("tenant_id", TENANT),
    ("principal_id", PRINCIPAL),
    ("organization", "shop"),
    ("appinsights", "shop-insights"),
];
const SUBSCRIPTION: &str = "33333333-3333-3333-3333-333333333333";
const PRINCIPAL: &str = "44444444-4444-4444-4444-444444444444";
const ACCOUNT_KEY: &str = "cHctMTIzNA==";
const APP_INSIGHTS: &str =
    "InstrumentationKey=3f;IngestionEndpoint=https://westeurope-5.in.applicationinsights.azure.com/";
const ATLAS: &str = "mongodb+srv://anna:pw-1234@shop.mongodb.net/?retryWrites=true&w=majority&appName=Shop";

/// The catalog's parameters, by the facts' placeholders.
const PARAMETERS: [(&str, &str); 19] = [
    ("subscription", "subscription"),
    ("resource-group", "target_resource_group"),
    ("account", "account"),
    ("server", "server"),
    ("database", "database"),
    ("key-space", "key_space"),
    ("graph", "graph"),
    ("table", "table"),
    ("vault", "vault"),
    ("app-config", "config_store"),
    ("azure-namespace", "namespace"),
    ("signalr", "signalr"),
    ("webpubsub", "webpubsub"),
    ("region", "region"),
    ("bootstrap-server", "bootstrap_server"),
    ("schema-registry", "schema_registry"),
    ("organization", "organization"),
    ("app-insights", "appinsights"),
    ("principal-id", "principal_id"),
];

/// Client types of the facts that have no documented variables; the catalog leaves them out.
const UNDOCUMENTED_CLIENTS: [&str; 2] = ["dotnet-internal", "dotnet-connectionString"];

/// Services outside the original: a person's own servers.
const OWN: [&str; 8] =
    ["generic", "kafka", "mongodb", "mysql-server", "postgres-server", "rabbitmq", "redis-server", "s3"];

/// Variables that the catalog adds on purpose: (service, auth type, variable, reason).
///
/// What else differs on purpose shows only with values that the original has no answer for (in brackets, the tests):
/// - Go's PostgreSQL string names a port other than 5432, or the workload couldn't connect
///   (`a_port_other_than_azures_reaches_every_client`).
/// - Where the page has no variable for the port, `…_PORT` is added if it isn't Azure's (same).
/// - A storage endpoint other than Azure's is in the connection string as `BlobEndpoint`, `QueueEndpoint`, … in place of
///   `EndpointSuffix` (`azurite_is_named_by_its_endpoint`).
/// - Special characters are escaped for the client library or refused; the original says so for MySQL's JDBC URL only
///   (`tests/formats.rs`).
/// - An IPv6 address stands in brackets where a port follows (`an_ipv6_address_stands_in_brackets_in_a_url`).
const ADDED: [(&str, &str, &str, &str); 3] = [
    ("redis", "service-principal", "AZURE_REDIS_DATABASE", ADDED_DATABASE),
    ("redis", "workload-identity", "AZURE_REDIS_DATABASE", ADDED_DATABASE),
    ("redis", "system-managed-identity", "AZURE_REDIS_DATABASE", ADDED_DATABASE),
];
const ADDED_DATABASE: &str =
    "the page has no variable for the database, so a workload couldn't know another one than 0";

/// Auth types that the catalog offers to clusters though the original's command line doesn't: (service, auth type, reason).
const OFFERED: [(&str, &str, &str); 9] = [
    ("sql", "workload-identity", BY_EXTENSION),
    ("sql", "service-principal", DOCUMENTED),
    ("postgres-flexible", "workload-identity", BY_EXTENSION),
    ("postgres-flexible", "service-principal", DOCUMENTED),
    ("postgres", "workload-identity", BY_EXTENSION),
    ("postgres", "service-principal", DOCUMENTED),
    ("mysql-flexible", "workload-identity", BY_EXTENSION),
    ("mysql-flexible", "service-principal", DOCUMENTED),
    ("fabric-sql", "workload-identity", "the page lists AKS among the computes; az has no command for it"),
];
const BY_EXTENSION: &str = "az offers it with the extension serviceconnector-passwordless";
const DOCUMENTED: &str = "the page documents its variables, and a workload can use them";

#[test]
fn every_cell_of_the_originals_table_is_here_and_the_same() {
    let facts = facts();
    let mut wanted = Table::new();
    for target in targets(&facts) {
        for (pair, rows) in documented(target) {
            wanted.insert((text(&target["name"]), pair.0, pair.1), rows);
        }
    }
    let found: Table = originals().flat_map(cells).collect();

    let missing: Vec<_> = wanted.keys().filter(|cell| !found.contains_key(*cell)).collect();
    let extra: Vec<_> = found.keys().filter(|cell| !wanted.contains_key(*cell)).collect();
    assert!(missing.is_empty(), "cells that the catalog lacks: {missing:?}");
    assert!(extra.is_empty(), "cells that the original doesn't have: {extra:?}");
    let mut differing = Vec::new();
    for (cell, rows) in &wanted {
        let mut rows = rows.clone();
        for (service, auth, variable, _) in ADDED {
            if (service, auth) == (&*cell.0, &*cell.1) {
                let at = found[cell].iter().position(|(name, ..)| name == variable);
                let at = at.expect("what is listed as added is there");
                rows.insert(at, found[cell][at].clone());
            }
        }
        if rows != found[cell] {
            differing.push(format!("{cell:?}\n  original: {rows:?}\n  catalog:  {:?}", found[cell]));
        }
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
    assert_eq!(wanted.len(), 639, "the facts have other cells than before: look at them again");
}

#[test]
fn a_cluster_can_create_all_that_the_original_lets_it_and_more() {
    let facts = facts();
    let mut creatable = 0;
    for service in originals() {
        let target = target(&facts, service.name());
        let aks = &target["support"]["aks"];
        let ours: Vec<_> = service.auth_types().into_iter().map(|auth| auth.to_string()).collect();
        let theirs = texts(&aks["auth"]);
        for auth in &theirs {
            assert!(ours.contains(auth), "{} is not offered with {auth}", service.name());
            let clients = texts(&target["clients"]["cli"]);
            let cells = documented(target).into_keys();
            creatable += cells.filter(|cell| cell.0 == *auth && clients.contains(&cell.1)).count();
        }
        for auth in ours.iter().filter(|auth| !theirs.contains(auth)) {
            let is_listed = OFFERED.iter().any(|(name, listed, _)| *name == service.name() && listed == auth);
            assert!(is_listed, "{} offers {auth}, which the original doesn't", service.name());
        }
        if let Some(default) = aks["default"].as_str() {
            assert_eq!(service.default_auth().name(), default, "{}", service.name());
        }
        let local = &target["support"]["local"];
        let local = local["default"].as_str().map(|default| (texts(&local["auth"]), default));
        let ours = service.local_auth_types();
        let ours = ours.map(|(auth, default)| (auth.into_iter().map(str::to_owned).collect(), default));
        assert_eq!(ours, local, "{}", service.name());
    }
    assert_eq!(creatable, 384);
}

#[test]
fn the_table_that_people_are_shown_has_the_same_cells_and_names() {
    let facts = facts();
    for service in originals() {
        let shown: BTreeMap<_, Vec<String>> = service
            .support()
            .map(|cell| {
                let keys = cell.keys.iter().map(|key| (*key).to_owned()).collect();
                ((cell.auth.to_string(), cell.client.to_string()), keys)
            })
            .collect();
        let wanted: BTreeMap<_, Vec<String>> = documented(target(&facts, service.name()))
            .into_iter()
            .filter(|((auth, _), _)| auth != AuthType::SystemManagedIdentity.name())
            .map(|(pair, rows)| (pair, rows.into_iter().map(|(name, ..)| name).collect()))
            .collect();
        assert_eq!(shown, wanted, "{}", service.name());
    }
}

#[test]
fn the_service_and_what_azure_knows_about_it_are_named_as_in_the_original() {
    let facts = facts();
    for service in originals() {
        let target = target(&facts, service.name());
        let title = text(&target["title"]).replace("; deprecated command", "");
        assert_eq!(service.title(), title);
        let documented_clients =
            texts(&target["clients"]["cli"]).into_iter().filter(|client| !is_undocumented(target, client));
        for client in documented_clients {
            let has =
                |auth: &AuthType| service.client_types(*auth).iter().any(|known| known.name() == client);
            assert!(AuthType::ALL.iter().any(has), "{} {client}", service.name());
        }
        if let Some(port) = service.parameter("port") {
            assert_eq!(
                port.default_text(),
                target["endpoint"]["port"].as_u64().map(|port| port.to_string()),
                "{}",
                service.name()
            );
        }
        let azure = service.azure().expect("all of them are in Azure, or in its linkers");
        let types = texts(&target["arm_types"]);
        assert_eq!(azure.resource_type(), types.first().map(String::as_str), "{}", service.name());
        assert_eq!(azure.kind(), target.get("account_kind").and_then(Value::as_str));
        assert_eq!(parameters_in(&azure.id_text()), text(&target["id_template"]), "{}", service.name());
        let roles: Vec<_> = azure.roles().map(|(name, id)| (name.to_owned(), id.to_owned())).collect();
        let wanted: Vec<_> = target["roles"]
            .as_sequence()
            .unwrap()
            .iter()
            .map(|role| (text(&role["name"]), text(&role["id"])))
            .collect();
        assert_eq!(roles, wanted, "{}", service.name());
        let operation = target["secret_source"].get("operation").and_then(Value::as_str);
        assert_eq!(azure.secret_operation(), operation, "{}", service.name());
        let network = &target["network"];
        let (firewall, service_endpoint, private_endpoint) = azure.network();
        let documented = network["firewall"].as_str().filter(|firewall| !firewall.starts_with("none"));
        assert_eq!(firewall, documented, "{}", service.name());
        assert_eq!(Some(service_endpoint), network["service_endpoint"].as_bool());
        assert_eq!(Some(private_endpoint), network["private_endpoint"].as_bool());
    }
}

/// An id with the facts' placeholders in place of the catalog's parameters.
fn parameters_in(id: &str) -> String {
    let special =
        [("fabric-workspace-uuid", "fabric_workspace_uuid"), ("fabric-sql-db-uuid", "fabric_sql_db_uuid")];
    let mut id = id.to_owned();
    for (parameter, placeholder) in PARAMETERS.into_iter().chain(special) {
        id = id.replace(&format!("{{{parameter}}}"), &format!("{{{placeholder}}}"));
    }
    id
}

/// Whether the facts say of a client type of the command line that nothing is documented for it.
fn is_undocumented(target: &Value, client: &str) -> bool {
    let nowhere = || documented(target).into_keys().all(|cell| cell.1 != client);
    let is_told = target.get("undocumented").and_then(Value::as_sequence).is_some_and(|entries| {
        entries.iter().any(|entry| texts(&entry["clients"]).iter().any(|told| told == client))
    });
    UNDOCUMENTED_CLIENTS.contains(&client) || (is_told && nowhere())
}

fn originals() -> impl Iterator<Item = &'static Service> {
    Catalog::builtin().services().iter().filter(|service| !OWN.contains(&service.name()))
}

/// The facts, with anchors, aliases and merge keys followed.
fn facts() -> Value {
    let text = std::fs::read_to_string(FACTS).unwrap_or_else(|error| {
        panic!(
            "this test compares with the facts about the original in {FACTS}, which can't be read: {error}"
        )
    });
    let mut facts: Value = serde_yaml_ng::from_str(&text).unwrap();
    facts.apply_merge().unwrap();
    facts
}

fn targets(facts: &Value) -> &[Value] {
    facts["targets"].as_sequence().unwrap()
}

fn texts(value: &Value) -> Vec<String> {
    value.as_sequence().map(|texts| texts.iter().map(text).collect()).unwrap_or_default()
}

fn target<'f>(facts: &'f Value, name: &str) -> &'f Value {
    targets(facts)
        .iter()
        .find(|target| target["name"] == name)
        .unwrap_or_else(|| panic!("the facts have no {name}"))
}

/// The cells that the facts have for the auth types of clusters, filled in.
fn documented(target: &Value) -> BTreeMap<(String, String), Vec<Row>> {
    let mut cells = BTreeMap::new();
    let login = match target["name"].as_str() {
        Some("postgres" | "mysql") => "{username}@{server}",
        _ => "{username}",
    };
    for config in target["configs"].as_sequence().unwrap() {
        let sets = config["use"].as_sequence().unwrap().iter();
        let rows: Vec<Row> = sets
            .flat_map(|set| target["sets"][set.as_str().unwrap()].as_sequence().expect("the set exists"))
            .map(|variable| {
                let is_secret = variable.get("secret").and_then(Value::as_bool).unwrap_or(false);
                (
                    text(&variable["name"]),
                    filled(&text(&variable["value"]).replace("{login}", login)),
                    is_secret,
                )
            })
            .collect();
        for auth in config["auth"].as_sequence().unwrap() {
            for client in config["clients"].as_sequence().unwrap() {
                let before = cells.insert((text(auth), text(client)), rows.clone());
                assert!(before.is_none(), "the facts have a cell twice");
            }
        }
    }
    cells
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn filled(template: &str) -> String {
    let mut text = template.to_owned();
    for (name, value) in PLACEHOLDERS {
        text = text.replace(&format!("{{{name}}}"), value);
    }
    // ODBC's braces, which the facts write twice.
    let text = text.replace("{{ODBC Driver 17 for SQL Server}}", "(ODBC)");
    assert!(!text.contains('{'), "a placeholder that this test doesn't know: {text}");
    text.replace("(ODBC)", "{ODBC Driver 17 for SQL Server}")
}

/// The cells that the catalog gives for the same Azure service.
fn cells(service: &'static Service) -> Vec<((String, String, String), Vec<Row>)> {
    let pairs =
        AuthType::ALL.iter().flat_map(|auth| ClientType::ALL.iter().map(move |client| (*auth, *client)));
    let supported = pairs.filter(|(auth, client)| service.client_types(*auth).contains(client));
    supported.map(|(auth, client)| (key(service, auth, client), rows(service, auth, client))).collect()
}

fn key(service: &Service, auth: AuthType, client: ClientType) -> (String, String, String) {
    (service.name().to_owned(), auth.to_string(), client.to_string())
}

fn rows(service: &Service, auth: AuthType, client: ClientType) -> Vec<Row> {
    let mut spec = request(service.name(), auth, client);
    for (parameter, placeholder) in PARAMETERS {
        let (_, value) = PLACEHOLDERS.iter().find(|(known, _)| *known == placeholder).unwrap();
        match service.parameter(parameter) {
            Some(known) if known.is_principal_id() => spec.auth.principal_id = Some((*value).to_owned()),
            Some(_) => spec = spec.with(parameter, value),
            None => {}
        }
    }
    match service.name() {
        "fabric-sql" => spec = spec.with("host", "orders.database.fabric.microsoft.com"),
        "neon-postgres" => spec = spec.with("host", "ep-1.westeurope.azure.neon.tech"),
        // The facts know one database of it.
        "redis-enterprise" => spec = spec.with("database", "0"),
        _ => {}
    }
    if service.parameters().iter().any(|parameter| parameter.is_username()) {
        spec = spec.user("anna");
    }
    let resolved = Catalog::builtin().resolve_elsewhere(&spec).unwrap();
    let secret = match (service.name(), resolved.secret_input().map(|input| input.name())) {
        ("app-insights", _) => APP_INSIGHTS,
        ("mongodb-atlas", _) => ATLAS,
        (_, Some("account-key")) => ACCOUNT_KEY,
        _ => "pw-1234",
    };
    let rendered = resolved.render(&Some(SecretValue::new(secret)).into()).unwrap();
    let row = |binding: Binding| (binding.key, binding.value.expose().to_owned(), binding.secret);
    rendered.into_iter().map(row).collect()
}
