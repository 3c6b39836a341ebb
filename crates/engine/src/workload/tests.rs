//! Workloads as the API server shows them, and what is applied to them.

use sc_cluster::workloads::Conflicts;
use sc_model::{FailureCode, Result, Workload};
use serde_json::{Value, json};

use super::change::{Bound, Reach, Wish, bind, handed_back, unbind};
use super::live::Live;
use super::needs::Needs;

fn workload(given: &str) -> Workload {
    given.parse().unwrap()
}

fn connection(name: &str, account: Option<&str>) -> Needs {
    Needs {
        connection: name.to_owned(),
        secret: format!("sc-{name}-secret"),
        account: account.map(str::to_owned),
    }
}

fn entry(secret: &str) -> Value {
    json!({"secretRef": {"name": secret}})
}

fn list_of(container: &str) -> Value {
    json!({"f:containers": {format!("k:{{\"name\":\"{container}\"}}"): {".": {}, "f:name": {}, "f:envFrom": {}}}})
}

fn account() -> Value {
    json!({"f:serviceAccountName": {}, "f:serviceAccount": {}})
}

/// A Deployment `web` with this pod specification, and owners of parts of it.
fn deployment(spec: &Value, owners: &[(&str, Value)]) -> Value {
    let owner = |(manager, spec): &(&str, Value)| json!({"manager": manager, "operation": "Apply", "fieldsV1": {"f:spec": {"f:template": {"f:spec": spec}}}});
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {
            "name": "web", "namespace": "shop", "resourceVersion": "7",
            "managedFields": owners.iter().map(owner).collect::<Vec<_>>(),
        },
        "spec": {"template": {"spec": spec}},
    })
}

/// `web` with the containers `web` and `helper`, in this order and without `envFrom`.
fn plain() -> Value {
    deployment(&json!({"containers": [{"name": "web"}, {"name": "helper"}]}), &[])
}

fn put(
    live: &Value,
    needs: &Needs,
    others: &[Needs],
    reach: Reach<'_>,
    conflicts: Conflicts,
) -> Result<Bound> {
    let wish = Wish { needs, others, reach, conflicts };
    bind(&Live::new(&workload("deployment/web"), live), &wish)
}

fn applied(bound: Result<Bound>) -> Value {
    bound.unwrap().change.expect("there is something to apply").object
}

#[test]
fn every_container_gets_the_secret_in_the_order_it_stands() {
    let bound = put(&plain(), &connection("orders", None), &[], Reach::All, Conflicts::Refused).unwrap();
    assert_eq!(
        bound.says,
        "deployment/web: add `envFrom: [{secretRef: {name: sc-orders-secret}}]` to containers `web`, `helper`"
    );
    let list = json!([entry("sc-orders-secret")]);
    assert_eq!(
        bound.change.unwrap().object,
        json!({
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": "web", "namespace": "shop", "resourceVersion": "7"},
            "spec": {"template": {"spec": {"containers": [
                {"name": "web", "envFrom": list}, {"name": "helper", "envFrom": list},
            ]}}},
        })
    );
}

#[test]
fn only_the_named_container_gets_it() {
    let orders = connection("orders", None);
    let object = applied(put(&plain(), &orders, &[], Reach::One("helper"), Conflicts::Refused));
    assert_eq!(
        object["spec"]["template"]["spec"]["containers"],
        json!([{"name": "helper", "envFrom": [entry("sc-orders-secret")]}])
    );
    let failure = put(&plain(), &orders, &[], Reach::One("app"), Conflicts::Refused).unwrap_err();
    assert_eq!(failure.code, FailureCode::InvalidOption);
    assert!(failure.to_string().contains("it has `web`, `helper`"), "{failure}");
}

