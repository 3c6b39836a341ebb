//! Builds `sc`, static, and finds it.

use std::path::PathBuf;
use std::process::Command;

use sc_testbed::{Result, TestbedError, run_shown, workspace};
use serde_json::Value;

/// How `sc` is compiled.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Profile {
    /// Fast to build.
    Dev,
    /// Small and fast to run.
    Release,
}

/// Builds the binary `sc`; its path.
pub(crate) fn sc(profile: Profile) -> Result<PathBuf> {
    let mut cargo = cargo();
    cargo.args(["build", "--package", "sc-cli", "--bin", "sc"]);
    if let Profile::Release = profile {
        cargo.arg("--release");
    }
    built_by(cargo, "build sc")
}

/// Builds `sc` and the benchmark beside it, as fast as they get; the path of `sc`.
pub(crate) fn to_measure() -> Result<PathBuf> {
    let mut cargo = cargo();
    cargo.args(["build", "--release", "--package", "sc-cli", "--package", "sc-bench"]);
    built_by(cargo, "build sc and the benchmark")
}

/// Builds everything that `cargo test --workspace` runs, and `sc` with the same features, so that nothing is compiled
/// twice; the path of `sc`.
pub(crate) fn everything() -> Result<PathBuf> {
    let mut cargo = cargo();
    cargo.args(["build", "--workspace", "--lib", "--bins", "--tests"]);
    built_by(cargo, "build everything")
}

/// Cargo in this workspace.
pub(crate) fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
    cargo.current_dir(workspace());
    forget_xtask(&mut cargo);
    cargo
}

/// What `cargo run` tells about xtask itself would make build scripts that watch it run again each time that a command
/// calls cargo.
pub(crate) fn forget_xtask(command: &mut Command) {
    let about_xtask = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"];
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| about_xtask.iter().any(|about| name.starts_with(about))) {
            command.env_remove(name);
        }
    }
}

fn built_by(mut cargo: Command, doing: &str) -> Result<PathBuf> {
    cargo.arg("--message-format=json-render-diagnostics");
    let output = run_shown(&mut cargo, doing)?;
    executable(&String::from_utf8_lossy(&output.stdout)).ok_or_else(|| TestbedError::Command {
        doing: doing.to_owned(),
        how: "cargo did not say where `sc` is".to_owned(),
        said: String::new(),
    })
}

/// The executable `sc`, not the one of its tests, among cargo's messages.
fn executable(messages: &str) -> Option<PathBuf> {
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .find(|message| {
            let is_sc = message["reason"] == "compiler-artifact" && message["target"]["name"] == "sc";
            is_sc && message["profile"]["test"] != true
        })
        .and_then(|message| message["executable"].as_str().map(PathBuf::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_binary_is_the_one_that_cargo_names() {
        let messages = r#"{"reason":"compiler-artifact","target":{"name":"sc_model"},"executable":null}
{"reason":"compiler-artifact","target":{"name":"sc"},"profile":{"test":true},"executable":"/t/debug/deps/sc-1"}
not json
{"reason":"compiler-artifact","target":{"name":"sc"},"executable":"/t/debug/sc"}
{"reason":"build-finished","success":true}"#;
        assert_eq!(executable(messages), Some(PathBuf::from("/t/debug/sc")));
    }
}
