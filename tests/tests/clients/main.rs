//! Programs in every language, with the vendor's usual library, use real servers by nothing but what a connection's Secret holds.
//!
//! The programs are those that `sc connection show --snippet code` prints. Each connects, writes, reads back and says `ok: …`.
//! What has no server here is not in this list: Azure's own services (but for Azurite's), .NET, PHP and Ruby. Nor has Entra: the
//! programs of workload identity get their token from a sandbox, by the endpoint that their libraries know from App Service.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test tells by a panic what went wrong"
)]

mod servers;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use sc_testbed::services::ManagedIdentity;
use sc_testbed::{DOMAIN, NODE_ADDRESS};
use sc_tests::{Language, Place, world};
use servers::{Server, SignIn, servers};

/// How a connection is named, after its server.
fn name(server: &Server, language: Language) -> String {
    let language = language.client_type().to_lowercase();
    match server.sign_in {
        SignIn::Secret(_) => format!("{}-{language}", server.target),
        SignIn::WorkloadIdentity(_) => format!("{}-{language}-identity", server.target),
    }
}

/// Runs the programs of a language against every server that it has a program for.
fn every_program_works(language: Language, at_least: usize) {
    let shop = world().namespace("clients");
    let (mut said, mut failed, mut ran) = (String::new(), false, 0);
    for server in servers().iter().filter(|server| server.takes(language)) {
        let outcome = use_server(&shop, server, language);
        ran += 1;
        failed |= outcome.is_err();
        let told = outcome.unwrap_or_else(|told| format!("FAILED {told}"));
        said += &format!("{:<32} {}\n", name(server, language), told.trim());
    }
    println!("{} of {}:\n{said}", ran, language.client_type());
    assert!(!failed, "{}:\n{said}", language.client_type());
    assert!(ran >= at_least, "only {ran} programs in {}:\n{said}", language.client_type());
}

/// What the program said, or what went wrong.
fn use_server(shop: &Place, server: &Server, language: Language) -> Result<String, String> {
    let (name, client) = (name(server, language), server.client_type(language));
    let create = format!(
        "connection create {} {name} {} --client-type {client} --no-validate",
        server.target, server.options
    );
    let secret = match &server.sign_in {
        SignIn::Secret(secret) => secret,
        SignIn::WorkloadIdentity(_) => "",
    };
    shop.sc(&create).stdin(secret).succeeds();
    let show = format!("connection show {name} --snippet code --language {}", language.client_type());
    let source = shop.sc(&show).succeeds().stdout;
    let variables = shop.secret(&format!("sc-{}-secret", name.replace('-', "")));

    let folder = tempfile::tempdir().unwrap();
    let (program, arguments) = language.program(server.family, &source, folder.path());
    let mut call = world().program_named(&program.to_string_lossy()).with_nothing();
    for (name, value) in authorities().iter().chain(&variables.into_iter().collect::<Vec<_>>()) {
        call = call.env(name, value);
    }
    if let SignIn::WorkloadIdentity(ManagedIdentity { endpoint, header }) = &server.sign_in {
        call = call.env("IDENTITY_ENDPOINT", endpoint).env("IDENTITY_HEADER", header);
    }
    call = call.env("HOME", folder.path());
    for argument in arguments {
        call = call.arg(argument);
    }
    let said = call.run();
    let ok = said.stdout.lines().find(|line| line.starts_with("ok: ")).map(str::to_owned);
    match (said.code, ok) {
        (Some(0), Some(ok)) => Ok(ok),
        _ => Err(said.to_string()),
    }
}

/// How each language's libraries are told of the testbed's authority: a workload's affair, as certificates are no secret.
fn authorities() -> &'static [(String, String)] {
    static AUTHORITIES: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
        let authority = PathBuf::from(world().services_ca());
        let store = key_store(&authority);
        let java = format!(
            "-Djavax.net.ssl.trustStore={} -Djavax.net.ssl.trustStoreType=PKCS12 -Djavax.net.ssl.trustStorePassword=changeit \
             -Djdk.net.hosts.file={}",
            store.display(),
            host_names().display()
        );
        let authority = authority.display().to_string();
        [
            ("SSL_CERT_FILE", authority.clone()),
            ("REQUESTS_CA_BUNDLE", authority.clone()),
            ("AWS_CA_BUNDLE", authority.clone()),
            ("PGSSLROOTCERT", authority.clone()),
            ("NODE_EXTRA_CA_CERTS", authority),
            ("JAVA_TOOL_OPTIONS", java),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    });
    &AUTHORITIES
}

/// Kafka's Java client asks for the name of the address it signs in to, and would wait for a DNS that isn't there outside of pods.
fn host_names() -> PathBuf {
    let hosts = world().cluster().folder().join("stories/hosts");
    std::fs::write(&hosts, format!("{NODE_ADDRESS} servers.{DOMAIN}\n127.0.0.1 localhost\n")).unwrap();
    hosts
}

/// Java reads authorities from a key store only.
fn key_store(authority: &Path) -> PathBuf {
    let store = world().cluster().folder().join("stories/authority.p12");
    let _from_an_earlier_run = std::fs::remove_file(&store);
    let mut keytool = Command::new("keytool");
    keytool.args([
        "-importcert",
        "-noprompt",
        "-alias",
        "testbed",
        "-storetype",
        "PKCS12",
        "-storepass",
        "changeit",
    ]);
    let said = keytool.arg("-file").arg(authority).arg("-keystore").arg(&store).output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stdout));
    store
}

#[test]
fn python_programs_use_every_server() {
    every_program_works(Language::Python, 14);
}

#[test]
fn django_uses_the_databases() {
    every_program_works(Language::Django, 2);
}

#[test]
fn nodejs_programs_use_every_server() {
    every_program_works(Language::Nodejs, 14);
}

#[test]
fn java_programs_use_every_server() {
    every_program_works(Language::Java, 14);
}

#[test]
fn spring_boot_configures_itself_from_the_variables() {
    every_program_works(Language::SpringBoot, 6);
}

#[test]
fn spring_boot_2_reads_the_names_that_azure_gives_for_redis() {
    every_program_works(Language::SpringBoot2, 1);
}

#[test]
fn go_programs_use_every_server() {
    every_program_works(Language::Go, 14);
}
