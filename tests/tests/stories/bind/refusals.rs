//! What can't be put into a workload is said before anything is written.

use std::fs;

use sc_tests::{Place, world};
use serde_json::json;

use super::{WEB, create};

#[test]
fn an_unknown_workload_is_told_before_anything_is_written() {
    let shop = world().namespace("bind");
    let error = create(&shop, "orders", "--workload deployment/web -o json").fails_with(3).error();
    assert_eq!(error["code"], "WorkloadNotFound");
    assert!(
        error["remedy"].as_str().unwrap().contains(&format!("kubectl get deployments -n {shop}")),
        "{error}"
    );
    assert_eq!(shop.get("serviceconnection/orders"), None);
    assert_eq!(shop.find_payload("orders"), None);
}

#[test]
fn what_is_no_workload_is_refused_at_the_door() {
    let refused = |options: &str| {
        let server =
            "--host db.example --database shop --user app --password-stdin -n shop --kubeconfig /nowhere";
        world()
            .sc(format!("connection create postgres-flexible orders {server} {options}"))
            .stdin("password")
            .fails_with(2)
    };
    refused("--workload web").says("KIND/NAME");
    refused("--workload pod/web-0").says("name the workload that makes it");
    refused("--workload job/import").says("can't be changed once it is made");
    refused("--workload service/web").says("deployment (deploy)");
    refused("--container web").says("--workload");
    refused("--workload deployment/web --no-wait").says("after its Secret is written");
}

#[test]
fn a_missing_right_on_workloads_is_named_as_a_rule_before_anything_is_written() {
    let shop = world().namespace("bind");
    shop.apply(WEB).succeeds();
    shop.kubectl("create serviceaccount developer").succeeds();
    shop.apply(
        "
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: developer}
rules:
  - {apiGroups: [serviceconnector.dev], resources: [serviceconnections], verbs: [get, list, watch, create, patch, delete]}
  - {apiGroups: [''], resources: [secrets], verbs: [get, list]}
  - {apiGroups: [apps], resources: [deployments], verbs: [get]}
",
    )
    .succeeds();
    shop.kubectl(format!("create rolebinding developer --role developer --serviceaccount {shop}:developer"))
        .succeeds();
    shop.kubectl("create secret generic database --from-literal=password=first-password").succeeds();
    let kubeconfig = as_account(&shop, "developer");
    let request = "connection create postgres-flexible orders --host db.example --database shop --user app --secret-ref database \
                   --no-validate --workload deployment/web";

    let refused = shop.sc(request).args(&kubeconfig.option).fails_with(5);

    refused
        .says("you may not change deployment/web")
        .says("{apiGroups: [apps], resources: [deployments], verbs: [get, patch]}")
        .says("code:   NotPermitted");
    assert_eq!(shop.get("serviceconnection/orders"), None);

    shop.sc(request).succeeds();
    shop.sc("connection delete orders --yes")
        .args(&kubeconfig.option)
        .fails_with(5)
        .says("verbs: [get, patch]")
        .says("kubectl delete serviceconnection orders");
    assert!(shop.get("serviceconnection/orders").is_some(), "it still says where it is");
}

/// A kubeconfig of a ServiceAccount's own.
struct Kubeconfig {
    option: String,
    _file: tempfile::NamedTempFile,
}

fn as_account(shop: &Place, account: &str) -> Kubeconfig {
    let token = shop.kubectl(format!("create token {account}")).succeeds().stdout;
    let mut config = shop.kubectl("config view --raw -o json").succeeds().json();
    config["users"][0]["user"] = json!({"token": token.trim()});
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), config.to_string()).unwrap();
    Kubeconfig { option: format!("--kubeconfig {}", file.path().display()), _file: file }
}
