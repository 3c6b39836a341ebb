//! A connection that is put into workloads: `sc connection create … --workload deployment/web`, and taken out again.

mod account;
mod kinds;
mod refusals;
mod sharing;

use sc_tests::{Call, Place, eventually, world};
use serde_json::{Value, json};

const CLIENT: &str = "0f3a5c5e-1111-2222-3333-444455556666";
const OTHER_CLIENT: &str = "1f3a5c5e-1111-2222-3333-444455556666";
const TENANT: &str = "9b8a7c6d-aaaa-bbbb-cccc-ddddeeeeffff";

/// A Deployment that runs no pods: what it says is enough. Its containers don't stand in the order of their names.
const WEB: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 0
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      initContainers: [{name: prepare, image: example.invalid/web}]
      containers:
        - {name: web, image: example.invalid/web}
        - {name: helper, image: example.invalid/helper}
";

fn secret(name: &str) -> Value {
    json!({"secretRef": {"name": name}})
}

/// The connection with a password.
fn create(shop: &Place, name: &str, options: &str) -> Call {
    shop.create(name).args(options)
}

/// The connection by workload identity.
fn create_as(shop: &Place, client: &str, name: &str, options: &str) -> Call {
    let identity = format!("--workload-identity {client} --tenant-id {TENANT}");
    let server = "--host db.example --database shop --user app --no-validate";
    shop.sc(&format!("connection create postgres-flexible {name} {server} {identity} {options}"))
}

fn delete(shop: &Place, name: &str) -> Call {
    shop.sc(&format!("connection delete {name} --yes"))
}

/// A pod that uses PostgreSQL by the variables of a connection, under the `restricted` standard.
fn reader(shop: &Place) -> Value {
    shop.store_authority();
    json!({
        "automountServiceAccountToken": false,
        "securityContext": {"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [{
            "name": "sample",
            "image": world().image(),
            "args": ["sample-job"],
            "env": [{"name": "PGSSLROOTCERT", "value": "/authority/ca.crt"}],
            "volumeMounts": [{"name": "authority", "mountPath": "/authority", "readOnly": true}],
            "securityContext": {
                "allowPrivilegeEscalation": false,
                "readOnlyRootFilesystem": true,
                "capabilities": {"drop": ["ALL"]},
            },
        }],
        "volumes": [{"name": "authority", "configMap": {"name": "authority"}}],
    })
}

fn template(shop: &Place, workload: &str) -> Value {
    let object = shop.get(workload).unwrap_or_else(|| panic!("{shop} has no {workload}"));
    match object["kind"].as_str() {
        Some("CronJob") => object["spec"]["jobTemplate"]["spec"]["template"].clone(),
        _ => object["spec"]["template"].clone(),
    }
}

/// The containers' names in their order, each with what is in its `envFrom`.
fn lists(shop: &Place, workload: &str) -> Vec<(String, Vec<Value>)> {
    let template = template(shop, workload);
    let containers = template["spec"]["containers"].as_array().unwrap();
    let list = |container: &Value| {
        let entries = container["envFrom"].as_array().cloned().unwrap_or_default();
        (container["name"].as_str().unwrap().to_owned(), entries)
    };
    containers.iter().map(list).collect()
}

fn lists_are(shop: &Place, web: &[Value], helper: &[Value]) {
    let expected = vec![("web".to_owned(), web.to_vec()), ("helper".to_owned(), helper.to_vec())];
    assert_eq!(lists(shop, "deployment/web"), expected);
}

/// The field managers of an object.
fn managers(shop: &Place, object: &str) -> Vec<String> {
    let names =
        entries(shop, object).into_iter().filter_map(|entry| entry["manager"].as_str().map(str::to_owned));
    names.collect()
}

fn entries(shop: &Place, object: &str) -> Vec<Value> {
    let found = shop.kubectl(format!("get {object} -o json --show-managed-fields")).succeeds().json();
    found["metadata"]["managedFields"].as_array().cloned().unwrap_or_default()
}

/// What would change if anything were written to a workload by others than its controller: that one writes its status
/// when it likes, and with it the `resourceVersion`.
fn written(shop: &Place, workload: &str) -> (Value, Vec<Value>) {
    let owned = entries(shop, workload).into_iter().filter(|entry| entry["subresource"] != "status");
    (shop.get(workload).unwrap()["metadata"]["generation"].clone(), owned.collect())
}

#[test]
fn a_deployment_rolls_out_with_the_connection_and_its_pods_read_the_database() {
    let world = world();
    let shop = world.namespace("bind");
    let deployment = json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web"},
        "spec": {
            "selector": {"matchLabels": {"app": "web"}},
            "template": {"metadata": {"labels": {"app": "web"}}, "spec": reader(&shop)},
        },
    });
    shop.apply(deployment.to_string()).succeeds();
    shop.create_for_postgres("orders")
        .args(format!("--require-valid --ca-certificate {} --workload deploy/web", world.services_ca()))
        .succeeds()
        .says("Connection `orders` is ready and in deployment/web");

    eventually("a pod of the Deployment has read the database", || {
        let log = shop.kubectl("logs --selector app=web --tail=-1 --ignore-errors").run();
        log.stdout.contains("wrote and read back 2 orders: tea, coffee").then_some(())
    });
}

