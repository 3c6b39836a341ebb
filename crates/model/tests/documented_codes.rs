//! The troubleshooting page lists every failure code. `UPDATE=1 cargo test -p sc-model` rewrites its table.

use sc_model::FailureCode;

const MARK: &str =
    "<!-- Written by `UPDATE=1 cargo test -p sc-model` from crates/model/src/failure.rs. -->\n";

#[test]
fn every_failure_code_is_documented_with_its_remedy() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/troubleshoot.md");
    let page = std::fs::read_to_string(path).unwrap();
    let head = page.split_once(MARK).map(|(head, _)| head).expect("the page has lost its mark");
    let row = |code: &FailureCode| {
        format!("| `{code}` | {} | {} | {} |\n", code.title(), code.exit_code() as i32, code.remedy())
    };
    let rows: String = FailureCode::ALL.iter().map(row).collect();
    let expected =
        format!("{head}{MARK}\n| Code | What it is | Exit | What to do |\n| --- | --- | --- | --- |\n{rows}");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &expected).unwrap();
    }
    assert!(
        std::fs::read_to_string(path).unwrap() == expected,
        "docs/troubleshoot.md is stale; run `UPDATE=1 cargo test -p sc-model`"
    );
}
