//! The plan of every kind of request, decided without I/O.
#![allow(clippy::unwrap_used, reason = "a test tells by a panic what went wrong")]

use std::time::Duration;

use sc_catalog::Catalog;
use sc_cluster::secrets::Owner;
use sc_engine::extension::Installation;
use sc_engine::workload::Sight;
use sc_engine::{Binding, CreateRequest, Observed, Validation, plan_create};
use sc_model::{Failure, FailureCode, Result, SecretValue, ServiceConnection, ServiceConnectionSpec};
use serde_json::json;

fn spec(name: &str) -> ServiceConnectionSpec {
    serde_json::from_value(json!({
        "connectionName": name,
        "target": {"service": "postgres-flexible", "parameters": {"host": "db.example.com", "database": "shop"}},
        "auth": {"type": "secret", "username": "app"},
        "clientType": "nodejs",
    }))
    .unwrap()
}

fn request(name: &str) -> CreateRequest {
    CreateRequest {
        namespace: "shop".parse().unwrap(),
        name: name.parse().unwrap(),
        spec: spec(name),
        secrets: Some(SecretValue::new("canary")).into(),
        binding: Binding::default(),
        installation: Installation::default(),
        validation: Validation::Warn,
        waits: true,
        limit: Duration::from_secs(60),
    }
}

/// A stored connection that sc-job has delivered and a validation has passed.
fn stored(name: &str, spec: &ServiceConnectionSpec) -> ServiceConnection {
    let condition = |kind: &str| json!({"type": kind, "status": "True", "reason": "Applied", "message": "", "lastTransitionTime": "2026-01-01T00:00:00Z"});
    serde_json::from_value(json!({
        "apiVersion": "serviceconnector.dev/v1alpha1", "kind": "ServiceConnection",
        "metadata": {"name": name, "namespace": "shop", "generation": 1},
        "spec": spec,
        "status": {"observedGeneration": 1, "conditions": [condition("Ready"), condition("Valid")]},
    }))
    .unwrap()
}

fn empty_namespace() -> Observed {
    Observed { namespace_exists: true, ..Observed::default() }
}

fn plan(request: &CreateRequest, observed: &Observed) -> Result<String> {
    let resolved = Catalog::builtin().resolve(&request.spec)?;
    let plan = plan_create(request, &resolved, observed)?;
    let line = |step: &sc_engine::PlannedStep| {
        format!("{} {}: {}\n", if step.is_done { "=" } else { "+" }, step.step.title(), step.says)
    };
    Ok(plan.steps.iter().map(line).collect())
}

fn refused(request: &CreateRequest, observed: &Observed) -> Failure {
    plan(request, observed).unwrap_err()
}

