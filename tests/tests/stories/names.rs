//! The names of connections, and what is derived from them.

use sc_tests::{eventually, world};

#[test]
fn names_that_share_a_secret_are_refused_in_one_namespace_and_both_are_named() {
    let (shop, office) = (world().namespace("names"), world().namespace("names"));
    shop.create("a_b").succeeds();

    for other in ["a.b", "ab", "A-B"] {
        let said = shop.create(other).fails_with(4);
        said.says("`a_b`")
            .says(&format!("`{other}`"))
            .says("sc-ab-secret")
            .says("code:   ConnectionNameConflict");
    }
    assert_eq!(shop.kubectl("get serviceconnections -o name").succeeds().stdout.lines().count(), 1);

    office.create("a.b").succeeds();
    assert_eq!(office.secret("sc-ab-secret")["AZURE_POSTGRESQL_HOST"], "db.example");
}

#[test]
fn the_given_name_is_kept_and_the_objects_name_is_derived() {
    let shop = world().namespace("names");
    shop.create("Shop_Orders.v2").succeeds();

    let listed = shop.sc("connection list -o json").succeeds().json();
    assert_eq!(listed[0]["name"], "Shop_Orders.v2");
    assert_eq!(listed[0]["resourceName"], "shop-orders-v2");
    assert_eq!(listed[0]["secretName"], "sc-shopordersv2-secret");
    shop.sc("connection list").succeeds().says("Shop_Orders.v2");
    let secret = shop.get("secret/sc-shopordersv2-secret").unwrap();
    assert_eq!(secret["type"], "Opaque");
    assert_eq!(secret["metadata"]["labels"]["serviceconnector.dev/connection"], "shop-orders-v2");
    assert_eq!(secret["metadata"]["annotations"]["serviceconnector.dev/connection-name"], "Shop_Orders.v2");

    assert_eq!(shop.sc("connection show Shop_Orders.v2 -o json").succeeds().json()["ready"], "True");
}

#[test]
fn a_create_without_a_name_makes_one_up() {
    let shop = world().namespace("names");
    let request = "connection create redis --host cache.example --access-key-stdin --no-validate -o json";
    let name =
        shop.sc(request).stdin("key").succeeds().json()["connection"]["name"].as_str().unwrap().to_owned();
    assert!(name.starts_with("redis_") && name.len() == "redis_".len() + 5, "{name}");
}

#[test]
fn of_two_applied_connections_with_one_secret_the_older_one_has_it() {
    let shop = world().namespace("names");
    shop.kubectl("create secret generic database --from-literal=password=first-password").succeeds();
    let connection = |object: &str, given: &str| {
        format!(
            "
apiVersion: serviceconnector.dev/v1alpha1
kind: ServiceConnection
metadata: {{name: {object}}}
spec:
  connectionName: {given}
  target: {{service: postgres-flexible, parameters: {{host: {object}.example, database: shop}}}}
  auth: {{type: secret, username: app, secretRef: {{name: database}}}}
"
        )
    };
    shop.apply(connection("older", "a_b")).succeeds();
    std::thread::sleep(std::time::Duration::from_millis(1100)); // ages are whole seconds
    shop.apply(connection("newer", "a.b")).succeeds();

    let condition = shop.becomes_unready("newer", "ConnectionNameConflict");
    assert_eq!(condition["status"], "False");
    let message = condition["message"].as_str().unwrap();
    assert!(message.contains("`a_b`") && message.contains("`a.b`"), "{message}");
    shop.becomes_ready("older");
    assert_eq!(shop.secret("sc-ab-secret")["AZURE_POSTGRESQL_HOST"], "older.example");

    shop.kubectl("delete serviceconnection older").succeeds();
    shop.becomes_ready("newer");
    eventually("the Secret is the newer one's", || {
        (shop.secret("sc-ab-secret")["AZURE_POSTGRESQL_HOST"] == "newer.example").then_some(())
    });
}
