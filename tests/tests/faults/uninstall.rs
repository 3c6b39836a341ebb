//! The extension as a Helm release: seen, removed, put back.

use sc_tests::{quiet_world, world};

#[test]
fn the_extension_is_a_release_that_helm_lists() {
    let quiet = quiet_world();
    let listed = quiet.helm("list -n sc-system -o json").succeeds().json();
    assert_eq!(listed[0]["name"], "sc-extension", "{listed}");
    assert_eq!(listed[0]["status"], "deployed", "{listed}");

    let shown = quiet.sc("extension list -o json").succeeds().json();
    assert_eq!(shown[0]["provisioningState"], "Succeeded", "{shown}");
    quiet.sc("extension wait --timeout 30s").succeeds();
}

#[test]
fn the_extensions_pods_pass_the_restricted_standard() {
    let quiet = quiet_world();
    let shop = world().namespace("restricted");
    let labels =
        quiet.kubectl("get namespace sc-system -o json").succeeds().json()["metadata"]["labels"].clone();
    assert_eq!(labels["pod-security.kubernetes.io/enforce"], "restricted", "{labels}");
    quiet.kubectl("rollout status deployment/sc-operator -n sc-system --timeout=60s").succeeds();
    shop.create("orders").succeeds(); // sc-job's pod as well

    let pods = quiet.kubectl("get pods -n sc-system -o json").succeeds().json();
    for pod in pods["items"].as_array().unwrap() {
        for container in pod["spec"]["containers"].as_array().unwrap() {
            assert_eq!(container["securityContext"]["readOnlyRootFilesystem"], true, "{container}");
            for bound in ["requests", "limits"] {
                assert!(
                    container["resources"][bound]["memory"].is_string()
                        && container["resources"][bound]["cpu"].is_string(),
                    "{container}"
                );
            }
        }
    }
}

#[test]
fn uninstalling_makes_connections_unavailable_and_leaves_the_workloads_secrets() {
    let quiet = quiet_world();
    let (shop, office) = (world().namespace("uninstall"), world().namespace("uninstall"));
    shop.create("orders").succeeds();
    office.create("mail").succeeds();
    let before = [shop.secret("sc-orders-secret"), office.secret("sc-mail-secret")];

    quiet
        .sc("extension uninstall --yes")
        .succeeds()
        .says("2 connections")
        .says("The workloads' Secrets stay");

    let error = shop.sc("connection list -o json").fails_with(3).error();
    assert_eq!(error["code"], "ExtensionNotInstalled");
    shop.sc("connection show orders").fails_with(3).says("ExtensionNotInstalled");
    let shown = quiet.sc("extension show -o json").fails_with(3);
    assert_eq!(shown.json()["provisioningState"], "NotInstalled");
    assert_eq!(shop.find_payload("orders"), None, "the stored passwords go with the extension");
    assert_eq!(quiet.helm("list -n sc-system -o json").succeeds().json(), serde_json::json!([]));
    assert_eq!([shop.secret("sc-orders-secret"), office.secret("sc-mail-secret")], before);

    quiet.sc("extension install").succeeds();
    assert_eq!(shop.sc("connection list -o json").succeeds().json(), serde_json::json!([]));
    shop.create("orders").stdin("second-password").succeeds();
    assert_eq!(shop.secret("sc-orders-secret")["AZURE_POSTGRESQL_PASSWORD"], "second-password");
}

#[test]
fn without_the_extension_a_create_installs_it_and_a_dry_run_says_so() {
    let quiet = quiet_world();
    let shop = world().namespace("uninstall");
    quiet.sc("extension uninstall --yes").succeeds();

    shop.create("orders").args("--dry-run").succeeds().says("+ Extension");
    assert_eq!(quiet.helm("list -n sc-system -o json").succeeds().json(), serde_json::json!([]));

    shop.create("orders").succeeds();
    assert_eq!(quiet.helm("list -n sc-system -o json").succeeds().json()[0]["status"], "deployed");
}
