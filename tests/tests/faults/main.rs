//! Stories that disturb everybody, one at a time: each takes the world for itself. One file a theme.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test tells by a panic what went wrong")]

mod canary;
mod failing;
mod helm;
mod kills;
mod node;
mod uninstall;
mod without_api_server;

use std::time::Duration;

use sc_tests::{Place, Said};

/// A connection of the namespace whose password is in its Secret `database`, as YAML.
fn connection(name: &str) -> String {
    format!(
        "
apiVersion: serviceconnector.dev/v1alpha1
kind: ServiceConnection
metadata: {{name: {name}}}
spec:
  target: {{service: postgres-flexible, parameters: {{host: db.example, database: shop}}}}
  auth: {{type: secret, username: app, secretRef: {{name: database}}}}
---"
    )
}

/// The Secret that [`connection`] refers to.
fn store_password(shop: &Place) {
    shop.kubectl("create secret generic database --from-literal=password=first-password").succeeds();
}

/// Expects the failure of a request with `-o json` to have this code, a cause and a remedy, and to come in the time that
/// the request allowed, with some seconds for a busy machine.
#[track_caller]
fn fails_in_time(said: &Said, code: &str, allowed: u64) -> String {
    let error = said.error();
    assert_eq!(error["code"], code, "{said}");
    assert!(error["remedy"].is_string(), "{said}");
    assert!(said.took < Duration::from_secs(allowed + 10), "{said}");
    error["cause"].as_str().unwrap_or_else(|| panic!("no cause: {said}")).to_owned()
}
