//! Validation: a real sign-in from the workload's namespace, and the line that fails.

use sc_tests::{Call, Place, Said, world};
use serde_json::Value;

/// A real server as a person describes it, and the secret that opens it.
struct Server {
    target: &'static str,
    host: String,
    port: u16,
    rest: String,
    secret: String,
}

impl Server {
    fn postgres() -> Self {
        let server = world().postgres();
        let rest = format!("--database {} --user {} --password-stdin", server.database, server.username);
        Self {
            target: "postgres-flexible",
            host: server.host.clone(),
            port: server.port,
            rest,
            secret: server.password.clone(),
        }
    }

    fn mysql() -> Self {
        let server = world().mariadb();
        let rest = format!("--database {} --user {} --password-stdin", server.database, server.username);
        Self {
            target: "mysql-flexible",
            host: server.host.clone(),
            port: server.port,
            rest,
            secret: server.password.clone(),
        }
    }

    fn redis() -> Self {
        let server = world().redis();
        let rest = "--access-key-stdin".to_owned();
        Self {
            target: "redis",
            host: server.host.clone(),
            port: server.port,
            rest,
            secret: server.password.clone(),
        }
    }

    /// `sc connection create` for it, trusting the testbed's authority.
    fn create(&self, shop: &Place, name: &str, authority: &str) -> Call {
        let Self { target, host, port, rest, secret } = self;
        let request =
            format!("connection create {target} {name} --host {host} --port {port} {rest} {authority}");
        shop.sc(&request).stdin(secret).args("-o json")
    }
}

fn trusted() -> String {
    format!("--ca-certificate {}", world().services_ca())
}

fn check<'a>(report: &'a Value, name: &str) -> &'a Value {
    report["checks"].as_array().unwrap().iter().find(|check| check["name"] == name).unwrap_or(&Value::Null)
}

/// Expects a connection in place whose validation failed in one line, and nowhere before it.
#[track_caller]
fn fails_at(said: &Said, line: &str, code: &str) {
    let told = said.json();
    let (report, connection) = (&told["validation"], &told["connection"]);
    assert_eq!(connection["ready"], "True", "an invalid connection is in place all the same: {said}");
    assert_eq!(report["valid"], false, "{said}");
    let failed: Vec<_> =
        report["checks"].as_array().unwrap().iter().filter(|check| check["outcome"] == "failed").collect();
    assert_eq!(failed.len(), 1, "{said}");
    assert_eq!(failed[0]["name"], line, "{said}");
    assert_eq!(failed[0]["code"], code, "{said}");
    assert!(failed[0]["cause"].is_string() && failed[0]["remedy"].is_string(), "{said}");
    said.says("warning: ").says("in place but not valid").says(&format!("code:   {code}"));
}

/// The same story for every server that is reached by host and port.
fn every_way_to_fail(server: &Server) {
    let shop = world().namespace("validate");

    let told = server.create(&shop, "good", &trusted()).args("--require-valid").succeeds().json();
    assert_eq!(told["validation"]["valid"], true, "{told}");
    assert_eq!(check(&told["validation"], "signIn")["outcome"], "passed", "{told}");
    let found = shop.get("serviceconnection/good").unwrap();
    let conditions = found["status"]["conditions"].as_array().unwrap();
    assert!(
        conditions.iter().any(|condition| condition["type"] == "Valid" && condition["status"] == "True"),
        "{found}"
    );

    let wrong = server.create(&shop, "password", &trusted()).stdin("wrong-password").succeeds();
    fails_at(&wrong, "signIn", "SignInRefused");
    let unknown = Server {
        host: "nowhere.example".to_owned(),
        rest: server.rest.clone(),
        secret: server.secret.clone(),
        ..*server
    };
    fails_at(&unknown.create(&shop, "host", &trusted()).succeeds(), "dns", "NameNotResolved");
    let closed = Server {
        port: 1,
        host: server.host.clone(),
        rest: server.rest.clone(),
        secret: server.secret.clone(),
        ..*server
    };
    fails_at(&closed.create(&shop, "port", &trusted()).succeeds(), "tcp", "ConnectFailed");
    fails_at(&server.create(&shop, "authority", "").succeeds(), "tls", "TlsFailed");
}

#[test]
fn a_postgresql_connection_is_validated_line_by_line() {
    every_way_to_fail(&Server::postgres());
}

#[test]
fn a_mysql_connection_is_validated_line_by_line() {
    every_way_to_fail(&Server::mysql());
}

#[test]
fn a_redis_connection_is_validated_line_by_line() {
    every_way_to_fail(&Server::redis());
}

#[test]
fn a_blob_storage_connection_is_validated_line_by_line() {
    let (shop, server) = (world().namespace("validate"), world().azurite());
    let create = |name: &str, endpoint: &str, authority: &str| {
        let request = format!(
            "connection create storage-blob {name} --account {} --endpoint {endpoint} --account-key-stdin {authority} -o json",
            server.account
        );
        shop.sc(&request).stdin(&server.key)
    };

    let told = create("good", &server.endpoint, &trusted()).args("--require-valid").succeeds().json();
    assert_eq!(check(&told["validation"], "signIn")["outcome"], "passed", "{told}");

    fails_at(
        &create("key", &server.endpoint, &trusted()).stdin("d3Jvbmc=").succeeds(),
        "signIn",
        "SignInRefused",
    );
    let unknown = server.endpoint.replace(&server.host, "nowhere.example");
    fails_at(&create("host", &unknown, &trusted()).succeeds(), "dns", "NameNotResolved");
    let closed = server.endpoint.replace(&format!(":{}", server.port), ":1");
    fails_at(&create("port", &closed, &trusted()).succeeds(), "tcp", "ConnectFailed");
    fails_at(&create("authority", &server.endpoint, "").succeeds(), "tls", "TlsFailed");
}

#[test]
fn a_connection_that_must_be_valid_fails_with_exit_code_7() {
    let shop = world().namespace("validate");
    let server = Server::postgres();

    let said = server
        .create(&shop, "orders", &trusted())
        .stdin("wrong-password")
        .args("--require-valid")
        .fails_with(7);

    assert_eq!(said.error()["code"], "SignInRefused");
    shop.becomes_ready("orders");
    let said = shop.sc("connection validate orders").fails_with(7);
    said.says("Sign-in").says("failed").says("code:   SignInRefused");
}

#[test]
fn a_mended_connection_is_found_valid_by_validate() {
    let shop = world().namespace("validate");
    let server = Server::postgres();
    server.create(&shop, "orders", &trusted()).stdin("wrong-password").args("--no-validate").succeeds();
    shop.sc("connection validate orders").fails_with(7);

    shop.sc("connection update orders --password-stdin --no-validate").stdin(&server.secret).succeeds();

    let report = shop.sc("connection validate orders -o json").succeeds().json();
    assert_eq!(report["valid"], true);
    shop.sc("connection wait orders --for valid --timeout 10s").succeeds();
    assert_eq!(shop.kubectl("get pods -o name").succeeds().stdout, "", "the probe's pod is removed");
}
