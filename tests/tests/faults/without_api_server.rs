//! The API server is away, or comes back.

use std::thread;
use std::time::Duration;

use sc_tests::{Quiet, Started, quiet_world, world};

use crate::{connection, fails_in_time, store_password};

/// Brings the API server back however the story ends.
struct Away<'a>(#[expect(dead_code, reason = "it is this story's turn")] &'a Quiet);

impl<'a> Away<'a> {
    fn take(world: &'a Quiet) -> Self {
        world.cluster().stop_api_server().unwrap();
        Self(world)
    }
}

impl Drop for Away<'_> {
    fn drop(&mut self) {
        let started = world().cluster().start_api_server();
        assert!(started.is_ok() || thread::panicking(), "{started:?}");
    }
}

#[test]
fn every_command_says_that_the_api_server_is_away() {
    let quiet = quiet_world();
    let shop = world().namespace("away");
    let away = Away::take(&quiet);

    let in_shop = [
        "connection list",
        "connection show orders",
        "connection delete orders --yes",
        "connection validate orders",
        "connection wait orders",
    ];
    let in_system = [
        "extension show",
        "extension list",
        "extension install",
        "extension uninstall --yes",
        "extension wait",
    ];
    let calls = in_shop.iter().map(|command| shop.sc(command));
    let calls = calls.chain(in_system.iter().map(|command| quiet.sc(command))).chain([shop.create("orders")]);
    // All at once, because the controllers are the slower to come back the longer the server is away.
    let started: Vec<_> = calls.map(|call| call.args("-o json").start()).collect();
    for said in started.into_iter().map(Started::ends) {
        assert_eq!(said.code, Some(5), "{said}");
        let cause = fails_in_time(&said, "ClusterUnreachable", 10);
        assert!(cause.starts_with("tcp connect error: "), "{said}");
    }

    drop(away);
    shop.create("orders").succeeds();
    assert_eq!(shop.secret("sc-orders-secret")["AZURE_POSTGRESQL_PASSWORD"], "first-password");
}

#[test]
fn an_api_server_that_goes_away_meanwhile_is_told_in_time_and_the_second_try_works() {
    let quiet = quiet_world();
    let shop = world().namespace("away");
    quiet.comes_to_rest();
    quiet.kubectl("cordon testbed").succeeds(); // so that the request has to wait
    let started = shop.create("orders").args("-o json --timeout 4s").start();
    thread::sleep(Duration::from_millis(1000));
    let away = Away::take(&quiet);

    let said = started.ends();
    assert_eq!(said.code, Some(5), "{said}");
    fails_in_time(&said, "ClusterUnreachable", 4);

    drop(away);
    quiet.kubectl("uncordon testbed").succeeds();
    shop.create("orders").succeeds();
    assert_eq!(shop.secret("sc-orders-secret")["AZURE_POSTGRESQL_PASSWORD"], "first-password");
}

#[test]
fn connections_become_ready_after_a_restart_of_the_api_server() {
    let quiet = quiet_world();
    let shop = world().namespace("restart");
    store_password(&shop);
    let names: Vec<_> = (0..10).map(|number| format!("orders{number}")).collect();
    shop.apply(names.iter().map(|name| connection(name)).collect::<String>()).succeeds();

    drop(Away::take(&quiet));

    shop.all_become_ready();
    // The operator's watches go on as well.
    shop.apply(connection("afterwards")).succeeds();
    shop.becomes_ready("afterwards");
}
