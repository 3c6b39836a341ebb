//! What somebody changes or removes of the connector's is put back.

use sc_tests::{Place, encoded, eventually, world};

fn is_as_created(shop: &Place) -> bool {
    shop.find_secret("sc-orders-secret").is_some_and(|secret| {
        secret.get("AZURE_POSTGRESQL_HOST").is_some_and(|host| host == "db.example")
            && secret.get("AZURE_POSTGRESQL_PASSWORD").is_some_and(|password| password == "first-password")
    })
}

#[test]
fn a_changed_value_is_put_back() {
    let shop = world().namespace("drift");
    shop.create("orders").succeeds();
    let patch = format!(r#"{{"data":{{"AZURE_POSTGRESQL_HOST":"{}"}}}}"#, encoded("elsewhere.example"));

    shop.kubectl("patch secret sc-orders-secret -p").arg(patch).succeeds();

    eventually("the host is put back", || is_as_created(&shop).then_some(()));
}

#[test]
fn a_removed_key_is_put_back() {
    let shop = world().namespace("drift");
    shop.create("orders").succeeds();
    let patch = r#"[{"op":"remove","path":"/data/AZURE_POSTGRESQL_PASSWORD"}]"#;

    shop.kubectl("patch secret sc-orders-secret --type=json -p").arg(patch).succeeds();

    eventually("the password is put back", || is_as_created(&shop).then_some(()));
}

#[test]
fn a_removed_secret_is_put_back() {
    let shop = world().namespace("drift");
    shop.create("orders").succeeds();

    shop.kubectl("delete secret sc-orders-secret").succeeds();

    eventually("the Secret is put back", || is_as_created(&shop).then_some(()));
}

#[test]
fn the_secret_of_a_deleted_connection_is_not_put_back() {
    let shop = world().namespace("drift");
    shop.create("orders").succeeds();
    shop.sc("connection delete orders --yes").succeeds();

    shop.kubectl("delete secret sc-orders-secret").succeeds();

    shop.create("other").succeeds(); // one sc-job later
    assert_eq!(shop.find_secret("sc-orders-secret"), None);
}

#[test]
fn what_others_add_to_the_secret_stays() {
    let shop = world().namespace("drift");
    shop.create("orders").succeeds();
    shop.kubectl("label secret sc-orders-secret team=shop").succeeds();
    let patch = format!(r#"{{"data":{{"AZURE_POSTGRESQL_HOST":"{}"}}}}"#, encoded("elsewhere.example"));

    shop.kubectl("patch secret sc-orders-secret -p").arg(patch).succeeds();

    eventually("the host is put back", || is_as_created(&shop).then_some(()));
    assert_eq!(shop.get("secret/sc-orders-secret").unwrap()["metadata"]["labels"]["team"], "shop");
}
