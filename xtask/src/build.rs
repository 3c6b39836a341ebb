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
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
    cargo.current_dir(workspace()).args(["build", "--package", "sc-cli", "--bin", "sc"]);
    cargo.arg("--message-format=json-render-diagnostics");
    // What `cargo run` tells about xtask itself would make build scripts that watch it run again each time.
    let about_xtask = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"];
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| about_xtask.iter().any(|about| name.starts_with(about))) {
            cargo.env_remove(name);
        }
    }
    if let Profile::Release = profile {
        cargo.arg("--release");
    }
    let output = run_shown(&mut cargo, "build sc")?;
    executable(&String::from_utf8_lossy(&output.stdout)).ok_or_else(|| TestbedError::Command {
        doing: "build sc".to_owned(),
        how: "cargo did not say where the binary is".to_owned(),
        said: String::new(),
    })
}

/// The executable `sc` among cargo's messages.
fn executable(messages: &str) -> Option<PathBuf> {
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .find(|message| message["reason"] == "compiler-artifact" && message["target"]["name"] == "sc")
        .and_then(|message| message["executable"].as_str().map(PathBuf::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_binary_is_the_one_that_cargo_names() {
        let messages = r#"{"reason":"compiler-artifact","target":{"name":"sc_model"},"executable":null}
not json
{"reason":"compiler-artifact","target":{"name":"sc"},"executable":"/t/debug/sc"}
{"reason":"build-finished","success":true}"#;
        assert_eq!(executable(messages), Some(PathBuf::from("/t/debug/sc")));
    }
}
