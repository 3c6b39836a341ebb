//! Creating: the same request again, another request, none at all, and one that was cut off.

use std::thread;
use std::time::Duration;

use nix::sys::signal::Signal;
use sc_tests::{Place, world};

/// What would change if anything were written: the versions of everything a connection consists of.
fn versions(shop: &Place) -> [String; 3] {
    let payload = shop.find_payload("orders").unwrap();
    let objects = [shop.connection("orders"), payload, shop.get("secret/sc-orders-secret").unwrap()];
    objects.map(|object| object["metadata"]["resourceVersion"].as_str().unwrap().to_owned())
}

#[test]
fn creating_again_with_the_same_input_changes_nothing_and_says_so() {
    let shop = world().namespace("same");
    shop.create("orders").succeeds().says("Connection `orders` is ready").says("sc-orders-secret");
    let before = versions(&shop);

    shop.create("orders").succeeds().says("Nothing to do: connection `orders` is as requested");
    let told = shop.create("orders").args("-o json").succeeds().json();

    assert_eq!(versions(&shop), before);
    assert_eq!(told["changed"], false);
    assert_eq!(told["connection"]["secretName"], "sc-orders-secret");
}

#[test]
fn creating_again_with_other_input_updates_the_secret() {
    let shop = world().namespace("other");
    shop.create("orders").succeeds();
    assert_eq!(shop.secret("sc-orders-secret")["AZURE_POSTGRESQL_DATABASE"], "shop");

    let told = shop.create("orders").args("--port 6432 --client-type nodejs -o json").succeeds().json();

    let secret = shop.secret("sc-orders-secret");
    assert_eq!(told["changed"], true);
    assert_eq!(secret["AZURE_POSTGRESQL_PORT"], "6432");
    assert_eq!(secret["AZURE_POSTGRESQL_USER"], "app");
    assert!(
        !secret.contains_key("AZURE_POSTGRESQL_USERNAME"),
        "a key of the former client type is gone: {secret:?}"
    );
}

#[test]
fn an_update_changes_what_is_given_and_keeps_the_rest() {
    let shop = world().namespace("update");
    shop.create("orders").succeeds();

    shop.sc("connection update orders --database archive --no-validate").succeeds();

    let secret = shop.secret("sc-orders-secret");
    assert_eq!(secret["AZURE_POSTGRESQL_DATABASE"], "archive");
    assert_eq!(secret["AZURE_POSTGRESQL_HOST"], "db.example");
    assert_eq!(secret["AZURE_POSTGRESQL_PASSWORD"], "first-password");
}

#[test]
fn a_dry_run_shows_the_plan_and_writes_nothing() {
    let shop = world().namespace("dry");

    let said = shop.create("orders").args("--dry-run").succeeds();
    said.says("+ Connection")
        .says("create ServiceConnection `orders`")
        .says("write Secret `sc-orders-secret`");
    let plan = shop.create("orders").args("--dry-run -o json").succeeds().json();

    assert_eq!(plan["steps"][0]["step"], "installExtension");
    assert_eq!(plan["steps"][0]["isDone"], true);
    assert_eq!(plan["steps"][2]["isDone"], false);
    assert_eq!(shop.get("serviceconnection/orders"), None);
    assert_eq!(shop.find_payload("orders"), None);
    assert_eq!(shop.find_secret("sc-orders-secret"), None);
}

#[test]
fn without_waiting_the_connection_is_stored_and_becomes_ready() {
    let shop = world().namespace("nowait");
    shop.create("orders").args("--no-wait").succeeds().says("sc connection wait orders");

    shop.sc("connection wait orders").succeeds();

    assert_eq!(shop.secret("sc-orders-secret")["AZURE_POSTGRESQL_PASSWORD"], "first-password");
}

#[test]
fn a_create_that_was_killed_is_finished_by_the_same_command() {
    interrupted_everywhere_and_finished(Signal::SIGKILL, &[None]);
}

#[test]
fn a_create_that_was_stopped_by_ctrl_c_says_so_and_is_finished_by_the_same_command() {
    // Who is stopped before it could listen, or after it was done, ends in its own way.
    interrupted_everywhere_and_finished(Signal::SIGINT, &[Some(130), None, Some(0)]);
}

fn interrupted_everywhere_and_finished(signal: Signal, endings: &[Option<i32>]) {
    let shop = &world().namespace("cutoff");
    thread::scope(|scope| {
        for after in [50, 200, 500, 1000] {
            scope.spawn(move || {
                let name = format!("after{after}");
                let started = shop.create(&name).start();
                thread::sleep(Duration::from_millis(after));
                started.signal(signal);
                let said = started.ends();
                assert!(endings.contains(&said.code) || said.code == Some(0), "{said}");
                if said.code == Some(130) {
                    said.says("Run the same command again to go on from here");
                }

                shop.create(&name).succeeds();

                shop.becomes_ready(&name);
                let secret = shop.secret(&format!("sc-{name}-secret"));
                assert_eq!(secret["AZURE_POSTGRESQL_PASSWORD"], "first-password");
            });
        }
    });
}
