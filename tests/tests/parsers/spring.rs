//! Spring's own libraries know the property names that the catalog gives to Spring Boot.
//!
//! `Names.java` looks each up in the metadata of Spring Boot and Spring Cloud Azure, of the present generation and of the one before,
//! and of Spring Cloud AWS, and binds it to the class behind it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::process::{Command, Stdio};

use sc_catalog::Catalog;
use sc_model::ClientType;
use sc_tests::Language;

/// Names that no generation of Spring's libraries knows, each with the reason why the catalog gives it all the same.
const UNKNOWN: [(&str, &str); 3] = [
    ("azure.keyvault.scope", AS_DOCUMENTED),
    ("spring.cloud.azure.credential.client-managed-identity-enabled", AS_DOCUMENTED),
    ("spring.cloud.azure.credential.tenant-id", AS_DOCUMENTED),
];
const AS_DOCUMENTED: &str = "so in the original's page; the catalog's file has the doubt";

/// What a generation of the libraries says of each name.
fn judged(module: &str, names: &BTreeSet<&str>) -> BTreeMap<String, String> {
    let home = Language::SpringBoot.home();
    let mut java = Command::new("java");
    java.arg("-cp").arg(home.join(module).join("target/dependency/*")).arg(home.join("Names.java"));
    let mut java = java.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    for name in names {
        writeln!(java.stdin.as_mut().unwrap(), "{name}").unwrap();
    }
    drop(java.stdin.take());
    let said = java.wait_with_output().unwrap();
    let lines = String::from_utf8(said.stdout).unwrap();
    lines
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .map(|(name, is)| (name.into(), is.into()))
        .collect()
}

#[test]
fn spring_knows_the_names_that_it_is_given() {
    let names: BTreeSet<_> = Catalog::builtin()
        .services()
        .iter()
        .flat_map(|service| service.support())
        .filter(|cell| matches!(cell.client, ClientType::SpringBoot | ClientType::KafkaSpringBoot))
        .flat_map(|cell| cell.keys)
        .filter(|name| name.starts_with("spring.") || name.starts_with("azure."))
        .collect();
    assert!(names.len() > 80, "{}", names.len());
    let judgements = ["springAzure", "springAzure4", "springAws"].map(|module| judged(module, &names));
    let mut wrong = Vec::new();
    for name in &names {
        let said = judgements.each_ref().map(|said| said.get(*name).map_or("", String::as_str));
        // What the older generation's metadata calls removed was read by the one before it.
        let is_known = said.iter().any(|said| said.starts_with("known") || said.starts_with("removed ("));
        let is_listed = UNKNOWN.iter().any(|(listed, _)| listed == name);
        if is_known == is_listed {
            wrong.push(format!("{name}: {said:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
