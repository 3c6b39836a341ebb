//! Every program reads variables that its connection has, and every manifest is what Kubernetes reads.
#![allow(clippy::unwrap_used, reason = "a test tells by a panic what went wrong")]

use std::collections::BTreeSet;
use std::path::Path;

use sc_catalog::{Catalog, Kind, Resolved, Service};
use sc_model::{AuthType, ClientType, ConnectionName, Namespace, ServiceConnectionSpec};
use sc_snippets::{Workload, deployment, job, program};
use serde_json::json;

const ID: &str = "11111111-1111-1111-1111-111111111111";

fn spec(service: &Service, auth: AuthType, client: ClientType) -> ServiceConnectionSpec {
    let mut spec: ServiceConnectionSpec = serde_json::from_value(json!({
        "target": {"service": service.name()},
        "auth": {"type": auth.name()},
        "clientType": client.name(),
    }))
    .unwrap();
    if auth != AuthType::Secret {
        (spec.auth.client_id, spec.auth.tenant_id) = (Some(ID.to_owned()), Some(ID.to_owned()));
    }
    for parameter in service.parameters().iter().filter(|parameter| parameter.default_text().is_none()) {
        let value = match parameter.kind() {
            Kind::Servers => "kafka.shop:9093",
            Kind::Url => "https://shop.example/",
            Kind::Guid => ID,
            _ => "shop",
        };
        if parameter.is_username() {
            spec.auth.username = Some(value.to_owned());
        } else if !parameter.is_principal_id() {
            spec.target.parameters.insert(parameter.name().to_owned(), value.to_owned());
        }
    }
    spec
}

fn resolved(service: &str, auth: AuthType, client: ClientType) -> Resolved<'static> {
    let service = Catalog::builtin().service(service).unwrap();
    Catalog::builtin().resolve(&spec(service, auth, client)).unwrap()
}

#[test]
fn every_program_reads_variables_that_its_connection_has() {
    let files: BTreeSet<_> = ClientType::ALL.iter().flat_map(|client| files(*client)).collect();
    let mut used = BTreeSet::new();
    for service in Catalog::builtin().services() {
        let Some(family) = service.program() else { continue };
        let file = |client: ClientType, auth: AuthType| {
            let names = [format!("{family}.{auth}"), family.to_owned()];
            names.map(|name| (client, name)).into_iter().find(|place| files.contains(place))
        };
        let has_program =
            |client: &ClientType| service.auth_types().iter().any(|auth| file(*client, *auth).is_some());
        for client in ClientType::ALL.iter().copied().filter(has_program) {
            // What the original has no variables of its own for, as Go with queues, reads those of `none`.
            let is_offered =
                service.auth_types().iter().any(|auth| service.client_types(*auth).contains(&client));
            let variables = if is_offered { client } else { ClientType::None };
            let mut has_one = false;
            for auth in service.auth_types() {
                if !service.client_types(auth).contains(&variables) {
                    continue;
                }
                let Ok(text) = program(&resolved(service.name(), auth, variables), client) else { continue };
                assert!(!text.is_empty() && text.lines().count() <= 60, "{} {client}", service.name());
                has_one = true;
                used.extend(file(client, auth));
            }
            assert!(has_one || !is_offered, "{} {client}: a token is no variable", service.name());
        }
    }
    for (client, file) in &files {
        assert!(used.contains(&(*client, file.clone())), "no connection has {client}/{file}");
    }
}

/// The programs of a language, without the ends of the files' names.
fn files(client: ClientType) -> Vec<(ClientType, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../snippets").join(client.name());
    let files = std::fs::read_dir(folder).into_iter().flatten();
    let name = |file: std::io::Result<std::fs::DirEntry>| {
        file.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned()
    };
    files.map(|file| (client, name(file))).collect()
}

#[test]
fn a_program_reads_a_variable_by_the_name_that_the_person_gave_it() {
    let service = Catalog::builtin().service("postgres-server").unwrap();
    let mut spec = spec(service, AuthType::Secret, ClientType::Python);
    spec.configuration.customized_keys = [("POSTGRESQL_CONNECTIONSTRING".into(), "ORDERS_DSN".into())].into();
    let text = program(&Catalog::builtin().resolve(&spec).unwrap(), ClientType::Python).unwrap();
    assert!(text.contains("os.environ[\"ORDERS_DSN\"]"), "{text}");
}

#[test]
fn who_asks_for_a_program_that_is_not_there_is_told_what_there_is() {
    let resolved = resolved("postgres-server", AuthType::Secret, ClientType::None);
    let failure = program(&resolved, ClientType::None).unwrap_err();
    assert_eq!(
        failure.message,
        "there is no sample program in none for postgres-server with secret and the client type none"
    );
    let cause = failure.cause.unwrap();
    assert_eq!(cause, "there are some with secret for java, python, nodejs, go, springBoot, django");
    assert!(failure.remedy.contains("--language"), "{}", failure.remedy);

    let resolved = self::resolved("keyvault", AuthType::WorkloadIdentity, ClientType::Python);
    let failure = program(&resolved, ClientType::Python).unwrap_err();
    assert_eq!(failure.cause.unwrap(), "there are some with service-principal for python, nodejs");
    assert!(!failure.remedy.contains("--language"), "{}", failure.remedy);

    let resolved = self::resolved("signalr", AuthType::WorkloadIdentity, ClientType::Dotnet);
    let failure = program(&resolved, ClientType::Dotnet).unwrap_err();
    assert_eq!(failure.cause.unwrap(), "no language has one for this target");
}

#[test]
fn the_manifests_are_what_a_person_puts_into_a_file() {
    let namespace: Namespace = "shop".parse().unwrap();
    let connection: ConnectionName = "orders".parse().unwrap();
    let mut all = String::new();
    let cases = [
        ("postgres-server", AuthType::Secret, Some("sc-orders-secret"), None),
        ("storage-blob", AuthType::WorkloadIdentity, Some("sc-orders-secret"), Some("sc-account-1111")),
        ("keyvault", AuthType::Csi, Some("sc-orders-secret"), None),
    ];
    for (service, auth, secret, service_account) in cases {
        let resolved = resolved(service, auth, ClientType::Python);
        let workload = Workload {
            namespace: &namespace,
            connection: &connection,
            secret,
            service_account,
            resolved: &resolved,
        };
        for text in [deployment(&workload), job(&workload, "registry.example/app:1")] {
            for document in text.split("---\n") {
                serde_yaml_ng::from_str::<serde_json::Value>(document).unwrap();
            }
            all.push_str(&format!("# {service} {auth}\n{text}\n"));
        }
    }
    insta::assert_snapshot!(all);
}
