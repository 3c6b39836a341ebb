//! A new password reaches the workload's Secret.

use sc_tests::{encoded, eventually, world};

const CONNECTION: &str = "
apiVersion: serviceconnector.dev/v1alpha1
kind: ServiceConnection
metadata: {name: orders}
spec:
  target: {service: postgres-flexible, parameters: {host: db.example, database: shop}}
  auth: {type: secret, username: app, secretRef: {name: database, key: pw}}
";

#[test]
fn a_new_password_by_the_same_command_is_carried_on() {
    let shop = world().namespace("rotate");
    shop.create("orders").succeeds();

    let told = shop.create("orders").stdin("second-password\n").args("-o json").succeeds().json();

    assert_eq!(told["changed"], true);
    assert_eq!(shop.secret("sc-orders-secret")["AZURE_POSTGRESQL_PASSWORD"], "second-password");
}

#[test]
fn a_new_password_by_update_is_carried_on() {
    let shop = world().namespace("rotate");
    shop.create("orders").succeeds();
    shop.sc("connection update orders --password-stdin --no-validate").stdin("second-password").succeeds();
    assert_eq!(shop.secret("sc-orders-secret")["AZURE_POSTGRESQL_PASSWORD"], "second-password");
}

#[test]
fn a_new_password_in_a_labelled_secret_is_carried_on_without_being_asked() {
    let shop = world().namespace("rotate");
    shop.kubectl("create secret generic database --from-literal=pw=first-password").succeeds();
    shop.kubectl("label secret database serviceconnector.dev/role=input").succeeds();
    shop.apply(CONNECTION).succeeds();
    shop.becomes_ready("orders");
    assert_eq!(shop.secret("sc-orders-secret")["AZURE_POSTGRESQL_PASSWORD"], "first-password");

    let patch = format!(r#"{{"data":{{"pw":"{}"}}}}"#, encoded("second-password"));
    shop.kubectl("patch secret database -p").arg(patch).succeeds();

    eventually("the workload's Secret has the new password", || {
        (shop.secret("sc-orders-secret")["AZURE_POSTGRESQL_PASSWORD"] == "second-password").then_some(())
    });
}

#[test]
fn a_new_password_in_the_stored_secret_is_carried_on() {
    let shop = world().namespace("rotate");
    shop.create("orders").succeeds();

    let patch = format!(r#"{{"data":{{"password":"{}"}}}}"#, encoded("second-password"));
    let payload = shop.payload("orders");
    world().kubectl(format!("-n sc-system patch secret {payload} -p")).arg(patch).succeeds();

    eventually("the workload's Secret has the new password", || {
        (shop.secret("sc-orders-secret")["AZURE_POSTGRESQL_PASSWORD"] == "second-password").then_some(())
    });
}

#[test]
fn any_password_arrives_as_it_is() {
    let shop = world().namespace("rotate");
    for password in ["it's \"quoted\" \\ $1 %41 {x}", " blanks around ", "ünïcode ☂", "=;,&?#@:/"] {
        shop.create("orders").stdin(password).succeeds();
        assert_eq!(shop.secret("sc-orders-secret")["AZURE_POSTGRESQL_PASSWORD"], password);
    }
}
