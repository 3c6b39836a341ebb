//! Somebody else's Secret in the place where a connection's would go.

use sc_tests::{Place, world};
use serde_json::Value;

const FOREIGN: &str = "
apiVersion: v1
kind: Secret
metadata: {name: sc-orders-secret, labels: {team: shop}}
stringData: {AZURE_POSTGRESQL_HOST: mine.example, KEPT: 'yes'}
";

fn foreign(shop: &Place) -> Value {
    shop.apply(FOREIGN).succeeds();
    shop.get("secret/sc-orders-secret").unwrap()
}

#[test]
fn a_foreign_secret_stops_the_create_before_anything_is_written() {
    let shop = world().namespace("foreign");
    let theirs = foreign(&shop);

    let said = shop.create("orders").fails_with(4);
    said.says("Resource already exists in your cluster")
        .says("sc-orders-secret")
        .says("code:   ResourceAlreadyExists");
    said.says(&format!("kubectl get secret sc-orders-secret -n {shop}"));
    let error = shop.create("orders").args("-o json").fails_with(4).error();
    assert_eq!(error["code"], "ResourceAlreadyExists");
    shop.create("orders").args("--dry-run").fails_with(4);

    assert_eq!(shop.get("serviceconnection/orders"), None);
    assert_eq!(shop.find_payload("orders"), None);
    assert_eq!(shop.get("secret/sc-orders-secret").unwrap(), theirs);

    shop.kubectl("delete secret sc-orders-secret").succeeds();
    shop.create("orders").succeeds();
    assert_eq!(shop.secret("sc-orders-secret")["AZURE_POSTGRESQL_HOST"], "db.example");
}

#[test]
fn a_foreign_secret_keeps_an_applied_connection_from_becoming_ready() {
    let shop = world().namespace("foreign");
    let theirs = foreign(&shop);
    shop.kubectl("create secret generic database --from-literal=password=first-password").succeeds();

    shop.apply(
        "
apiVersion: serviceconnector.dev/v1alpha1
kind: ServiceConnection
metadata: {name: orders}
spec:
  target: {service: postgres-flexible, parameters: {host: db.example, database: shop}}
  auth: {type: secret, username: app, secretRef: {name: database}}
",
    )
    .succeeds();

    let condition = shop.becomes_unready("orders", "ResourceAlreadyExists");
    assert_eq!(condition["status"], "False");
    assert!(
        condition["message"].as_str().unwrap().contains("Resource already exists in your cluster"),
        "{condition}"
    );
    assert_eq!(shop.get("secret/sc-orders-secret").unwrap(), theirs);

    shop.kubectl("delete secret sc-orders-secret").succeeds();
    shop.becomes_ready("orders");
    assert_eq!(shop.secret("sc-orders-secret")["AZURE_POSTGRESQL_HOST"], "db.example");
}

#[test]
fn a_foreign_service_account_is_left_alone() {
    let shop = world().namespace("foreign");
    let client = "11111111-2222-3333-4444-555555555555";
    shop.kubectl(format!("create serviceaccount sc-account-{client}")).succeeds();
    let theirs = shop.get(&format!("serviceaccount/sc-account-{client}")).unwrap();

    let request = format!(
        "connection create postgres-flexible orders --host db.example --database shop --user app --workload-identity {client} \
        --tenant-id {client} --no-validate -o json"
    );
    let error = shop.sc(&request).fails_with(4).error();

    assert_eq!(error["code"], "ResourceAlreadyExists");
    assert_eq!(shop.get(&format!("serviceaccount/sc-account-{client}")).unwrap(), theirs);
    assert_eq!(shop.find_secret("sc-orders-secret"), None);
}
