//! Which connections need sc-job, told as a cluster's story.
#![allow(clippy::unwrap_used, reason = "a test tells by a panic what went wrong")]

use kube::core::ObjectMeta;
use sc_engine::ledger::{Key, Ledger, Need};
use sc_model::ServiceConnection;
use serde_json::json;

fn key(name: &str) -> Key {
    Key { namespace: "shop".to_owned(), name: name.to_owned() }
}

/// A connection with the status that sc-job last wrote: `Some(true)` ready, `Some(false)` failed.
fn connection(name: &str, generation: i64, ready: Option<bool>, input_version: &str) -> ServiceConnection {
    let status = ready.map(|ready| {
        json!({"observedGeneration": 1, "inputVersion": input_version, "conditions": [{
            "type": "Ready", "status": if ready { "True" } else { "False" }, "reason": "Applied", "message": "",
            "lastTransitionTime": "2026-01-01T00:00:00Z",
        }]})
    });
    serde_json::from_value(json!({
        "apiVersion": "serviceconnector.dev/v1alpha1", "kind": "ServiceConnection",
        "metadata": {"name": name, "namespace": "shop", "generation": generation, "creationTimestamp": format!("2026-01-01T00:00:0{}Z", name.len())},
        "spec": {"target": {"service": "redis", "parameters": {"host": "cache"}}, "auth": {"type": "secret"}},
        "status": status,
    }))
    .unwrap()
}

fn binding(connection: &str, owned: &[&str]) -> ObjectMeta {
    let fields: serde_json::Map<_, _> = owned.iter().map(|key| (format!("f:{key}"), json!({}))).collect();
    serde_json::from_value(json!({
        "name": format!("sc-{connection}-secret"), "namespace": "shop", "resourceVersion": "1",
        "labels": {"app.kubernetes.io/managed-by": "service-connector", "serviceconnector.dev/role": "binding", "serviceconnector.dev/connection": connection},
        "annotations": {"serviceconnector.dev/keys": "HOST,PASSWORD"},
        "managedFields": [{"manager": "sc-job", "operation": "Apply", "fieldsType": "FieldsV1", "fieldsV1": {"f:data": fields}}],
    }))
    .unwrap()
}

fn payload(connection: &str, version: &str) -> ObjectMeta {
    serde_json::from_value(json!({
        "name": format!("sc-payload.shop.{connection}"), "namespace": "sc-system", "resourceVersion": version,
        "creationTimestamp": "2026-01-01T00:00:00Z",
        "labels": {"serviceconnector.dev/role": "payload", "serviceconnector.dev/connection": connection, "serviceconnector.dev/connection-namespace": "shop"},
    }))
    .unwrap()
}

/// A connection that is as it should be.
fn settled() -> Ledger {
    let mut ledger = Ledger::default();
    ledger.see_secret(&payload("orders", "7"));
    ledger.see_secret(&binding("orders", &["HOST", "PASSWORD"]));
    ledger.see_connection(&connection("orders", 1, Some(true), "7"));
    assert_eq!((ledger.need(&key("orders")), ledger.pending()), (Need::Nothing, (0, 0)));
    ledger
}

#[test]
fn a_new_connection_needs_the_job_now() {
    let mut ledger = Ledger::default();
    ledger.see_connection(&connection("orders", 1, None, ""));
    assert_eq!(ledger.pending(), (1, 0));
}

#[test]
fn a_changed_connection_needs_it_until_the_job_has_seen_the_change() {
    let mut ledger = settled();
    ledger.see_connection(&connection("orders", 2, Some(true), "7"));
    assert_eq!(ledger.need(&key("orders")), Need::Now);
}

#[test]
fn a_secret_whose_value_somebody_changed_is_drift() {
    let mut ledger = settled();
    ledger.see_secret(&binding("orders", &["HOST"]));
    assert_eq!(ledger.pending(), (1, 0));
    ledger.see_secret(&binding("orders", &["HOST", "PASSWORD"]));
    assert_eq!(ledger.pending(), (0, 0));
}

#[test]
fn a_secret_that_somebody_deleted_is_drift() {
    let mut ledger = settled();
    ledger.lose_secret(&binding("orders", &["HOST", "PASSWORD"]));
    assert_eq!(ledger.need(&key("orders")), Need::Now);
}

#[test]
fn a_rotated_payload_is_carried_on() {
    let mut ledger = settled();
    ledger.see_secret(&payload("orders", "8"));
    assert_eq!(ledger.need(&key("orders")), Need::Now);
    ledger.see_connection(&connection("orders", 1, Some(true), "8"));
    assert_eq!(ledger.need(&key("orders")), Need::Nothing);
}

#[test]
fn a_failed_connection_waits_and_does_not_hold_up_the_others() {
    let mut ledger = settled();
    ledger.see_connection(&connection("failing", 1, Some(false), ""));
    assert_eq!(ledger.pending(), (0, 1));
}

#[test]
fn a_deleted_connection_needs_nothing_and_its_secret_is_left_alone() {
    let mut ledger = settled();
    ledger.lose_connection(&key("orders"));
    ledger.lose_secret(&binding("orders", &["HOST", "PASSWORD"]));
    assert_eq!(ledger.pending(), (0, 0));
}

#[test]
fn of_two_connections_with_one_secret_the_older_has_it() {
    let mut ledger = Ledger::default();
    ledger.see_connection(&connection("a-b", 1, None, ""));
    ledger.see_connection(&connection("ab", 1, None, ""));
    assert_eq!(ledger.rival(&key("ab")), None, "`ab` was made first");
    assert_eq!(ledger.rival(&key("a-b")), Some("ab"));
    ledger.lose_connection(&key("ab"));
    assert_eq!(ledger.rival(&key("a-b")), None);
}

#[test]
fn a_payload_without_a_connection_is_an_orphan_once_it_is_old() {
    let mut ledger = settled();
    ledger.see_secret(&payload("gone", "3"));
    let made = 1_767_225_600;
    assert_eq!(ledger.orphaned_payloads(made), Vec::<String>::new());
    assert_eq!(ledger.orphaned_payloads(made + 1), ["sc-payload.shop.gone"]);
}

#[test]
fn a_secret_that_only_looks_like_ours_is_not_taken_for_ours() {
    let mut ledger = Ledger::default();
    let mut foreign = binding("orders", &["HOST", "PASSWORD"]);
    foreign.labels.as_mut().unwrap().remove("app.kubernetes.io/managed-by");
    ledger.see_secret(&foreign);
    assert!(!ledger.knows_binding("shop", "sc-orders-secret"));
}

#[test]
fn a_connection_that_was_refused_is_tried_at_once_when_its_rival_is_gone() {
    let mut refused = connection("a-b", 1, Some(false), "");
    refused.status.as_mut().unwrap().conditions[0].reason = "ConnectionNameConflict".to_owned();
    let mut ledger = Ledger::default();
    ledger.see_connection(&connection("ab", 1, Some(false), ""));
    ledger.see_connection(&refused);
    assert_eq!(ledger.need(&key("a-b")), Need::Later);
    ledger.lose_connection(&key("ab"));
    assert_eq!(ledger.pending(), (1, 0));
}
