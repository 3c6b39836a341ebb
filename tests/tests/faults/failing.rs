//! A connection that fails: told everywhere, and nobody else's trouble.

use sc_tests::{eventually, quiet_world, world};

use crate::{connection, store_password};

#[test]
fn a_failing_connection_stops_nobody_and_is_told_until_it_is_mended() {
    let quiet = quiet_world();
    let shop = world().namespace("failing");
    shop.apply(connection("broken")).succeeds();
    shop.becomes_unready("broken", "SecretInputMissing");

    shop.create("orders").succeeds();
    shop.becomes_ready("orders");

    quiet.kubectl("wait -n sc-system job/sc-job --for=condition=Failed --timeout=60s").succeeds();
    let log = quiet.kubectl("logs -n sc-system job/sc-job").succeeds();
    log.says(&format!("{shop}/broken")).says("`database`").says("kubectl create secret generic database");
    quiet.kubectl("describe -n sc-system job/sc-job").succeeds().says("PodFailurePolicy");
    let shown = quiet.sc("extension show -o json").succeeds().json();
    assert_eq!(shown["provisioningState"], "Failed", "{shown}");
    let statuses = shown["statuses"].as_array().unwrap();
    let told = statuses
        .iter()
        .find(|status| status["code"] == "SecretInputMissing")
        .unwrap_or_else(|| panic!("{shown}"));
    assert_eq!(told["level"], "Error");
    assert!(told["message"].as_str().unwrap().contains(&format!("{shop}/broken")), "{told}");
    quiet.sc("extension show").succeeds().says("Failed").says("broken");
    shop.sc("connection list").succeeds().says("SecretInputMissing");

    store_password(&shop);

    shop.becomes_ready("broken");
    eventually("the extension has recovered and the failed Job is gone", || {
        let shown = quiet.sc("extension show -o json").succeeds().json();
        let is_well = shown["provisioningState"] == "Succeeded" && shown["statuses"] == serde_json::json!([]);
        (is_well && quiet.get("sc-system", "job/sc-job").is_none()).then_some(())
    });
}

#[test]
fn a_failed_connection_is_mended_by_the_same_create() {
    let quiet = quiet_world();
    let shop = world().namespace("failing");
    let request = "connection create postgres-flexible orders --host db.example --database shop --user app --secret-ref database --no-validate -o json";
    let error = shop.sc(request).fails_with(1).error();
    assert_eq!(error["code"], "SecretInputMissing", "{error}");

    store_password(&shop);
    shop.sc(request).succeeds();

    assert_eq!(shop.secret("sc-orders-secret")["AZURE_POSTGRESQL_PASSWORD"], "first-password");
    eventually("the extension has recovered", || {
        (quiet.sc("extension show -o json").succeeds().json()["provisioningState"] == "Succeeded")
            .then_some(())
    });
}
