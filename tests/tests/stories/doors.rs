//! What is checked before the cluster is asked anything, and what the API server refuses by itself.

use sc_tests::{Said, world};

/// A kubeconfig that isn't there: who needs the cluster would end with exit code 5.
const NOWHERE: &str = "--kubeconfig /nowhere/kubeconfig";

const SERVER: &str = "--host db.example --database shop --user app --password-stdin";

/// Runs a request that is wrong in itself.
#[track_caller]
fn refused(arguments: &str) -> Said {
    world()
        .sc(format!("connection create postgres-flexible {NOWHERE} {arguments}"))
        .stdin("password")
        .fails_with(2)
}

#[test]
fn a_right_request_does_need_the_cluster() {
    let request = format!("connection create postgres-flexible orders -n shop {NOWHERE} {SERVER}");
    world().sc(request).stdin("password").fails_with(5).says("/nowhere/kubeconfig");
}

#[test]
fn a_wrong_name_is_refused_with_its_rule() {
    for (name, rule) in
        [("a/b", "letters, digits, `.`, `_` and `-`"), ("...", "letter or digit"), ("ä", "letters, digits")]
    {
        refused(&format!("{name} -n shop {SERVER}")).says(name).says(rule);
    }
    let long = "x".repeat(64);
    refused(&format!("{long} -n shop {SERVER}")).says(&long).says("63");
}

#[test]
fn a_wrong_namespace_is_refused_with_its_rule() {
    for namespace in ["Shop", "shop_1", "-shop", "shop.eu"] {
        refused(&format!("orders --kube-namespace={namespace} {SERVER}"))
            .says(namespace)
            .says("lower-case letters, digits and `-`");
    }
}

#[test]
fn a_wrong_host_is_refused_with_its_rule() {
    for (host, rule) in [
        ("https://db.example", "leave out the scheme"),
        ("db.example:5432", "port by its own option"),
        ("db..example", "DNS name"),
    ] {
        refused(&format!("orders -n shop --host {host} --database shop --user app --password-stdin"))
            .says(host)
            .says(rule);
    }
}

#[test]
fn a_wrong_port_is_refused_with_its_rule() {
    for port in ["0", "65536", "http"] {
        refused(&format!("orders -n shop {SERVER} --port {port}")).says(port).says("1 to 65535");
    }
}

#[test]
fn a_wrong_reference_to_a_secret_is_refused_with_its_rule() {
    let server = "--host db.example --database shop --user app";
    refused(&format!("orders -n shop {server} --secret-ref Database"))
        .says("Database")
        .says("lower-case letters");
    refused(&format!("orders -n shop {server} --secret-ref database/pass:word"))
        .says("pass:word")
        .says("letters, digits");
}

#[test]
fn a_wrong_identity_is_refused_with_its_rule() {
    let server = "--host db.example --database shop --user app";
    let tenant = "11111111-2222-3333-4444-555555555555";
    refused(&format!("orders -n shop {server} --workload-identity me --tenant-id {tenant}")).says("`me`");
    refused(&format!("orders -n shop {server} --workload-identity {tenant}")).says("--tenant-id");
}

#[test]
fn what_is_missing_is_named_all_at_once() {
    let said = refused("orders -n shop --password-stdin");
    said.says("--host").says("--database").says("--user").says("code:   MissingOption");
    refused("orders -n shop --host db.example --database shop --user app")
        .says("--password-stdin")
        .says("--password-file");
}

#[test]
fn who_may_have_meant_another_target_is_told_so() {
    let said =
        world().sc(format!("connection create postgres orders --host db.example {NOWHERE}")).fails_with(2);
    said.says("--host").says("a server of your own is `postgres-server`");
}

#[test]
fn an_unknown_target_or_client_is_refused_with_what_there_is() {
    let said = world().sc(format!("connection create postgrs orders {NOWHERE}")).fails_with(2);
    said.says("postgrs").says("postgres");
    refused(&format!("orders -n shop {SERVER} --client-type cobol")).says("cobol").says("python");
    refused(&format!("orders -n shop {SERVER} --client-type kafka-springBoot")).says("kafka-springBoot");
}

#[test]
fn an_empty_password_is_refused() {
    let request = format!("connection create postgres-flexible orders -n shop {NOWHERE} {SERVER}");
    let said = world().sc(request).stdin("").run();
    assert!(said.code == Some(2) || said.code == Some(5), "{said}");
}

#[test]
fn the_api_server_refuses_a_connection_that_breaks_the_schema() {
    let shop = world().namespace("schema");
    let (host, client) = ("{host: db.example}", "11111111-2222-3333-4444-555555555555");
    let wrong = [
        ("metadata: {name: x}\nspec: {auth: {type: secret}}", "spec.target"),
        (
            "metadata: {name: x}\nspec: {target: {service: Postgres}, auth: {type: secret}}",
            "spec.target.service",
        ),
        ("metadata: {name: x}\nspec: {target: {service: redis}, auth: {type: magic}}", "spec.auth.type"),
        (
            "metadata: {name: x}\nspec: {connectionName: 'a b', target: {service: redis}, auth: {type: secret}}",
            "spec.connectionName",
        ),
        (
            "metadata: {name: x}\nspec: {clientType: cobol, target: {service: redis}, auth: {type: secret}}",
            "spec.clientType",
        ),
        (
            "metadata: {name: x}\nspec: {target: {service: redis}, auth: {type: workload-identity}}",
            "auth.clientId and auth.tenantId",
        ),
        (
            "metadata: {name: x}\nspec: {target: {service: redis}, auth: {type: secret, clientId: me}}",
            "spec.auth.clientId",
        ),
        (
            "metadata: {name: x}\nspec: {target: {service: redis, parameters: {port: 1}}, auth: {type: secret}}",
            "spec.target.parameters.port",
        ),
    ];
    for (body, field) in wrong {
        let yaml = format!("apiVersion: serviceconnector.dev/v1alpha1\nkind: ServiceConnection\n{body}\n");
        shop.apply(yaml).fails_with(1).says(field);
    }
    let long = "x".repeat(64);
    let named = |name: &str| {
        format!(
            "apiVersion: serviceconnector.dev/v1alpha1\nkind: ServiceConnection\nmetadata: {{name: {name}}}\n\
             spec: {{target: {{service: redis, parameters: {host}}}, auth: {{type: workload-identity, clientId: {client}, tenantId: {client}}}}}\n"
        )
    };
    shop.apply(named(&long)).fails_with(1).says("at most 63 characters");
    shop.apply(named("right")).succeeds();
}

#[test]
fn the_name_of_a_stored_connection_cannot_be_changed() {
    let shop = world().namespace("schema");
    shop.create("orders").args("--no-wait").succeeds();
    let patch = r#"{"spec":{"connectionName":"Orders"}}"#;
    let said = shop.kubectl("patch serviceconnection orders --type=merge -p").arg(patch).fails_with(1);
    said.says("connectionName can't be changed");
}

#[test]
fn an_inline_password_has_no_place_in_the_resource() {
    let shop = world().namespace("schema");
    let said = shop
        .apply(
            "
apiVersion: serviceconnector.dev/v1alpha1
kind: ServiceConnection
metadata: {name: orders}
spec:
  target: {service: redis, parameters: {host: cache.example}}
  auth: {type: secret, password: inline}
",
        )
        .fails_with(1);
    said.says("unknown field").says("spec.auth.password");
}