#[test]
fn every_container_reads_the_secret_and_deleting_takes_it_out_again() {
    let shop = world().namespace("bind");
    shop.apply(WEB).succeeds();
    let before = template(&shop, "deployment/web");

    create(&shop, "orders", "--workload deployment/web").succeeds();

    let list = [secret("sc-orders-secret")];
    lists_are(&shop, &list, &list);
    let bound = template(&shop, "deployment/web");
    assert_eq!(bound["spec"]["initContainers"], before["spec"]["initContainers"]);
    assert_eq!(bound["spec"].get("serviceAccountName"), None, "a password needs no account");
    let shown = shop.sc("connection show orders -o json").succeeds().json();
    assert_eq!(shown["workloads"], json!(["deployment/web"]));
    shop.sc("connection show orders").succeeds().says("deployment/web");

    let deleted = delete(&shop, "orders").succeeds();

    deleted.says("It is out of deployment/web").says("Its Secret `sc-orders-secret` stays");
    assert_eq!(template(&shop, "deployment/web"), before);
    assert!(!managers(&shop, "deployment/web").contains(&"sc-workload".to_owned()));
    assert!(shop.find_secret("sc-orders-secret").is_some());
}

#[test]
fn a_dry_run_shows_what_would_be_added_and_the_same_command_again_has_nothing_to_do() {
    let shop = world().namespace("bind");
    shop.apply(WEB).succeeds();

    create(&shop, "orders", "--workload deployment/web --dry-run")
        .succeeds()
        .says("+ Workload")
        .says("add `envFrom: [{secretRef: {name: sc-orders-secret}}]` to containers `web`, `helper`");
    lists_are(&shop, &[], &[]);
    assert_eq!(shop.get("serviceconnection/orders"), None);

    create(&shop, "orders", "--workload deployment/web").succeeds();
    let before = written(&shop, "deployment/web");
    for options in ["--workload deployment/web", "--workload deploy/web", ""] {
        create(&shop, "orders", options).succeeds().says("= Workload").says("Nothing to do");
    }
    assert_eq!(written(&shop, "deployment/web"), before);
}

#[test]
fn only_one_container_reads_the_secret_where_it_is_named() {
    let shop = world().namespace("bind");
    shop.apply(WEB).succeeds();

    create(&shop, "orders", "--workload deployment/web --container sidecar")
        .fails_with(2)
        .says("it has `web`, `helper`");
    assert_eq!(shop.get("serviceconnection/orders"), None, "nothing was written");
    create(&shop, "orders", "--workload deployment/web --container helper").succeeds();

    lists_are(&shop, &[], &[secret("sc-orders-secret")]);
    shop.sc("connection update orders --host db2.example --no-validate").succeeds();
    lists_are(&shop, &[], &[secret("sc-orders-secret")]);
}

#[test]
fn later_workloads_are_added_to_those_that_a_connection_is_in() {
    let shop = world().namespace("bind");
    shop.apply(WEB).succeeds();
    shop.apply(WEB.replace("{name: web}", "{name: api}").replace("app: web", "app: api")).succeeds();
    let workloads = || shop.sc("connection show orders -o json").succeeds().json()["workloads"].clone();

    create(&shop, "orders", "--workload deployment/web").succeeds();
    create(&shop, "orders", "").stdin("second-password").succeeds();
    assert_eq!(workloads(), json!(["deployment/web"]), "a create without --workload leaves them");
    shop.sc("connection update orders --host db2.example --no-validate --workload deployment/api").succeeds();
    assert_eq!(workloads(), json!(["deployment/web", "deployment/api"]));

    delete(&shop, "orders").succeeds().says("deployment/web").says("deployment/api");
    for workload in ["deployment/web", "deployment/api"] {
        assert!(lists(&shop, workload).iter().all(|(_, entries)| entries.is_empty()), "{workload}");
    }
}

#[test]
fn a_workload_that_is_gone_does_not_keep_a_connection() {
    let shop = world().namespace("bind");
    shop.apply(WEB).succeeds();
    create(&shop, "orders", "--workload deployment/web").succeeds();
    shop.kubectl("delete deployment web").succeeds();

    create(&shop, "orders", "").stdin("second-password").succeeds().says("deployment/web is left as it is");
    delete(&shop, "orders").succeeds();

    assert_eq!(shop.get("serviceconnection/orders"), None);
}

#[test]
fn kubectl_delete_of_a_connection_leaves_the_workload_as_it_is() {
    let shop = world().namespace("bind");
    shop.apply(WEB).succeeds();
    create_as(&shop, CLIENT, "orders", "--workload deployment/web").succeeds();
    let bound = template(&shop, "deployment/web");

    shop.kubectl("delete serviceconnection orders").succeeds();
    create(&shop, "stock", "--workload deployment/web").succeeds();
    delete(&shop, "stock").succeeds();

    assert_eq!(template(&shop, "deployment/web"), bound);
    create_as(&shop, CLIENT, "orders", "--workload deployment/web").succeeds();
    delete(&shop, "orders").succeeds();
    lists_are(&shop, &[], &[]);
}
