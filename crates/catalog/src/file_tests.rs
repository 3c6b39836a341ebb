//! What a person who writes a file of the catalog is told.

use crate::file::Service;
use crate::mistakes::{Source, read_all};

const GOOD: &str = "\
name: cache
title: A cache
probe: redis
binding: {type: redis}
sources:
  cluster: {auth: [secret], default: secret}
azure:
  id: '/subscriptions/{subscription}/caches/{host}'
  network: {}
parameters:
  - {name: host, kind: host, help: its host}
  - {name: port, kind: port, default: '6379', help: its port}
  - {name: user-name, kind: text, help: its user}
  - {name: tls, kind: switch, default: 'on', help: whether it speaks TLS}
secret: {name: password, help: its password}
variables:
  plain:
    - {name: CACHE_HOST, value: '{host}'}
    - {name: CACHE_PASSWORD, value: '{password}'}
  url:
    - {name: CACHE_URL, format: url, value: '{tls?rediss:redis}://:{password}@{host}:{port}'}
connections:
  - {auth: [secret], clients: [none], use: [plain]}
  - {auth: [secret], clients: [java, go], use: [url]}
";

/// What is said about the good file with one piece of it replaced.
fn told(piece: &str, replacement: &str) -> Vec<String> {
    assert!(GOOD.contains(piece), "{piece}");
    let text = GOOD.replacen(piece, replacement, 1);
    let mistakes = read_all(&[Source { file: "cache.yaml", text: &text }]).err().unwrap_or_default();
    mistakes.iter().map(ToString::to_string).collect()
}

#[test]
fn a_good_file_has_no_mistakes() {
    assert_eq!(told("name: cache", "name: cache"), Vec::<String>::new());
}

#[test]
fn each_mistake_is_told_with_its_file_and_line() {
    let cases = [
        ("an unknown field", "title: A cache", "titel: A cache"),
        ("an unknown client type", "clients: [none]", "clients: [cobol]"),
        ("an unknown auth type", "auth: [secret], clients: [none]", "auth: [password], clients: [none]"),
        ("an unknown kind", "kind: port", "kind: harbour"),
        ("an unknown placeholder", "'{host}'", "'{hots}'"),
        ("an open brace", "'{host}'", "'{host'"),
        ("an unknown filter", "'{host}'", "'{host|upper}'"),
        ("the scheme of no URL", "'{host}'", "'{host|scheme}'"),
        ("an unknown set", "use: [plain]", "use: [plane]"),
        ("an unused set", "use: [plain]", "use: [url]"),
        ("a set twice", "  url:", "  plain: []\n  url:"),
        ("a pair twice", "clients: [java, go]", "clients: [java, none]"),
        ("a variable twice", "name: CACHE_PASSWORD", "name: CACHE_HOST"),
        ("a parameter twice", "name: port", "name: host"),
        ("an undefined parameter", "default: '6379'", "default: '{usual-port}'"),
        ("a wrong file name", "name: cache", "name: cash"),
        ("a bad variable name", "name: CACHE_HOST", "name: CACHE HOST"),
        (
            "no escaping",
            "{name: CACHE_HOST, value: '{host}'}",
            "{name: CACHE_HOST, value: '{user-name}@{host}'}",
        ),
        ("a lost secret", "value: '{password}'", "value: '{host}'"),
        ("the secret twice", "value: '{password}'", "format: url, value: '{password}:{password}'"),
        ("no secret input", "secret: {name: password, help: its password}\n", ""),
        ("another auth type's value", "value: '{host}'", "value: '{client-id}'"),
        ("a short way to nothing", "kind: text", "kind: text, instead_of: {parameter: host, for: short}"),
        ("a text of no switch", "{tls?rediss:redis}", "{port?rediss:redis}"),
        ("a switch with one text", "{tls?rediss:redis}", "{tls?rediss}"),
        ("a default that no switch has", "default: 'on'", "default: 'yes'"),
        ("a choice without choices", "kind: switch, default: 'on'", "kind: choice"),
        ("a field of no connection string", "'{password}'", "'{password|field:Key}'"),
        ("a default that isn't offered", "default: secret", "default: csi"),
        ("an auth type without variables", "auth: [secret], default", "auth: [secret, csi], default"),
        (
            "an auth type that isn't offered",
            "auth: [secret], clients: [java, go]",
            "auth: [csi], clients: [java, go]",
        ),
        ("nowhere to look for it", "probe: redis", "probe: amqp\naddress: '{post}:1'"),
        ("an id of something else", "/caches/{host}", "/caches/{cache}"),
        (
            "a companion that isn't there",
            "probe: redis",
            "probe: redis\ncompanion: {service: twin, suffix: _2}",
        ),
        ("a default that isn't there", "value: '{host}'}", "value: '{host}', only_if_changed: host}"),
    ];
    let mut all = String::new();
    for (what, piece, replacement) in cases {
        let told = told(piece, replacement);
        assert!(!told.is_empty(), "{what} was not noticed");
        all.push_str(&format!("# {what}\n{}\n", told.join("\n")));
    }
    insta::assert_snapshot!(all);
}

#[test]
fn two_files_cannot_claim_one_name() {
    let other = GOOD.replace("name: cache\n", "name: store\naliases: [cache]\n");
    let sources = [Source { file: "cache.yaml", text: GOOD }, Source { file: "store.yaml", text: &other }];
    let mistakes = read_all(&sources).unwrap_err();
    assert_eq!(
        mistakes[0].to_string(),
        "catalog/store.yaml:2: the name `cache` is taken by catalog/cache.yaml"
    );
}

/// `UPDATE=1 cargo test -p sc-catalog` writes the schema anew.
#[test]
fn the_schema_for_editors_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../catalog/schema.json");
    let mut wanted = serde_json::to_string_pretty(&schemars::schema_for!(Service)).unwrap();
    wanted.push('\n');
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &wanted).unwrap();
    }
    let found = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        found == wanted,
        "catalog/schema.json is stale: `UPDATE=1 cargo test -p sc-catalog` writes it anew"
    );
}

#[test]
fn every_file_names_its_schema_for_editors() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../catalog");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "yaml") {
            let text = std::fs::read_to_string(&path).unwrap();
            assert!(text.starts_with("# yaml-language-server: $schema=schema.json\n"), "{}", path.display());
        }
    }
}
