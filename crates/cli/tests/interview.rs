//! `sc connection create` asks a person at a terminal, and nobody else. No cluster is needed: it is asked for at the end.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test tells by a panic what went wrong")]

mod terminal;

use std::process::Command;
use std::thread;
use std::time::Duration;

use rustix::process::Signal;
use terminal::AtTerminal;

/// A secret that may show nowhere.
const CANARY: &str = "c4n4ry-9f";
/// All that a connection to one's own PostgreSQL needs but the password.
const COMPLETE: &str =
    "postgres-server orders -n shop -c python --host db.example --database shop --user app";

/// `sc connection create …`, with a kubeconfig that isn't there: who needs the cluster ends with exit code 5.
fn create(arguments: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sc"));
    command.args(["connection", "create"]).args(arguments.split_whitespace());
    command.args(["--kubeconfig", "/nowhere/kubeconfig"]);
    command
}

fn at_terminal(arguments: &str) -> AtTerminal {
    AtTerminal::start(create(arguments))
}

#[test]
fn a_person_is_asked_for_everything_and_sees_what_comes_of_it() {
    let mut sc = at_terminal("");
    sc.sees("target service:")
        .sees("Azure AI services")
        .types("pgflex")
        .sees("> postgres-flexible")
        .answers("");
    sc.sees("auth type:").sees("> secret").sees("workload-identity").answers("");
    sc.sees("client type:").sees("> none").answers("python");
    sc.sees("connection name: (postgresflexible_").answers("orders");
    sc.sees("namespace: (default)").sees("can't be listed").answers("shop");
    sc.sees("where it is, by:").sees("> host").sees("a server in Azure").answers("");
    sc.sees("host:").answers("db.example.com");
    sc.sees("database:").answers("shop");
    sc.sees("user:").answers("app");
    sc.sees("keep port 5432?").answers("");
    sc.sees("password:").answers(CANARY);
    sc.sees("Secret `sc-orders-secret` for the workload:");
    sc.sees("AZURE_POSTGRESQL_CONNECTIONSTRING  secret");
    sc.sees("sc connection create --kubeconfig /nowhere/kubeconfig postgres-flexible --client-type python");
    sc.sees("--connection orders -n shop --host db.example.com --database shop --user app");
    sc.sees("--password-stdin").sees("KubeconfigInvalid");
    assert!(!sc.ends_with(5).contains(CANARY));
}

#[test]
fn a_server_in_azure_is_asked_for_by_its_name() {
    let mut sc = at_terminal("redis-enterprise cache -n shop -c none --access-key-stdin");
    sc.sees("where it is, by:").sees("server, region").answers("server");
    sc.sees("server:").answers("orders");
    sc.sees("region:").answers("westeurope");
    sc.sees("keep port 10000, database 0?").answers("");
    sc.sees("access key:").answers(CANARY);
    sc.sees("orders.westeurope.redis").sees("--server orders").sees("--region westeurope");
    assert!(!sc.ends_with(5).contains(CANARY));
}

#[test]
fn an_identity_is_asked_for_by_its_ids() {
    let id = "11111111-2222-3333-4444-555555555555";
    let mut sc = at_terminal("postgres-flexible orders -n shop -c none --host db --database shop --user app");
    sc.sees("auth type:").answers("workload");
    sc.sees("client id:").answers("me").sees("# it has to be a UUID").types("\x7f\x7f").answers(id);
    sc.sees("tenant id:").answers(id);
    sc.sees(&format!("--workload-identity {id}")).sees(&format!("--tenant-id {id}"));
    sc.ends_with(5);
}

#[test]
fn defaults_can_be_changed() {
    let mut sc = at_terminal("postgres-server orders -n shop -c none --password-file /nowhere/password");
    sc.sees("host:").answers("db");
    sc.sees("database:").answers("shop");
    sc.sees("user:").answers("app");
    sc.sees("keep port 5432, tls on?").answers("n");
    sc.sees("port: (5432)").answers("5433");
    sc.sees("tls:").sees("> on").answers("off");
    sc.sees("--port 5433 --tls off");
    sc.ends_with(5);
}

#[test]
fn a_wrong_answer_is_asked_again_with_the_reason() {
    let mut sc = at_terminal("postgres-server -c python");
    sc.sees("connection name:")
        .answers("a/b")
        .sees("# it may hold letters")
        .types("\x7f\x7f\x7f")
        .answers("orders");
    sc.sees("namespace:")
        .answers("Shop")
        .sees("# lower-case letters")
        .types("\x7f\x7f\x7f\x7f")
        .answers("shop");
    sc.sees("host:").answers("https://x").sees("# only the host is wanted");
    sc.types(&"\x7f".repeat(9)).answers("db");
    sc.sees("database:").answers("").sees("# it can't be empty").answers("shop");
    sc.sees("user:").answers("app");
    sc.sees("keep").answers("");
    sc.sees("password:").answers("").sees("# it is empty").answers(CANARY);
    sc.sees("The same without questions");
    assert!(!sc.ends_with(5).contains(CANARY));
}

