//! The catalog against the facts about the original: each cell of its table gives the same variables, to the letter.
//!
//! The facts are the project's own compilation (`tests/facts`), read here without any of the catalog's own code.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test file")]

mod request;

use std::collections::BTreeMap;

use request::{CLIENT, TENANT, With, request, resolve};
use sc_catalog::{Catalog, Service};
use sc_model::{AuthType, ClientType, SecretValue};
use serde_yaml_ng::Value;

/// A variable as this test compares it: name, value, whether it is secret.
type Row = (String, String, bool);
/// The variables by service, auth type and client type.
type Table = BTreeMap<(String, String, String), Vec<Row>>;

const FACTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/facts/targets.yaml");

/// What fills the placeholders of the facts. No value needs escaping: what happens to those that do is in
/// `tests/formats.rs`.
const PLACEHOLDERS: [(&str, &str); 11] = [
    ("server", "orders-db"),
    ("account", "ordersblobs"),
    ("database", "7"),
    ("login", "anna"),
    ("password", "pw-1234"),
    ("password|urlencode", "pw-1234"),
    ("redis_key", "pw-1234"),
    ("account_key", "cHctMTIzNA=="),
    ("client_secret", "pw-1234"),
    ("client_id", CLIENT),
    ("tenant_id", TENANT),
];

/// Client types of the facts that have no documented variables; the catalog leaves them out.
const UNDOCUMENTED_CLIENTS: [&str; 2] = ["dotnet-internal", "dotnet-connectionString"];

/// Variables that the catalog adds on purpose: (service, auth type, variable, reason).
///
/// What else differs on purpose shows only with values that the original has no answer for (in brackets, the tests):
/// - Go's PostgreSQL string names a port other than 5432, or the workload couldn't connect
///   (`a_port_other_than_azures_reaches_every_client`).
/// - Where the page has no variable for the port, `…_PORT` is added if it isn't Azure's (same).
/// - A blob endpoint other than Azure's is in the connection string as `BlobEndpoint` in place of `EndpointSuffix`
///   (`azurite_is_named_by_its_endpoint`).
/// - Special characters are escaped for the client library or refused; the original says so for MySQL's JDBC URL only
///   (`tests/formats.rs`).
/// - An IPv6 address stands in brackets where a port follows (`an_ipv6_address_stands_in_brackets_in_a_url`).
const ADDED: [(&str, &str, &str, &str); 2] = [
    ("redis", "service-principal", "AZURE_REDIS_DATABASE", ADDED_DATABASE),
    ("redis", "workload-identity", "AZURE_REDIS_DATABASE", ADDED_DATABASE),
];
const ADDED_DATABASE: &str =
    "the page has no variable for the database, so a workload couldn't know another one than 0";

#[test]
fn every_cell_of_the_originals_table_is_here_and_the_same() {
    let facts = facts();
    let catalog = Catalog::builtin();
    let mut wanted = Table::new();
    for service in catalog.services() {
        let target = target(&facts, service.name());
        for (pair, rows) in documented(target) {
            wanted.insert((service.name().to_owned(), pair.0, pair.1), rows);
        }
    }
    let found: Table = catalog.services().iter().flat_map(cells).collect();

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
    assert_eq!(wanted.len(), 30 + 30 + 19 + 21, "the facts have other cells than before: look at them again");
}

#[test]
fn the_table_that_people_are_shown_has_the_same_cells_and_names() {
    let facts = facts();
    for service in Catalog::builtin().services() {
        let shown: BTreeMap<_, Vec<String>> = service
            .support()
            .map(|cell| {
                let keys = cell.keys.iter().map(|key| (*key).to_owned()).collect();
                ((cell.auth.to_string(), cell.client.to_string()), keys)
            })
            .collect();
        let wanted: BTreeMap<_, Vec<String>> = documented(target(&facts, service.name()))
            .into_iter()
            .map(|(pair, rows)| (pair, rows.into_iter().map(|(name, ..)| name).collect()))
            .collect();
        assert_eq!(shown, wanted, "{}", service.name());
    }
}

#[test]
fn the_service_and_its_azure_endpoint_are_named_as_in_the_original() {
    let facts = facts();
    for service in Catalog::builtin().services() {
        let target = target(&facts, service.name());
        assert_eq!(service.title(), target["title"].as_str().unwrap());
        let documented_clients: Vec<_> = target["clients"]["cli"]
            .as_sequence()
            .unwrap()
            .iter()
            .filter_map(Value::as_str)
            .filter(|client| !UNDOCUMENTED_CLIENTS.contains(client))
            .collect();
        let clients = service.client_types(AuthType::Secret);
        for client in documented_clients {
            assert!(clients.iter().any(|known| known.name() == client), "{} {client}", service.name());
        }
        if let Some(port) = service.parameter("port") {
            assert_eq!(port.default_text(), target["endpoint"]["port"].as_u64().map(|port| port.to_string()));
        }
    }
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

fn target<'f>(facts: &'f Value, name: &str) -> &'f Value {
    let targets = facts["targets"].as_sequence().unwrap();
    targets.iter().find(|target| target["name"] == name).unwrap_or_else(|| panic!("the facts have no {name}"))
}

/// The cells that the facts have for the auth types of clusters, filled in.
fn documented(target: &Value) -> BTreeMap<(String, String), Vec<Row>> {
    let mut cells = BTreeMap::new();
    for config in target["configs"].as_sequence().unwrap() {
        let sets = config["use"].as_sequence().unwrap().iter();
        let rows: Vec<Row> = sets
            .flat_map(|set| target["sets"][set.as_str().unwrap()].as_sequence().expect("the set exists"))
            .map(|variable| {
                let is_secret = variable.get("secret").and_then(Value::as_bool).unwrap_or(false);
                (text(&variable["name"]), filled(&text(&variable["value"])), is_secret)
            })
            .collect();
        for auth in config["auth"].as_sequence().unwrap() {
            if AuthType::ALL.iter().all(|known| known.name() != text(auth)) {
                assert_eq!(text(auth), "system-managed-identity", "the only one that clusters don't have");
                continue;
            }
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
    assert!(!text.contains('{'), "a placeholder that this test doesn't know: {text}");
    text
}

/// The cells that the catalog gives for the same Azure service.
fn cells(service: &'static Service) -> Vec<((String, String, String), Vec<Row>)> {
    let pairs =
        AuthType::ALL.iter().flat_map(|auth| ClientType::ALL.iter().map(move |client| (*auth, *client)));
    let supported = pairs.filter(|(auth, client)| service.client_types(*auth).contains(client));
    supported
        .map(|(auth, client)| {
            let mut spec = request(service.name(), auth, client);
            for name in ["server", "account", "database"] {
                if service.parameter(name).is_some() {
                    let (_, value) = PLACEHOLDERS.iter().find(|(known, _)| *known == name).unwrap();
                    spec = spec.with(name, value);
                }
            }
            if service.parameter("username").is_some() {
                spec = spec.user("anna");
            }
            let resolved = resolve(&spec).unwrap();
            let secret = match resolved.secret_input().map(|input| input.name()) {
                Some("account-key") => "cHctMTIzNA==",
                _ => "pw-1234",
            };
            let rendered = resolved.render(Some(&SecretValue::new(secret))).unwrap();
            let rows = rendered
                .into_iter()
                .map(|binding| (binding.key.clone(), binding.value.expose().to_owned(), binding.secret))
                .collect();
            ((service.name().to_owned(), auth.to_string(), client.to_string()), rows)
        })
        .collect()
}
