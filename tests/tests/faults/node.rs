//! A node that takes no pods, an image that isn't there, a namespace that isn't there.

use sc_tests::{eventually, quiet_world, world};

use crate::fails_in_time;

#[test]
fn a_node_that_takes_no_pods_is_named_in_time_and_the_second_try_works() {
    let quiet = quiet_world();
    let shop = world().namespace("cordon");
    quiet.comes_to_rest();
    quiet.kubectl("cordon testbed").succeeds();

    let cause = fails_in_time(
        &shop.create("orders").args("-o json --timeout 6s").fails_with(1),
        "PodUnschedulable",
        6,
    );
    assert!(cause.contains("unschedulable"), "{cause}");
    let shown = quiet.sc("extension show -o json").succeeds().json();
    assert_eq!(shown["provisioningState"], "Failed", "{shown}");
    assert_eq!(shown["statuses"][0]["code"], "PodUnschedulable", "{shown}");

    quiet.kubectl("uncordon testbed").succeeds();
    shop.create("orders").succeeds();
    assert_eq!(shop.secret("sc-orders-secret")["AZURE_POSTGRESQL_PASSWORD"], "first-password");
}

#[test]
fn an_image_that_cannot_be_pulled_is_named_in_time_and_the_second_try_works() {
    let quiet = quiet_world();
    let shop = world().namespace("image");
    let nowhere = "127.0.0.1:1/sc:1";

    let said = quiet.sc("extension update -o json --timeout 30s --image").arg(nowhere).fails_with(1);
    let cause = fails_in_time(&said, "ImagePullFailed", 30);
    assert!(said.error()["message"].as_str().unwrap().contains(nowhere) && !cause.is_empty(), "{said}");
    let said = shop.create("orders").args("-o json --timeout 20s").fails_with(1);
    fails_in_time(&said, "ImagePullFailed", 20);
    eventually("the extension is told to have failed, once Helm has given up", || {
        (quiet.sc("extension show -o json").succeeds().json()["provisioningState"] == "Failed").then_some(())
    });

    quiet.sc("extension update").succeeds();
    shop.becomes_ready("orders"); // what was asked for in vain is done without being asked again
    shop.create("orders").succeeds();
    assert_eq!(quiet.sc("extension show -o json").succeeds().json()["provisioningState"], "Succeeded");
}

#[test]
fn a_first_install_with_an_image_that_cannot_be_pulled_is_mended_by_the_same_command() {
    let quiet = quiet_world();
    let shop = world().namespace("image");
    quiet.sc("extension uninstall --yes").succeeds();

    let said = shop.create("orders").args("-o json --timeout 30s --image 127.0.0.1:1/sc:1").fails_with(1);
    fails_in_time(&said, "ImagePullFailed", 30);
    assert_eq!(shop.find_secret("sc-orders-secret"), None);

    shop.create("orders").succeeds();
    assert_eq!(shop.secret("sc-orders-secret")["AZURE_POSTGRESQL_PASSWORD"], "first-password");
}

#[test]
fn a_namespace_that_is_not_there_is_named_before_anything_is_written() {
    let quiet = quiet_world();
    let request = "connection create postgres-flexible orders --host db.example --database shop --user app --password-stdin -n nowhere -o json";

    let said = quiet.sc(request).stdin("first-password").fails_with(3);

    let error = said.error();
    assert_eq!(error["code"], "NamespaceNotFound", "{said}");
    assert!(error["remedy"].as_str().unwrap().contains("kubectl create namespace nowhere"), "{said}");
    let payloads = quiet.kubectl("get secrets -n sc-system -o name").succeeds().stdout;
    assert!(!payloads.contains("sc-payload.nowhere."), "{payloads}");
}
