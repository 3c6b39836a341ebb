//! Who only applies YAML gets the same as who calls `sc`.

use sc_tests::{Place, eventually, world};
use serde_json::Value;

const CONNECTION: &str = "
apiVersion: serviceconnector.dev/v1alpha1
kind: ServiceConnection
metadata: {name: orders}
spec:
  target:
    service: postgres-flexible
    parameters: {host: db.example, database: shop}
  auth:
    type: secret
    username: app
    secretRef: {name: database}
  clientType: django
";

/// What a workload and a person see of the Secret.
fn essence(shop: &Place) -> [Value; 4] {
    let secret = shop.get("secret/sc-orders-secret").unwrap();
    let metadata = &secret["metadata"];
    [&secret["data"], &secret["type"], &metadata["labels"], &metadata["annotations"]].map(Clone::clone)
}

#[test]
fn applied_yaml_gives_the_same_secret_as_the_command() {
    let (by_command, by_yaml) = (world().namespace("cli"), world().namespace("yaml"));
    by_command.create("orders").args("--client-type django").succeeds();

    by_yaml.kubectl("create secret generic database --from-literal=password=first-password").succeeds();
    by_yaml.apply(CONNECTION).succeeds();
    by_yaml.becomes_ready("orders");

    assert_eq!(essence(&by_yaml), essence(&by_command));
    by_yaml.sc("connection list").succeeds().says("orders").says("sc-orders-secret");
    by_yaml
        .kubectl("get serviceconnections")
        .succeeds()
        .says("postgres-flexible")
        .says("django")
        .says("sc-orders-secret")
        .says("True");
}

#[test]
fn a_connection_waits_for_the_secret_it_refers_to() {
    let shop = world().namespace("yaml");
    shop.apply(CONNECTION).succeeds();
    let condition = shop.becomes_unready("orders", "SecretInputMissing");
    let message = condition["message"].as_str().unwrap();
    assert!(
        message.contains("`database`") && message.contains("kubectl create secret generic database"),
        "{message}"
    );
    assert_eq!(shop.find_secret("sc-orders-secret"), None);

    shop.kubectl("create secret generic database --from-literal=password=first-password").succeeds();
    shop.kubectl("label secret database serviceconnector.dev/role=input").succeeds();

    shop.becomes_ready("orders");
    assert_eq!(shop.secret("sc-orders-secret")["AZURE_POSTGRESQL_PASSWORD"], "first-password");
}

#[test]
fn a_changed_connection_is_carried_on() {
    let shop = world().namespace("yaml");
    shop.kubectl("create secret generic database --from-literal=password=first-password").succeeds();
    shop.apply(CONNECTION).succeeds();
    shop.becomes_ready("orders");

    shop.apply(CONNECTION.replace("database: shop", "database: archive")).succeeds();

    eventually("the Secret names the other database", || {
        (shop.secret("sc-orders-secret")["AZURE_POSTGRESQL_NAME"] == "archive").then_some(())
    });
    let connection = shop.connection("orders");
    assert_eq!(
        connection["status"]["binding"]["name"], "sc-orders-secret",
        "a Provisioned Service of servicebinding.io"
    );
}

#[test]
fn a_connection_to_an_unknown_target_says_so() {
    let shop = world().namespace("yaml");
    shop.apply(CONNECTION.replace("postgres-flexible", "postgress")).succeeds();
    let condition = shop.becomes_unready("orders", "UnknownTarget");
    assert!(condition["message"].as_str().unwrap().contains("`postgress`"), "{condition}");
}

#[test]
fn kubectl_delete_of_an_applied_connection_leaves_the_secret() {
    let shop = world().namespace("yaml");
    shop.kubectl("create secret generic database --from-literal=password=first-password").succeeds();
    shop.apply(CONNECTION).succeeds();
    shop.becomes_ready("orders");
    let before = essence(&shop);

    shop.kubectl("delete serviceconnection orders").succeeds();

    shop.create("other").succeeds(); // one sc-job later
    assert_eq!(essence(&shop), before);
    assert_eq!(shop.secret("database")["password"], "first-password");
}
