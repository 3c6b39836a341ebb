//! Helm operations that run, or were cut off.

use std::thread;
use std::time::Duration;

use nix::sys::signal::Signal;
use sc_tests::{Quiet, eventually, quiet_world, world};

use crate::{connection, fails_in_time, store_password};

fn chart() -> String {
    sc_testbed::workspace().join("charts/sc-extension").display().to_string()
}

/// Kills Helm in the middle of an operation. On a node that takes no pods the hook holds it there.
fn cut_off(quiet: &Quiet, operation: &str, status: &str) {
    quiet.kubectl("cordon testbed").succeeds();
    let image = format!("--set-string image={}", quiet.image());
    let started = quiet
        .helm(format!("{operation} sc-extension {} -n sc-system {image} --timeout 60s", chart()))
        .start();
    eventually(&format!("the release is {status}"), || {
        let found =
            quiet.kubectl(format!("get secrets -n sc-system -l owner=helm,status={status} -o name")).run();
        (!found.stdout.is_empty() && quiet.get("sc-system", "job/sc-job").is_some()).then_some(())
    });
    started.signal(Signal::SIGKILL);
    started.ends();
    quiet.kubectl("uncordon testbed").succeeds();
}

#[test]
fn an_upgrade_that_was_cut_off_is_told_and_mended_as_the_remedy_says() {
    let quiet = quiet_world();
    let shop = world().namespace("pending");
    cut_off(&quiet, "upgrade", "pending-upgrade");

    let said = quiet.sc("extension install -o json --timeout 4s").fails_with(4);
    let cause = fails_in_time(&said, "HelmOperationInProgress", 4);
    assert!(cause.contains("pending-upgrade"), "{cause}");
    let remedy = "helm rollback sc-extension -n sc-system";
    assert!(said.error()["remedy"].as_str().unwrap().contains(remedy), "{said}");
    assert_eq!(quiet.sc("extension show -o json").succeeds().json()["provisioningState"], "Updating");
    shop.create("orders").succeeds(); // connections need no Helm

    quiet.helm("rollback sc-extension -n sc-system").succeeds();

    quiet.sc("extension install").succeeds();
    assert_eq!(quiet.sc("extension show -o json").succeeds().json()["provisioningState"], "Succeeded");
    shop.becomes_ready("orders");
}

#[test]
fn an_upgrade_gets_through_while_connections_keep_coming() {
    let quiet = quiet_world();
    let shop = world().namespace("upgrade");
    store_password(&shop);
    let all: Vec<_> = (0..30).map(|number| format!("orders-{number}")).collect();

    thread::scope(|scope| {
        let coming = scope.spawn(|| {
            for name in &all {
                shop.apply(connection(name)).succeeds();
            }
        });
        while !coming.is_finished() {
            quiet.sc("extension update").succeeds();
        }
    });

    shop.kubectl("wait --for=condition=Ready serviceconnections --all --timeout=90s").succeeds();
}

#[test]
fn an_install_that_was_cut_off_is_told_and_mended_as_the_remedy_says() {
    let quiet = quiet_world();
    let shop = world().namespace("pending");
    quiet.sc("extension uninstall --yes").succeeds();
    cut_off(&quiet, "install", "pending-install");

    let said = quiet.sc("extension install -o json --timeout 4s").fails_with(4);
    fails_in_time(&said, "HelmOperationInProgress", 4);
    assert!(said.error()["remedy"].as_str().unwrap().contains("`sc extension uninstall`"), "{said}");

    quiet.sc("extension uninstall --yes").succeeds();

    shop.create("orders").succeeds();
    assert_eq!(quiet.sc("extension show -o json").succeeds().json()["provisioningState"], "Succeeded");
}

#[test]
fn a_first_create_that_was_cut_off_in_its_install_is_finished_by_the_same_command() {
    let quiet = quiet_world();
    let moments =
        [(Signal::SIGKILL, 300), (Signal::SIGINT, 700), (Signal::SIGKILL, 1500), (Signal::SIGINT, 2500)];
    for (signal, after) in moments {
        let shop = world().namespace("first");
        quiet.sc("extension uninstall --yes").succeeds();
        let started = shop.create("orders").start();
        thread::sleep(Duration::from_millis(after));
        started.signal(signal);
        let cut_off = started.ends();

        let finished = shop.create("orders").run();

        assert_eq!(finished.code, Some(0), "{signal} after {after} ms: {cut_off}\nand then: {finished}");
        assert_eq!(shop.secret("sc-orders-secret")["AZURE_POSTGRESQL_PASSWORD"], "first-password");
        assert_eq!(
            quiet.sc("extension show -o json").succeeds().json()["provisioningState"],
            "Succeeded",
            "{signal} after {after} ms"
        );
    }
}

#[test]
fn a_missing_helm_is_named() {
    let quiet = quiet_world();
    let error = quiet.sc("extension install -o json --helm /nowhere/helm").fails_with(1).error();
    assert_eq!(error["code"], "HelmNotFound");
    assert!(error["message"].as_str().unwrap().contains("/nowhere/helm"), "{error}");
}