#[test]
fn a_secret_that_the_variables_cannot_hold_is_asked_again() {
    // StackExchange.Redis reads a comma as the end of a value.
    let mut sc = at_terminal("redis cache -n shop -c dotnet --server cache");
    sc.sees("auth type:").answers("secret");
    sc.sees("access key:").answers(&format!("{CANARY},x")).sees("# ").sees("access key:").answers(CANARY);
    sc.sees("The same without questions");
    assert!(!sc.ends_with(5).contains(CANARY));
}

#[test]
fn a_secret_of_several_lines_is_not_cut_off() {
    let mut sc = at_terminal(COMPLETE);
    sc.sees("isn't shown").types(&format!("{CANARY}\n{CANARY}\n{CANARY}\n"));
    sc.sees("--password-file").sees("isn't shown").answers("one-line");
    assert!(!sc.ends_with(5).contains(CANARY));
}

#[test]
fn a_secret_shows_nowhere() {
    let mut sc = at_terminal(COMPLETE);
    sc.sees("isn't shown").types(CANARY);
    assert!(!sc.command_line().contains(CANARY));
    sc.types("\r").sees("The same without questions");
    assert!(!sc.ends_with(5).contains(CANARY));

    // Nor where it is typed before anybody asked for it.
    let mut sc = at_terminal(COMPLETE);
    sc.sees("stops").answers(CANARY);
    assert!(!sc.ends_with(5).contains(CANARY));
}

#[test]
fn ctrl_c_esc_and_sigterm_change_nothing_and_give_the_terminal_back() {
    let stops: [&dyn Fn(&mut AtTerminal); 4] = [
        &|sc| {
            sc.types("\x03");
        },
        &|sc| {
            sc.types("\x1b");
        },
        &|sc| {
            sc.signals(Signal::TERM);
        },
        &|sc| {
            sc.signals(Signal::INT);
        },
    ];
    for stop in stops {
        let mut sc = at_terminal("");
        sc.sees("target service:").sees("type to filter");
        stop(&mut sc);
        sc.sees("nothing was changed");
        sc.ends_with(130);

        let mut sc = at_terminal(COMPLETE);
        sc.sees("password:").sees("isn't shown").types("half");
        // The keys arrive before the signal does; a pseudo-terminal hands them on at its leisure.
        thread::sleep(Duration::from_millis(200));
        stop(&mut sc);
        sc.sees("nothing was changed");
        assert!(!sc.ends_with(130).contains("half"));
    }
}

#[test]
fn a_complete_command_asks_nothing() {
    for rest in ["--password-file /nowhere/password", "--secret-ref database/password"] {
        let shown = at_terminal(&format!("{COMPLETE} {rest}")).ends_with(5);
        assert!(!shown.contains("? ") && shown.contains("KubeconfigInvalid"), "{shown}");
    }
    // The name, the namespace and the client type may be left out.
    let left_out = "postgres-server --host db --database shop --user app --secret-ref database";
    let shown = at_terminal(left_out).ends_with(5);
    assert!(!shown.contains("? "), "{shown}");
}

#[test]
fn a_wrong_option_is_told_before_anything_is_asked() {
    let shown = at_terminal("postgres-server --host https://db").ends_with(2);
    assert!(shown.contains("leave out the scheme") && !shown.contains("? "), "{shown}");
}

#[test]
fn nobody_is_asked_where_nobody_is() {
    for also in ["-o json", "-o yaml", "-o tsv", "--quiet"] {
        let shown = at_terminal(&format!("postgres-server {also}")).ends_with(2);
        assert!(!shown.contains("? "), "{also}: {shown}");
    }
    for (name, value) in [("TERM", "dumb"), ("CI", "true")] {
        // The terminal sets its own environment, so the program is told by `env`.
        let own = create(COMPLETE);
        let mut command = Command::new("env");
        command.arg(format!("{name}={value}")).arg(own.get_program()).args(own.get_args());
        let shown = AtTerminal::start(command).ends_with(2);
        assert!(shown.contains("the password is missing") && !shown.contains("? "), "{name}: {shown}");
    }
}

#[test]
fn in_a_pipe_a_missing_value_is_an_error_that_names_the_option() {
    let run = |arguments: &str| {
        let output = create(arguments).env("TERM", "xterm").output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, said) = run("postgres-server --password-stdin");
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("--host, --database, --user"), "{said}");
    let (code, said) = run(COMPLETE);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("--password-stdin or --password-file"), "{said}");
    let (code, said) = run("");
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("the target service is missing") && said.contains("list-support-types"), "{said}");
}

#[test]
fn one_end_of_a_terminal_is_no_person() {
    // The standard input is a pipe; what is said shows at a terminal.
    let own = create(COMPLETE);
    let words: Vec<_> = std::iter::once(own.get_program()).chain(own.get_args()).collect();
    let line = words.iter().map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ");
    for script in [format!("true | {line}"), format!("{line} 2>&1 | cat; exit ${{PIPESTATUS[0]}}")] {
        let mut command = Command::new("bash");
        command.arg("-c").arg(script);
        let shown = AtTerminal::start(command).ends_with(2);
        assert!(shown.contains("the password is missing"), "{shown}");
    }
}