#[test]
fn a_first_connection_installs_the_extension_and_does_every_step() {
    insta::assert_snapshot!(plan(&request("orders"), &empty_namespace()).unwrap(), @r"
    + Extension: install the Helm release `sc-extension` into `sc-system`
    + Secret input: keep the secret in `sc-system`, for sc-job to use and to repair with
    + Connection: create ServiceConnection `orders` in `shop`: Azure Database for PostgreSQL, flexible server, secret, client type nodejs
    + sc-job: write Secret `sc-orders-secret` into `shop` with AZURE_POSTGRESQL_HOST, AZURE_POSTGRESQL_USER, AZURE_POSTGRESQL_DATABASE, AZURE_POSTGRESQL_PORT, AZURE_POSTGRESQL_SSL, AZURE_POSTGRESQL_PASSWORD
    + Validation: reach the target from a pod in `shop` and sign in
    ");
}

#[test]
fn the_same_request_again_has_nothing_to_do() {
    let request = request("orders");
    let observed = Observed {
        extension_served: true,
        siblings: vec![stored("orders", &request.spec)],
        secret_owner: Some(Owner::Connection("orders".to_owned())),
        secret_is_stored: true,
        ..empty_namespace()
    };
    let resolved = Catalog::builtin().resolve(&request.spec).unwrap();
    assert!(plan_create(&request, &resolved, &observed).unwrap().is_done());
}

#[test]
fn another_password_is_stored_and_delivered_without_changing_the_connection() {
    let request = request("orders");
    let observed = Observed {
        extension_served: true,
        siblings: vec![stored("orders", &request.spec)],
        secret_owner: Some(Owner::Connection("orders".to_owned())),
        secret_is_stored: false,
        ..empty_namespace()
    };
    insta::assert_snapshot!(plan(&request, &observed).unwrap(), @r"
    = Extension: the extension is in the cluster
    + Secret input: keep the secret in `sc-system`, for sc-job to use and to repair with
    = Connection: the connection is stored as requested
    + sc-job: write Secret `sc-orders-secret` into `shop` with AZURE_POSTGRESQL_HOST, AZURE_POSTGRESQL_USER, AZURE_POSTGRESQL_DATABASE, AZURE_POSTGRESQL_PORT, AZURE_POSTGRESQL_SSL, AZURE_POSTGRESQL_PASSWORD
    + Validation: reach the target from a pod in `shop` and sign in
    ");
}

#[test]
fn a_workload_takes_the_connection_in_once_its_secret_is_there_and_before_it_is_validated() {
    let web = Sight {
        workload: "deployment/web".parse().unwrap(),
        is_requested: true,
        says: "deployment/web: add the Secret".to_owned(),
        is_done: false,
    };
    let report = Sight { says: "cronjob/report names the Secret".to_owned(), is_done: true, ..web.clone() };
    let observed = Observed { workloads: vec![web, report.clone()], ..empty_namespace() };
    let told = plan(&request("orders"), &observed).unwrap();
    let steps: Vec<_> = told.lines().filter_map(|line| line.split_once(':').map(|(step, _)| step)).collect();
    assert_eq!(
        steps,
        ["+ Extension", "+ Secret input", "+ Connection", "+ sc-job", "+ Workload", "+ Validation"]
    );
    assert!(told.contains("deployment/web: add the Secret; cronjob/report names the Secret"), "{told}");

    let observed = Observed { workloads: vec![report], ..empty_namespace() };
    assert!(plan(&request("orders"), &observed).unwrap().contains("= Workload"));
}

#[test]
fn a_secret_that_went_missing_is_delivered_again() {
    let request = request("orders");
    let observed = Observed {
        extension_served: true,
        siblings: vec![stored("orders", &request.spec)],
        secret_is_stored: true,
        ..empty_namespace()
    };
    let plan = plan(&request, &observed).unwrap();
    assert!(plan.contains("= Connection") && plan.contains("+ sc-job"), "{plan}");
}

#[test]
fn a_foreign_secret_refuses_the_request_before_anything_is_written() {
    let observed = Observed { secret_owner: Some(Owner::Foreign), ..empty_namespace() };
    let failure = refused(&request("orders"), &observed);
    assert_eq!(failure.code, FailureCode::ResourceAlreadyExists);
    assert!(
        failure.message.contains("Resource already exists in your cluster")
            && failure.remedy.contains("kubectl get secret sc-orders-secret -n shop")
    );
}

#[test]
fn names_that_would_share_a_secret_are_refused_and_both_are_named() {
    for other in ["a.b", "ab", "A-B"] {
        let observed = Observed {
            extension_served: true,
            siblings: vec![stored("other", &spec(other))],
            ..empty_namespace()
        };
        let failure = refused(&request("a_b"), &observed);
        assert_eq!(failure.code, FailureCode::ConnectionNameConflict);
        assert!(
            failure.message.contains("`a_b`") && failure.message.contains(&format!("`{other}`")),
            "{failure}"
        );
    }
}

#[test]
fn a_missing_namespace_is_named_with_the_command_that_makes_it() {
    let failure = refused(&request("orders"), &Observed::default());
    assert_eq!(failure.code, FailureCode::NamespaceNotFound);
    assert!(failure.remedy.contains("kubectl create namespace shop"));
}

#[test]
fn no_plan_holds_a_secret() {
    let resolved = Catalog::builtin().resolve(&spec("orders")).unwrap();
    let plan = plan_create(&request("orders"), &resolved, &empty_namespace()).unwrap();
    assert!(!format!("{plan:?}{:?}", request("orders")).contains("canary"));
}
