//! Kinds of workloads other than a Deployment.

use sc_tests::world;
use serde_json::{Value, json};

use super::{WEB, create, delete, lists, reader, secret};

#[test]
fn the_next_job_of_a_cronjob_reads_the_database() {
    let world = world();
    let (shop, server) = (world.namespace("bind"), world.postgres());
    let mut pod = reader(&shop);
    pod["restartPolicy"] = json!("Never");
    let cron_job = json!({
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": "report"},
        "spec": {
            "schedule": "0 0 1 1 *",
            "jobTemplate": {"spec": {"backoffLimit": 0, "template": {"spec": pod}}},
        },
    });
    shop.apply(cron_job.to_string()).succeeds();
    shop.create_for_postgres("orders").args("--no-validate --workload cj/report").succeeds();

    shop.kubectl("create job now --from=cronjob/report").succeeds();
    let waited = shop.kubectl("wait --for=condition=Complete job/now --timeout=60s").run();
    let log = shop.kubectl("logs job/now").succeeds();
    assert_eq!(waited.code, Some(0), "{log}");
    log.says(&format!("signed in as {} to database {}", server.username, server.database));

    delete(&shop, "orders").succeeds().says("It is out of cronjob/report");
    assert_eq!(lists(&shop, "cronjob/report"), [("sample".to_owned(), Vec::<Value>::new())]);
}

#[test]
fn statefulsets_and_daemonsets_take_a_connection_in_too() {
    let shop = world().namespace("bind");
    let other = |kind: &str| WEB.replace("kind: Deployment", kind).replace("  replicas: 0\n", "");
    shop.apply(other("kind: StatefulSet")).succeeds();
    shop.apply(other("kind: DaemonSet")).succeeds();

    create(&shop, "orders", "--workload sts/web --workload ds/web --container web").succeeds();
    for workload in ["statefulset/web", "daemonset/web"] {
        assert_eq!(lists(&shop, workload)[0].1, [secret("sc-orders-secret")], "{workload}");
    }
    delete(&shop, "orders").succeeds().says("statefulset/web").says("daemonset/web");
    for workload in ["statefulset/web", "daemonset/web"] {
        assert_eq!(lists(&shop, workload)[0].1, Vec::<Value>::new(), "{workload}");
    }
}
