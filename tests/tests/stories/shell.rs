//! What makes `sc` a good citizen of a shell: completions, manual pages, a kubectl plugin, output for programs.

use std::fs;
use std::os::unix::fs::symlink;

use sc_tests::world;
use tempfile::TempDir;

#[test]
fn completions_are_written_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = world().sc(format!("completion {shell}")).succeeds().stdout;
        assert!(script.contains("list-support-types") && script.contains("password-stdin"), "{shell}");
    }
}

#[test]
fn the_completion_is_a_script_that_bash_takes() {
    let script = world().sc("completion bash").succeeds().stdout;
    world().program_named("bash").args("-n").stdin(script).succeeds();
}

#[test]
fn manual_pages_are_written_for_every_command() {
    let folder = TempDir::new().unwrap();
    let pages = folder.path().join("man1");
    world().sc("man").arg(&pages).succeeds();

    for page in [
        "sc.1",
        "sc-connection-create.1",
        "sc-connection-create-postgres-flexible.1",
        "sc-extension-install.1",
    ] {
        let text = fs::read_to_string(pages.join(page)).unwrap_or_else(|error| panic!("{page}: {error}"));
        assert!(text.contains(".SH"), "{page}: {text}");
    }
}

#[test]
fn sc_is_a_plugin_of_kubectl() {
    let shop = world().namespace("plugin");
    shop.create("orders").succeeds();
    let folder = TempDir::new().unwrap();
    symlink(world().program(), folder.path().join("kubectl-sc")).unwrap();
    let kubectl = |arguments: &str| {
        let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap());
        let tools = world().cluster().folder().join("tools");
        world().kubectl(arguments).env("PATH", format!("{}:{path}", tools.display()))
    };

    kubectl(&format!("sc connection list -n {shop}")).succeeds().says("orders").says("sc-orders-secret");
    kubectl("sc connection --help").succeeds().says("Usage: kubectl sc connection");
    kubectl(&format!("sc connection show nothing -n {shop}")).fails().says("ConnectionNotFound");
}

#[test]
fn every_output_format_can_be_read_by_its_program() {
    let shop = world().namespace("output");
    shop.create("orders").succeeds();
    for command in ["connection list", "connection show orders", "connection list-configuration orders"] {
        let json = shop.sc(&format!("{command} -o json")).succeeds().json();
        assert!(json.is_array() || json.is_object(), "{command}: {json}");

        let yaml = shop.sc(&format!("{command} -o yaml")).succeeds().stdout;
        let read: serde_json::Value =
            serde_yaml_ng::from_str(&yaml).unwrap_or_else(|error| panic!("{error}: {yaml}"));
        assert_eq!(read, json, "{command}: JSON and YAML say the same");

        let tsv = shop.sc(&format!("{command} -o tsv")).succeeds().stdout;
        let fields: Vec<_> = tsv.lines().map(|line| line.split('\t').count()).collect();
        assert!(
            !fields.is_empty() && fields.iter().all(|count| *count == fields[0] && *count > 1),
            "{command}: {tsv}"
        );
    }
}

#[test]
fn progress_and_warnings_stay_out_of_the_result() {
    let shop = world().namespace("output");
    let said = shop.create("orders").args("-o json").succeeds();
    assert_eq!(said.json()["connection"]["name"], "orders");
    let said = shop.create("stock").args("-q -o tsv").succeeds();
    assert_eq!(said.stdout.lines().count(), 1, "{said}");
    assert_eq!(said.stderr, "", "{said}");
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let sc = world().program().display().to_string();
    let pipe = format!("set -o pipefail; {sc} connection list-support-types --show-keys | head -n 1");
    world().program_named("bash").args("-c").arg(pipe).succeeds().says("TARGET");
}

#[test]
fn the_help_of_a_target_names_its_client_types() {
    let help = world().sc("connection create app-insights -h").succeeds();
    help.says("none, dotnet, java, python, nodejs, go\n");
}

#[test]
fn the_exit_codes_are_documented_in_the_help() {
    world().sc("--help").succeeds().says("Exit codes:").says("taken").says("130");
}
