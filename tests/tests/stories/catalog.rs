//! Every client type of every target gets the variables that `list-support-types` promises.

use std::collections::BTreeSet;
use std::thread;

use sc_tests::{Place, world};
use serde_json::Value;

fn combinations(target: &str) -> Vec<(String, BTreeSet<String>)> {
    let request =
        format!("connection list-support-types --target {target} --auth-type secret --show-keys -o json");
    let listed = world().sc(request).succeeds().json();
    let texts = |list: &Value| -> Vec<String> {
        list.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
    };
    let alike = |view: &Value| {
        let keys = BTreeSet::from_iter(texts(&view["keys"]));
        texts(&view["clientTypes"]).into_iter().map(move |client| (client, keys.clone()))
    };
    listed.as_array().unwrap().iter().flat_map(alike).collect()
}

/// Creates a connection of every client type at once and compares what its Secret holds.
fn every_client_type(target: &str, server: &str, secret: &str, at_least: usize) {
    let shop: &Place = &world().namespace("catalog");
    let all = combinations(target);
    assert!(all.len() >= at_least, "{all:?}");
    thread::scope(|scope| {
        for (client, _) in &all {
            let name = client.replace("springBoot", "spring");
            let request =
                format!("connection create {target} {name} {server} --client-type {client} --no-wait");
            scope.spawn(move || shop.sc(&request).stdin(secret).succeeds());
        }
    });
    for (client, promised) in &all {
        let name = client.replace("springBoot", "spring");
        shop.becomes_ready(&name);
        let secret = shop.secret(&format!("sc-{}-secret", name.replace('-', "")));
        let given: BTreeSet<String> = secret.keys().cloned().collect();
        assert_eq!(&given, promised, "{target} for {client}");
        assert!(secret.values().all(|value| !value.is_empty()), "{target} for {client}: {secret:?}");
        let shown = shop.sc(&format!("connection list-configuration {name} -o json")).succeeds().json();
        assert_eq!(shown.as_array().unwrap().len(), promised.len());
    }
}

#[test]
fn every_client_type_of_postgresql_gets_its_variables() {
    every_client_type(
        "postgres-flexible",
        "--host db.example --database shop --user app --password-stdin",
        "password",
        10,
    );
}

#[test]
fn every_client_type_of_mysql_gets_its_variables() {
    every_client_type(
        "mysql-flexible",
        "--host db.example --database shop --user app --password-stdin",
        "password",
        10,
    );
}

#[test]
fn every_client_type_of_redis_gets_its_variables() {
    every_client_type("redis", "--host cache.example --access-key-stdin", "password", 7);
}

#[test]
fn every_client_type_of_blob_storage_gets_its_variables() {
    every_client_type("storage-blob", "--account shop --account-key-stdin", "cGFzc3dvcmQ=", 7);
}

#[test]
fn the_variables_of_a_connection_are_listed_without_their_secrets() {
    let shop = world().namespace("catalog");
    shop.create("orders").succeeds();

    let said = shop.sc("connection list-configuration orders").succeeds();
    said.says("AZURE_POSTGRESQL_HOST").says("db.example").says("AZURE_POSTGRESQL_PASSWORD");
    assert!(!said.everything().contains("first-password"), "{said}");

    shop.sc("connection list-configuration orders --show-secrets").succeeds().says("first-password");
}
