//! Lines that others wrote stay theirs, and connections in one workload don't disturb each other.

use sc_tests::world;
use serde_json::{Value, json};

use super::{WEB, create, delete, lists, lists_are, managers, secret, template};

/// The same where the container `web` has an `envFrom` of its own.
fn web_with_settings() -> String {
    let settings =
        "envFrom: [{configMapRef: {name: settings, optional: true}}, {prefix: X_, secretRef: {name: extra}}]";
    WEB.replace(
        "{name: web, image: example.invalid/web}",
        &format!("{{name: web, image: example.invalid/web, {settings}}}"),
    )
}

fn settings() -> [Value; 2] {
    [
        json!({"configMapRef": {"name": "settings", "optional": true}}),
        json!({"prefix": "X_", "secretRef": {"name": "extra"}}),
    ]
}

#[test]
fn a_list_of_somebody_else_is_taken_over_only_by_force_and_given_back_as_it_was() {
    let shop = world().namespace("bind");
    shop.apply(web_with_settings()).succeeds();
    let before = template(&shop, "deployment/web");

    let refused = create(&shop, "orders", "--workload deployment/web").fails_with(4);
    refused
        .says("`envFrom` of container `web` belongs to `kubectl-client-side-apply`")
        .says("- secretRef: {name: sc-orders-secret}")
        .says("--force-conflicts")
        .says("code:   FieldConflict");
    assert_eq!(template(&shop, "deployment/web"), before);
    assert_eq!(shop.get("serviceconnection/orders"), None, "nothing was written");

    create(&shop, "orders", "--workload deployment/web --force-conflicts").succeeds();
    let [map, prefixed] = settings();
    lists_are(&shop, &[map, prefixed, secret("sc-orders-secret")], &[secret("sc-orders-secret")]);

    delete(&shop, "orders").succeeds();
    assert_eq!(template(&shop, "deployment/web"), before);
    assert!(
        !managers(&shop, "deployment/web").contains(&"sc-workload".to_owned()),
        "its owner may change it again"
    );
}

#[test]
fn the_owner_of_a_list_that_was_taken_over_can_change_it_after_the_delete() {
    let shop = world().namespace("bind");
    let apply = |yaml: &str| shop.kubectl("apply --server-side --field-manager gitops -f -").stdin(yaml);
    apply(&web_with_settings()).succeeds();
    create(&shop, "orders", "--workload deployment/web --force-conflicts").succeeds();
    apply(&web_with_settings()).fails().says("sc-workload");

    delete(&shop, "orders").succeeds();

    apply(&web_with_settings().replace("name: settings,", "name: other,")).succeeds();
    assert_eq!(lists(&shop, "deployment/web")[0].1[0]["configMapRef"]["name"], "other");
}

#[test]
fn lines_that_somebody_added_by_hand_are_theirs() {
    let shop = world().namespace("bind");
    let by_hand = WEB.replace(
        "{name: web, image: example.invalid/web}",
        "{name: web, image: example.invalid/web, envFrom: [{secretRef: {name: sc-orders-secret}}]}",
    );
    shop.apply(by_hand).succeeds();

    create(&shop, "orders", "--workload deployment/web --container web").succeeds();
    let deleted = delete(&shop, "orders").succeeds();

    deleted.says("deployment/web still names the Secret").says("kubectl-client-side-apply");
    lists_are(&shop, &[secret("sc-orders-secret")], &[]);
}

#[test]
fn two_connections_in_one_workload_leave_one_by_one() {
    let shop = world().namespace("bind");
    shop.apply(WEB).succeeds();
    create(&shop, "orders", "--workload deployment/web").succeeds();
    create(&shop, "stock", "--workload deployment/web").succeeds();
    let both = [secret("sc-orders-secret"), secret("sc-stock-secret")];
    lists_are(&shop, &both, &both);

    delete(&shop, "orders").succeeds();

    let left = [secret("sc-stock-secret")];
    lists_are(&shop, &left, &left);
    delete(&shop, "stock").succeeds();
    lists_are(&shop, &[], &[]);
}

#[test]
fn connections_that_enter_and_leave_at_the_same_time_do_not_lose_each_other() {
    let shop = world().namespace("bind");
    shop.apply(WEB).succeeds();
    let names = ["a", "b", "c", "d"];

    let entering: Vec<_> =
        names.iter().map(|name| create(&shop, name, "--workload deployment/web").start()).collect();
    for started in entering {
        let said = started.ends();
        assert_eq!(said.code, Some(0), "{said}");
    }
    let mut found = lists(&shop, "deployment/web")[0].1.clone();
    found.sort_by_key(|entry| entry["secretRef"]["name"].to_string());
    assert_eq!(found, names.map(|name| secret(&format!("sc-{name}-secret"))));

    let leaving: Vec<_> = names[..3].iter().map(|name| delete(&shop, name).start()).collect();
    for started in leaving {
        let said = started.ends();
        assert_eq!(said.code, Some(0), "{said}");
    }
    let left = [secret("sc-d-secret")];
    lists_are(&shop, &left, &left);
}
