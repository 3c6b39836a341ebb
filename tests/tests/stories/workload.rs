//! A workload that knows nothing of the connector.

use sc_tests::world;
use serde_json::json;

#[test]
fn a_workload_reads_a_real_database_through_its_environment() {
    let world = world();
    let (shop, server) = (world.namespace("workload"), world.postgres());
    let created = shop
        .create_for_postgres("orders")
        .args(format!("--require-valid --ca-certificate {}", world.services_ca()))
        .succeeds();
    created.says("Sign-in").says("Connection `orders` is ready");
    shop.store_authority();

    // As a person would use what they are shown, with their own authority in it.
    let show = format!("connection show orders --snippet job --image {}", world.image());
    let mut job: serde_json::Value = serde_yaml_ng::from_str(&shop.sc(&show).succeeds().stdout).unwrap();
    let pod = &mut job["spec"]["template"]["spec"];
    pod["volumes"] = json!([{"name": "authority", "configMap": {"name": "authority"}}]);
    let container = &mut pod["containers"][0];
    container["args"] = json!(["sample-job"]);
    container["env"] = json!([{"name": "PGSSLROOTCERT", "value": "/authority/ca.crt"}]);
    container["volumeMounts"] = json!([{"name": "authority", "mountPath": "/authority", "readOnly": true}]);
    shop.apply(job.to_string()).succeeds();
    let waited = shop.kubectl("wait --for=condition=Complete job/orders-job --timeout=60s").run();

    let log = shop.kubectl("logs job/orders-job").succeeds();
    assert_eq!(waited.code, Some(0), "{log}");
    log.says(&format!("signed in as {} to database {}", server.username, server.database))
        .says("wrote and read back 2 orders: tea, coffee");
    assert!(!log.everything().contains(&server.password), "{log}");
}
