//! Deleting: the workloads keep what they read.

use sc_tests::{eventually, world};

#[test]
fn deleting_a_connection_leaves_its_secret_and_names_it() {
    let shop = world().namespace("delete");
    shop.create("orders").succeeds();
    let before = shop.secret("sc-orders-secret");

    let said = shop.sc("connection delete orders --yes").succeeds();

    said.says("Its Secret `sc-orders-secret` stays");
    assert_eq!(shop.get("serviceconnection/orders"), None);
    assert_eq!(shop.find_payload("orders"), None, "the stored password goes with the connection");
    assert_eq!(shop.secret("sc-orders-secret"), before);
}

#[test]
fn a_delete_tells_programs_what_it_left() {
    let shop = world().namespace("delete");
    shop.create("My.Orders").succeeds();

    let told = shop.sc("connection delete My.Orders --yes -o json").succeeds().json();

    let expected = serde_json::json!({
        "name": "My.Orders", "namespace": shop.to_string(), "secretLeft": "sc-myorders-secret", "serviceAccountLeft": null,
    });
    assert_eq!(told, expected);
}

#[test]
fn a_delete_without_a_person_to_ask_wants_yes() {
    let shop = world().namespace("delete");
    shop.create("orders").succeeds();
    shop.sc("connection delete orders").fails_with(2).says("--yes");
    assert!(shop.get("serviceconnection/orders").is_some());
}

#[test]
fn deleting_what_is_not_there_says_so() {
    let shop = world().namespace("delete");
    let error = shop.sc("connection delete orders --yes -o json").fails_with(3).error();
    assert_eq!(error["code"], "ConnectionNotFound");
}

#[test]
fn kubectl_delete_leaves_the_secret_too() {
    let shop = world().namespace("delete");
    shop.create("orders").succeeds();

    shop.kubectl("delete serviceconnection orders").succeeds();

    shop.create("other").succeeds(); // one sc-job later
    assert_eq!(shop.secret("sc-orders-secret")["AZURE_POSTGRESQL_PASSWORD"], "first-password");
}

#[test]
fn a_connection_takes_up_the_secret_that_its_predecessor_left() {
    let shop = world().namespace("delete");
    shop.create("orders").succeeds();
    shop.sc("connection delete orders --yes").succeeds();

    shop.create("orders").stdin("second-password").succeeds();

    assert_eq!(shop.secret("sc-orders-secret")["AZURE_POSTGRESQL_PASSWORD"], "second-password");
}

#[test]
fn a_namespace_with_connections_can_be_deleted() {
    let shop = world().namespace("leaves");
    shop.create("orders").succeeds();

    world().kubectl(format!("delete namespace {shop} --wait=false")).succeeds();

    let is_gone = || {
        world()
            .kubectl(format!("get namespace {shop} -o name --ignore-not-found"))
            .succeeds()
            .stdout
            .is_empty()
    };
    eventually("the namespace is gone", || is_gone().then_some(()));
}
