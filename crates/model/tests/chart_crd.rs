//! The chart carries the custom resource definition that the code defines. `UPDATE=1 cargo test -p sc-model` rewrites it.

use kube::CustomResourceExt;
use sc_model::ServiceConnection;

#[test]
fn the_chart_carries_the_current_crd() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../charts/sc-extension/templates/crd.yaml");
    let crd = serde_yaml_ng::to_string(&ServiceConnection::crd()).unwrap();
    assert!(!crd.contains("{{"), "Helm would read this as a template");
    let expected = format!(
        "# Written by `UPDATE=1 cargo test -p sc-model` from crates/model/src/resource.rs; not by hand.\n\
         # A template, not a file of crds/: so an upgrade brings a new schema, and an uninstall takes the connections away.\n{crd}"
    );
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &expected).unwrap();
    }
    let carried = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        carried == expected,
        "charts/sc-extension/templates/crd.yaml is not what the code defines; run `UPDATE=1 cargo test -p sc-model`"
    );
}