#[test]
fn what_other_connections_have_is_applied_again() {
    let live = deployment(
        &json!({
            "serviceAccountName": "sc-account-1", "serviceAccount": "sc-account-1",
            "containers": [{"name": "web", "envFrom": [entry("sc-stock-secret")]}, {"name": "helper"}],
        }),
        &[("sc-workload", list_of("web")), ("sc-workload", account())],
    );
    let stock = connection("stock", Some("sc-account-1"));
    let object =
        applied(put(&live, &connection("orders", None), &[stock], Reach::One("helper"), Conflicts::Refused));
    assert_eq!(
        object["spec"]["template"]["spec"],
        json!({
            "serviceAccountName": "sc-account-1", "serviceAccount": "sc-account-1",
            "containers": [
                {"name": "web", "envFrom": [entry("sc-stock-secret")]},
                {"name": "helper", "envFrom": [entry("sc-orders-secret")]},
            ],
        })
    );
}

#[test]
fn a_list_of_somebody_else_is_refused_with_its_owner_and_the_lines_to_add() {
    let live = deployment(
        &json!({"containers": [{"name": "web", "envFrom": [{"configMapRef": {"name": "settings"}}]}]}),
        &[("kubectl-client-side-apply", list_of("web"))],
    );
    let orders = connection("orders", None);
    let failure = put(&live, &orders, &[], Reach::All, Conflicts::Refused).unwrap_err();
    assert_eq!(failure.code, FailureCode::FieldConflict);
    insta::assert_snapshot!(format!("{}\n{}\n{}", failure.message, failure.cause.unwrap(), failure.remedy), @r"
    deployment/web can't take the connection in: `envFrom` of container `web` belongs to `kubectl-client-side-apply`
    Kubernetes has one owner for a list like `envFrom` and doesn't merge it; what others add, its owner's next apply takes out
    Add these lines to the pod template where its manifest is kept, and run the same command again:
      spec:
        containers:
          - name: web
            envFrom:
              - secretRef: {name: sc-orders-secret}
    Or give --force-conflicts, which takes the list over with all that is in it, until its owner's next apply.
    ");

    let forced = put(&live, &orders, &[], Reach::All, Conflicts::Forced).unwrap().change.unwrap();
    assert_eq!(forced.conflicts, Conflicts::Forced);
    assert_eq!(
        forced.object["spec"]["template"]["spec"]["containers"][0]["envFrom"],
        json!([{"configMapRef": {"name": "settings"}}, entry("sc-orders-secret")])
    );
}

#[test]
fn a_list_of_nobodys_is_kept_and_added_to() {
    let live = deployment(
        &json!({"containers": [{"name": "web", "envFrom": [{"configMapRef": {"name": "settings"}}]}]}),
        &[],
    );
    let object = applied(put(&live, &connection("orders", None), &[], Reach::All, Conflicts::Refused));
    assert_eq!(
        object["spec"]["template"]["spec"]["containers"][0]["envFrom"],
        json!([{"configMapRef": {"name": "settings"}}, entry("sc-orders-secret")])
    );
}

#[test]
fn a_workload_that_names_the_secret_has_nothing_to_do_whoever_wrote_it() {
    for owner in ["sc-workload", "helm"] {
        let live = deployment(
            &json!({"containers": [{"name": "web", "envFrom": [entry("sc-orders-secret")]}]}),
            &[(owner, list_of("web"))],
        );
        let bound = put(&live, &connection("orders", None), &[], Reach::All, Conflicts::Refused).unwrap();
        assert_eq!(bound.change, None, "{owner}");
    }
}

#[test]
fn an_identity_sets_both_names_of_the_account_and_the_label() {
    let orders = connection("orders", Some("sc-account-1"));
    let object = applied(put(&plain(), &orders, &[], Reach::All, Conflicts::Refused));
    let template = &object["spec"]["template"];
    assert_eq!(template["spec"]["serviceAccountName"], "sc-account-1");
    assert_eq!(template["spec"]["serviceAccount"], "sc-account-1");
    assert_eq!(template["metadata"], json!({"labels": {"azure.workload.identity/use": "true"}}));
}

#[test]
fn an_account_of_somebody_else_is_named_and_replaced_only_by_force() {
    let live = deployment(
        &json!({"serviceAccountName": "robot", "serviceAccount": "robot", "containers": [{"name": "web"}]}),
        &[("helm", account())],
    );
    let orders = connection("orders", Some("sc-account-1"));
    let failure = put(&live, &orders, &[], Reach::All, Conflicts::Refused).unwrap_err();
    insta::assert_snapshot!(format!("{}\n{}\n{}", failure.message, failure.cause.unwrap(), failure.remedy), @r"
    deployment/web can't take the connection in: `serviceAccountName` is `robot`, set by `helm`
    a pod runs as one ServiceAccount
    Add these lines to the pod template where its manifest is kept, and run the same command again:
      spec:
        serviceAccountName: sc-account-1
    Or give --force-conflicts, which replaces what is set there, until its owner's next apply.
    ");

    let object = applied(put(&live, &orders, &[], Reach::All, Conflicts::Forced));
    assert_eq!(object["spec"]["template"]["spec"]["serviceAccountName"], "sc-account-1");
}

#[test]
fn two_identities_do_not_fit_into_one_workload() {
    let live = deployment(
        &json!({
            "serviceAccountName": "sc-account-1", "serviceAccount": "sc-account-1",
            "containers": [{"name": "web", "envFrom": [entry("sc-stock-secret")]}],
        }),
        &[("sc-workload", list_of("web")), ("sc-workload", account())],
    );
    let (stock, orders) =
        (connection("stock", Some("sc-account-1")), connection("orders", Some("sc-account-2")));
    let failure = put(&live, &orders, &[stock], Reach::All, Conflicts::Refused).unwrap_err();
    assert!(failure.message.contains("`sc-account-1`, which connection `stock` needs"), "{failure}");
}

#[test]
fn another_identity_of_the_same_connection_takes_the_place_of_the_first() {
    let live = deployment(
        &json!({
            "serviceAccountName": "sc-account-1", "serviceAccount": "sc-account-1",
            "containers": [{"name": "web", "envFrom": [entry("sc-orders-secret")]}],
        }),
        &[("sc-workload", list_of("web")), ("sc-workload", account())],
    );
    let orders = connection("orders", Some("sc-account-2"));
    let object = applied(put(&live, &orders, &[], Reach::Kept, Conflicts::Refused));
    assert_eq!(object["spec"]["template"]["spec"]["serviceAccountName"], "sc-account-2");

    let without = applied(put(&live, &connection("orders", None), &[], Reach::Kept, Conflicts::Refused));
    assert_eq!(without["spec"]["template"]["spec"].get("serviceAccountName"), None);
}

fn let_go(live: &Value, secret: &str, others: &[Needs]) -> (Option<Value>, Vec<String>) {
    let unbound = unbind(&Live::new(&workload("deployment/web"), live), secret, others);
    (unbound.change.map(|change| change.object), unbound.kept_by)
}

#[test]
fn the_last_connection_takes_everything_along() {
    let live = deployment(
        &json!({
            "serviceAccountName": "sc-account-1", "serviceAccount": "sc-account-1",
            "containers": [{"name": "web", "envFrom": [entry("sc-orders-secret")]}],
        }),
        &[("sc-workload", list_of("web")), ("sc-workload", account())],
    );
    let (object, kept_by) = let_go(&live, "sc-orders-secret", &[]);
    let identity = json!({"name": "web", "namespace": "shop", "resourceVersion": "7"});
    assert_eq!(object.unwrap(), json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": identity}));
    assert_eq!(kept_by, Vec::<String>::new());
}

#[test]
fn an_account_stays_as_long_as_a_connection_in_the_workload_needs_it() {
    let with = |entries: Value| {
        deployment(
            &json!({
                "serviceAccountName": "sc-account-1", "serviceAccount": "sc-account-1",
                "containers": [{"name": "web", "envFrom": entries}],
            }),
            &[("sc-workload", list_of("web")), ("sc-workload", account())],
        )
    };
    let account_left = |live: &Value, others: &[Needs]| {
        let (object, _) = let_go(live, "sc-orders-secret", others);
        object.unwrap()["spec"]["template"]["spec"]["serviceAccountName"].as_str().map(str::to_owned)
    };
    let stock = [connection("stock", Some("sc-account-1"))];
    let both = with(json!([entry("sc-orders-secret"), entry("sc-stock-secret")]));
    assert_eq!(account_left(&both, &stock).as_deref(), Some("sc-account-1"));
    // Stock is a connection of the namespace, but not in this workload.
    assert_eq!(account_left(&with(json!([entry("sc-orders-secret")])), &stock), None);
    // Stock was deleted by kubectl, which leaves the workload as it is.
    assert_eq!(account_left(&both, &[]).as_deref(), Some("sc-account-1"));
}

#[test]
fn entries_that_were_taken_over_stay_and_are_nobodys_afterwards() {
    let settings = json!({"configMapRef": {"name": "settings"}});
    let live = deployment(
        &json!({"containers": [{"name": "web", "envFrom": [settings, entry("sc-orders-secret")]}]}),
        &[("sc-workload", list_of("web")), ("helm", json!({"f:replicas": {}}))],
    );
    let (object, _) = let_go(&live, "sc-orders-secret", &[]);
    assert_eq!(object.unwrap()["spec"]["template"]["spec"]["containers"][0]["envFrom"], json!([settings]));

    let left = deployment(
        &json!({"containers": [{"name": "web", "envFrom": [settings]}]}),
        &[("sc-workload", list_of("web")), ("helm", json!({"f:replicas": {}}))],
    );
    let web = workload("deployment/web");
    let owners = handed_back(&Live::new(&web, &left)).unwrap();
    assert_eq!(owners, json!([left["metadata"]["managedFields"][1]]));
}

#[test]
fn a_list_with_another_connection_in_it_stays_ours() {
    let live = deployment(
        &json!({"containers": [{"name": "web", "envFrom": [entry("sc-stock-secret")]}]}),
        &[("sc-workload", list_of("web"))],
    );
    let web = workload("deployment/web");
    assert_eq!(handed_back(&Live::new(&web, &live)), None);
}

#[test]
fn an_entry_in_somebody_elses_list_stays_and_its_owner_is_told() {
    let spec = json!({"containers": [{"name": "web", "envFrom": [entry("sc-orders-secret")]}]});
    let theirs = deployment(&spec, &[("helm", list_of("web"))]);
    assert_eq!(let_go(&theirs, "sc-orders-secret", &[]), (None, vec!["helm".to_owned()]));

    let shared = deployment(&spec, &[("helm", list_of("web")), ("sc-workload", list_of("web"))]);
    let (object, kept_by) = let_go(&shared, "sc-orders-secret", &[]);
    assert_eq!(object.unwrap().get("spec"), None, "it is given up, not changed");
    assert_eq!(kept_by, ["helm"]);
}

#[test]
fn a_cronjob_has_its_template_in_its_jobs_template() {
    let live = json!({
        "apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "report", "namespace": "shop", "resourceVersion": "7"},
        "spec": {"jobTemplate": {"spec": {"template": {"spec": {"containers": [{"name": "report"}]}}}}},
    });
    let (report, orders) = (workload("cronjob/report"), connection("orders", None));
    let wish = Wish { needs: &orders, others: &[], reach: Reach::All, conflicts: Conflicts::Refused };
    let object = applied(bind(&Live::new(&report, &live), &wish));
    assert_eq!(
        object["spec"],
        json!({"jobTemplate": {"spec": {"template": {"spec": {"containers": [{"name": "report", "envFrom": [entry("sc-orders-secret")]}]}}}}})
    );
}
