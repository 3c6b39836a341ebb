//! A person at a terminal makes a connection by answering questions. What is asked, `crates/cli/tests/interview.rs` tells
//! without a cluster; here it comes to the cluster.

#[path = "../../../crates/cli/tests/terminal/mod.rs"]
mod terminal;

use sc_tests::{Place, world};
use terminal::AtTerminal;

/// `sc connection create …` at a terminal.
fn create(arguments: &str) -> AtTerminal {
    let mut command = world().cluster().command(world().program());
    command.env("SC_IMAGE", world().image());
    command.args(["connection", "create"]).args(arguments.split_whitespace());
    AtTerminal::start(command)
}

/// Answers all questions about a PostgreSQL of one's own but the last: whether to go ahead.
fn answer_all(shop: &Place) -> AtTerminal {
    let mut sc = create("postgres-server --no-validate");
    sc.sees("client type:").answers("python");
    sc.sees("connection name:").answers("orders");
    // The namespaces of the cluster, to choose from.
    sc.sees("namespace:").sees("default").answers(&shop.to_string());
    sc.sees("host:").answers("db.example");
    sc.sees("database:").answers("shop");
    sc.sees("user:").answers("app");
    sc.sees("keep port 5432, tls on?").answers("");
    sc.sees("password:").answers("typed-password");
    sc.sees("Secret `sc-orders-secret` for the workload:").sees("The same without questions");
    sc.sees("Plan (+ to do, = there already)").sees("write Secret `sc-orders-secret`").sees("go ahead?");
    sc
}

#[test]
fn answered_questions_make_the_connection() {
    let shop = world().namespace("interview");

    let shown = answer_all(&shop).answers("").ends_with(0);

    assert!(shown.contains("Connection `orders` is ready"), "{shown}");
    assert!(!shown.contains("typed-password"), "{shown}");
    assert_eq!(shown.matches("Plan (+ to do").count(), 1, "the plan was seen before: {shown}");
    assert_eq!(shop.connection("orders")["spec"]["clientType"], "python");
    let secret = shop.secret("sc-orders-secret");
    assert!(secret.values().any(|value| value.contains("typed-password")));
}

#[test]
fn the_shown_command_does_the_same() {
    let shop = world().namespace("interview");
    let shown = answer_all(&shop).answers("").ends_with(0);

    let command = shown.split("on the standard input:").nth(1).unwrap().split("\r\n\r\n").next().unwrap();
    let line = command.replace("\\\r\n", " ").trim().to_owned();

    let words = line.strip_prefix("sc ").unwrap_or_else(|| panic!("{line}"));
    world().sc(words).stdin("typed-password").succeeds().says("Nothing to do");
}

#[test]
fn who_does_not_go_ahead_changes_nothing() {
    let shop = world().namespace("interview");
    for (keys, code) in [("n\r", 130), ("\x03", 130), ("\x1b", 130)] {
        answer_all(&shop).types(keys).sees("nothing was changed").ends_with(code);
        assert_eq!(shop.get("serviceconnection/orders"), None);
        assert_eq!(shop.find_payload("orders"), None);
    }
}
