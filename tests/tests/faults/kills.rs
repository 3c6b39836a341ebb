//! Killing what works in the cluster: nothing is lost.

use std::thread;
use std::time::Duration;

use sc_tests::{eventually, quiet_world, world};

use crate::{connection, store_password};

#[test]
fn killing_the_operators_pod_at_any_moment_loses_nothing() {
    let quiet = quiet_world();
    let shop = world().namespace("kills");
    store_password(&shop);
    for (name, after) in [("before", 0), ("soon", 200), ("later", 800)] {
        let kill = "delete pods -n sc-system -l app.kubernetes.io/component=operator --force --grace-period=0 --wait=false";
        if name == "before" {
            quiet.kubectl(kill).succeeds();
        }
        shop.apply(connection(name)).succeeds();
        thread::sleep(Duration::from_millis(after));
        if name != "before" {
            quiet.kubectl(kill).succeeds();
        }
        shop.becomes_ready(name);
    }
}

#[test]
fn killing_the_operators_process_loses_nothing() {
    let quiet = quiet_world();
    let shop = world().namespace("kills");
    store_password(&shop);
    assert_eq!(quiet.kill_in_pods("operator"), 1);
    shop.apply(connection("orders")).succeeds();
    shop.becomes_ready("orders");
}

#[test]
fn killing_the_jobs_pod_at_any_moment_loses_nothing() {
    let quiet = quiet_world();
    let shop = world().namespace("kills");
    store_password(&shop);
    for (round, after) in [0, 300].into_iter().enumerate() {
        let names: Vec<_> = (0..15).map(|number| format!("orders{round}-{number}")).collect();
        shop.apply(names.iter().map(|name| connection(name)).collect::<String>()).succeeds();
        let pods = "get pods -n sc-system -l app.kubernetes.io/component=sc-job -o name";
        eventually("sc-job has a pod", || (!quiet.kubectl(pods).run().stdout.is_empty()).then_some(()));
        thread::sleep(Duration::from_millis(after));
        let kill = "delete pods -n sc-system -l app.kubernetes.io/component=sc-job --force --grace-period=0 --wait=false";
        quiet.kubectl(kill).succeeds();
        shop.all_become_ready();
    }
}

#[test]
fn killing_the_jobs_process_loses_nothing() {
    let quiet = quiet_world();
    let shop = world().namespace("kills");
    store_password(&shop);
    let names: Vec<_> = (0..30).map(|number| format!("orders{number}")).collect();
    shop.apply(names.iter().map(|name| connection(name)).collect::<String>()).succeeds();
    eventually("sc-job runs and is killed", || (quiet.kill_in_pods("job") > 0).then_some(()));
    shop.all_become_ready();
}
