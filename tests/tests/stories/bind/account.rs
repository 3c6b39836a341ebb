//! With a workload identity, a workload also runs as the connection's ServiceAccount.

use sc_tests::{Place, world};
use serde_json::{Value, json};

use super::{CLIENT, OTHER_CLIENT, TENANT, WEB, create, create_as, delete, lists_are, secret, template};

fn account_of(shop: &Place) -> [Value; 3] {
    let template = template(shop, "deployment/web");
    let label = &template["metadata"]["labels"]["azure.workload.identity/use"];
    [&template["spec"]["serviceAccountName"], &template["spec"]["serviceAccount"], label].map(Clone::clone)
}

#[test]
fn with_an_identity_the_workload_runs_as_its_account_until_the_last_connection_leaves() {
    let shop = world().namespace("bind");
    shop.apply(WEB).succeeds();
    let before = template(&shop, "deployment/web");
    let account = json!(format!("sc-account-{CLIENT}"));

    for name in ["orders", "stock"] {
        create_as(&shop, CLIENT, name, "--workload deployment/web").succeeds();
        assert_eq!(account_of(&shop), [account.clone(), account.clone(), json!("true")]);
    }
    create(&shop, "cache", "--workload deployment/web").succeeds();
    delete(&shop, "orders").succeeds();
    assert_eq!(account_of(&shop), [account.clone(), account, json!("true")]);

    delete(&shop, "stock").succeeds();
    assert_eq!(account_of(&shop), [Value::Null, Value::Null, Value::Null]);
    let left = [secret("sc-cache-secret")];
    lists_are(&shop, &left, &left);

    delete(&shop, "cache").succeeds();
    assert_eq!(template(&shop, "deployment/web"), before);
}

#[test]
fn another_account_is_named_and_replaced_only_by_force() {
    let shop = world().namespace("bind");
    shop.apply(WEB.replace("      containers:", "      serviceAccountName: robot\n      containers:"))
        .succeeds();

    create_as(&shop, CLIENT, "orders", "--workload deployment/web")
        .fails_with(4)
        .says("`serviceAccountName` is `robot`, set by `kubectl-client-side-apply`");
    assert_eq!(shop.get("serviceconnection/orders"), None, "nothing was written");

    create_as(&shop, CLIENT, "orders", "--workload deployment/web --force-conflicts").succeeds();
    assert_eq!(account_of(&shop)[0], format!("sc-account-{CLIENT}"));

    create_as(&shop, OTHER_CLIENT, "stock", "--workload deployment/web")
        .fails_with(4)
        .says("which connection `orders` needs");
}

#[test]
fn of_two_identities_that_enter_at_the_same_time_one_is_refused() {
    let shop = world().namespace("bind");
    shop.apply(WEB).succeeds();

    let orders = create_as(&shop, CLIENT, "orders", "--workload deployment/web").start();
    let stock = create_as(&shop, OTHER_CLIENT, "stock", "--workload deployment/web").start();

    let (orders, stock) = (orders.ends(), stock.ends());
    let mut codes = [orders.code, stock.code];
    codes.sort();
    assert_eq!(codes, [Some(0), Some(4)], "{orders}\n{stock}");
    let winner = if orders.code == Some(0) { CLIENT } else { OTHER_CLIENT };
    assert_eq!(account_of(&shop)[0], format!("sc-account-{winner}"));
}

#[test]
fn a_connection_that_changes_its_identity_changes_the_account_of_its_workloads() {
    let shop = world().namespace("bind");
    shop.apply(WEB).succeeds();
    create_as(&shop, CLIENT, "orders", "--workload deployment/web").succeeds();

    let identity = format!("--workload-identity {OTHER_CLIENT} --tenant-id {TENANT}");
    shop.sc(&format!("connection update orders {identity} --no-validate")).succeeds();

    assert_eq!(account_of(&shop)[0], format!("sc-account-{OTHER_CLIENT}"));
}
