//! Requests as people make them, and what they are told when something is wrong.
#![allow(clippy::unwrap_used, reason = "a test file")]

mod request;

use std::collections::BTreeMap;

use request::{With, by_secret, filled, render, request, resolve, secret_for, secrets, value};
use sc_catalog::{Catalog, Kind, ProbeFamily, SecretInputs, SecretKind};
use sc_model::resource::ConfigurationSpec;
use sc_model::{AuthType, ClientType, Failure, SecretValue, ServiceConnectionSpec};

const KEY: &str = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/// A PostgreSQL in the cluster.
fn orders(client: ClientType) -> ServiceConnectionSpec {
    by_secret("postgres-flexible", client).with("host", "db.shop.svc").with("database", "orders").user("anna")
}

/// The environment that a workload sees.
fn environment(spec: &ServiceConnectionSpec, secret: &str) -> BTreeMap<String, SecretValue> {
    render(spec, secret).unwrap().into_iter().map(|binding| (binding.key, binding.value)).collect()
}

#[test]
fn a_server_outside_azure_is_named_by_its_host() {
    let bindings = render(&orders(ClientType::Python), "pw").unwrap();
    assert_eq!(
        value(&bindings, "AZURE_POSTGRESQL_CONNECTIONSTRING"),
        "dbname=orders host=db.shop.svc port=5432 sslmode=require user=anna password=pw"
    );
    assert!(bindings[0].secret);
}

#[test]
fn a_server_in_azure_is_named_by_its_name() {
    let spec = by_secret("mysql-flexible", ClientType::None)
        .with("server", "shop")
        .with("database", "orders")
        .user("anna");
    let resolved = resolve(&spec).unwrap();
    assert_eq!(resolved.service().name(), "mysql-flexible");
    assert_eq!(resolved.parameter("host"), Some("shop.mysql.database.azure.com"));
    assert_eq!(resolved.parameter("port"), Some("3306"));
    assert_eq!(resolved.parameter("username"), Some("anna"));
}

#[test]
fn a_port_other_than_azures_reaches_every_client() {
    for service in Catalog::builtin().services().iter().filter(|service| service.parameter("port").is_some())
    {
        for auth in service.auth_types() {
            for client in service.client_types(auth) {
                let mut spec = filled(service, auth, client).with("host", "db").with("port", "15432");
                for short in ["server", "region"] {
                    spec.target.parameters.remove(short);
                }
                let bindings = render(&spec, "pw").unwrap();
                let is_told = bindings.iter().any(|binding| binding.value.expose().contains("15432"));
                assert!(is_told, "{} {auth} {client}", service.name());
            }
        }
    }
    let go = render(&orders(ClientType::Go).with("port", "15432"), "pw").unwrap();
    assert_eq!(
        value(&go, "AZURE_POSTGRESQL_CONNECTIONSTRING"),
        "host=db.shop.svc port=15432 dbname=orders sslmode=require user=anna password=pw"
    );
}

#[test]
fn azurite_is_named_by_its_endpoint() {
    let spec = by_secret("blob", ClientType::Python)
        .with("account", "devstoreaccount1")
        .with("endpoint", "http://127.0.0.1:10000/devstoreaccount1");
    let bindings = render(&spec, KEY).unwrap();
    assert_eq!(
        value(&bindings, "AZURE_STORAGEBLOB_CONNECTIONSTRING"),
        format!(
            "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey={KEY};BlobEndpoint=http://127.0.0.1:10000/devstoreaccount1"
        )
    );
}

#[test]
fn azures_own_blob_endpoint_may_be_given_without_its_final_slash() {
    let plain = by_secret("blob", ClientType::Go).with("account", "shop");
    let given = plain.clone().with("endpoint", "https://shop.blob.core.windows.net");
    let connection_string =
        |spec| value(&render(&spec, KEY).unwrap(), "AZURE_STORAGEBLOB_CONNECTIONSTRING").to_owned();
    assert_eq!(connection_string(given), connection_string(plain));
}

#[test]
fn an_ipv6_address_stands_in_brackets_in_a_url() {
    let bindings = render(&by_secret("redis", ClientType::Go).with("host", "fd00::1"), "pw").unwrap();
    assert_eq!(value(&bindings, "AZURE_REDIS_CONNECTIONSTRING"), "rediss://:pw@[fd00::1]:6380/0");
}

#[test]
fn what_a_workload_outside_azure_reads() {
    let mut all = String::new();
    for service in Catalog::builtin().services() {
        for client in service.client_types(AuthType::Secret) {
            let mut spec = filled(service, AuthType::Secret, client);
            if service
                .parameters()
                .iter()
                .any(|known| known.name() == "host" && known.default_text().is_some())
            {
                spec = spec.with("host", "db.shop").with("port", "1234");
                for short in ["server", "region"] {
                    spec.target.parameters.remove(short);
                }
            }
            if service.parameter("endpoint").is_some() {
                spec = spec.with("endpoint", "https://blobs.shop");
            }
            if service.parameter("database").is_some_and(|known| known.kind() == Kind::Text) {
                spec = spec.with("database", "my db");
            }
            let is_plain =
                service.secret_input(AuthType::Secret).is_some_and(|input| input.kind() == SecretKind::Text);
            let secret = if is_plain { "p'w=\\1" } else { secret_for(service) };
            all.push_str(&format!("# {} {client}\n", service.name()));
            for binding in render(&spec, secret).unwrap() {
                all.push_str(&format!("{}={}\n", binding.key, binding.value.expose()));
            }
        }
    }
    insta::assert_snapshot!(all);
}

#[test]
fn names_with_dots_stay_as_they_are() {
    let spec = orders(ClientType::SpringBoot);
    let resolved = resolve(&spec).unwrap();
    let keys = resolved.keys();
    assert_eq!(keys, ["spring.datasource.url", "spring.datasource.username", "spring.datasource.password"]);
}

#[test]
fn a_workload_with_an_identity_gets_no_secret() {
    let spec = request("redis", AuthType::WorkloadIdentity, ClientType::Python).with("server", "shop");
    let resolved = resolve(&spec).unwrap();
    assert!(resolved.secret_input().is_none());
    let bindings = resolved.render(&SecretInputs::default()).unwrap();
    assert!(bindings.iter().all(|binding| !binding.secret && !resolved.is_secret(&binding.key)));
    assert_eq!(value(&bindings, "AZURE_REDIS_CLIENTID"), request::CLIENT);
    let environment = bindings.into_iter().map(|binding| (binding.key, binding.value)).collect();
    assert!(resolved.recover_secret(&environment).unwrap().is_none());
}

#[test]
fn a_service_principal_brings_its_client_secret() {
    let spec = request("blob", AuthType::ServicePrincipal, ClientType::Java).with("account", "shop");
    let resolved = resolve(&spec).unwrap();
    assert_eq!(resolved.secret_input().unwrap().name(), "client-secret");
    assert!(resolved.is_secret("AZURE_STORAGEBLOB_CLIENTSECRET"));
    assert!(!resolved.is_secret("AZURE_STORAGEBLOB_TENANTID"));
}

#[test]
fn every_supported_pair_gives_its_secret_back() {
    for service in Catalog::builtin().services() {
        for auth in service.auth_types() {
            for client in service.client_types(auth) {
                let spec = filled(service, auth, client);
                let resolved = resolve(&spec).unwrap();
                let secret = secret_for(service);
                let found = resolved.recover_secret(&environment(&spec, secret)).unwrap();
                let is_wanted = resolved.secret_input().is_some();
                assert_eq!(found.as_ref().map(SecretValue::expose), is_wanted.then_some(secret));
            }
        }
    }
}

#[test]
fn a_changed_environment_is_told_by_the_variables_name() {
    let spec = by_secret("blob", ClientType::SpringBoot).with("account", "shop");
    let resolved = resolve(&spec).unwrap();
    let good = environment(&spec, KEY);
    let told = |key: &str, value: Option<&str>| {
        let mut changed = good.clone();
        match value {
            Some(value) => changed.insert(key.to_owned(), SecretValue::new(value)),
            None => changed.remove(key),
        };
        resolved.recover_secret(&changed).unwrap_err().to_string()
    };
    let all = [
        told("azure.storage.account-name", None),
        told("azure.storage.account-name", Some("canary")),
        told("azure.storage.account-key", Some("")),
        told("spring.cloud.azure.storage.blob.account-key", Some("canary")),
    ];
    assert!(all.iter().all(|told| !told.contains("canary")));
    insta::assert_snapshot!(all.join("\n"));

    let spec = orders(ClientType::Go);
    for drifted in
        ["", "host=db.shop.svc", "host=db.shop.svc dbname=orders sslmode=require user=anna password='x"]
    {
        let drifted = [("AZURE_POSTGRESQL_CONNECTIONSTRING".to_owned(), SecretValue::new(drifted))];
        assert!(resolve(&spec).unwrap().recover_secret(&drifted.into()).is_err());
    }
}

#[test]
fn a_value_that_no_environment_can_hold_is_refused() {
    let spec = orders(ClientType::Java);
    assert!(render(&spec, "a\nb").is_ok());
    let long = "%".repeat(64 * 1024);
    let told: Vec<_> =
        [("", ClientType::Java), ("a\0b", ClientType::Java), (long.as_str(), ClientType::Java)]
            .iter()
            .map(|(secret, client)| read(&render(&orders(*client), secret).unwrap_err()))
            .collect();
    assert!(render(&orders(ClientType::None), &long).is_ok());
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn the_services_tell_what_a_person_may_give() {
    let catalog = Catalog::builtin();
    let names: Vec<_> = catalog.services().iter().map(|service| service.name()).collect();
    assert_eq!(names.len(), 31 + 8, "the original's, and a person's own");
    assert!(names.is_sorted(), "{names:?}");
    let postgres = catalog.service("postgres-flexible").unwrap();
    assert_eq!(postgres.probe(), ProbeFamily::Postgres);
    let required: Vec<_> = postgres
        .parameters()
        .iter()
        .filter(|parameter| parameter.is_required())
        .map(|p| p.option())
        .collect();
    assert_eq!(required, ["database", "user"]);
    assert_eq!(
        postgres.parameter("host").unwrap().default_text().unwrap(),
        "{server}.postgres.database.azure.com"
    );
    assert_eq!(
        catalog.service("blob").unwrap().secret_input(AuthType::Secret).unwrap().title(),
        "account key"
    );
}

#[test]
fn a_variable_may_have_another_name() {
    let mut spec = orders(ClientType::None);
    let names = [("AZURE_POSTGRESQL_HOST", "PGHOST"), ("AZURE_POSTGRESQL_PASSWORD", "PGPASSWORD")];
    spec.configuration.customized_keys = names.map(|(old, new)| (old.to_owned(), new.to_owned())).into();
    let resolved = resolve(&spec).unwrap();
    let bindings = render(&spec, "pw").unwrap();
    assert_eq!(value(&bindings, "PGHOST"), "db.shop.svc");
    assert!(resolved.is_secret("PGPASSWORD") && !resolved.is_secret("AZURE_POSTGRESQL_PASSWORD"));
    assert_eq!(resolved.recover_secret(&environment(&spec, "pw")).unwrap().unwrap().expose(), "pw");
}

#[test]
fn variables_may_take_each_others_names() {
    let mut spec = orders(ClientType::None);
    let (host, database, user) =
        ("AZURE_POSTGRESQL_HOST", "AZURE_POSTGRESQL_DATABASE", "AZURE_POSTGRESQL_USERNAME");
    let names = [(host, database), (database, user), (user, host)];
    spec.configuration.customized_keys = names.map(|(old, new)| (old.to_owned(), new.to_owned())).into();
    let plain = render(&orders(ClientType::None), "pw").unwrap();
    let renamed = render(&spec, "pw").unwrap();
    for (old, new) in names {
        assert_eq!(value(&renamed, new), value(&plain, old), "{old} is {new} now");
    }
}

#[test]
fn variables_of_the_persons_own_stand_behind_the_catalogs() {
    let mut spec = orders(ClientType::Python);
    spec.configuration.additional.insert("PGAPPNAME".to_owned(), "shop".to_owned());
    spec.configuration.additional_secrets.insert("SENTRY_KEY".to_owned());
    spec.configuration.service_binding = true;
    let resolved = resolve(&spec).unwrap();
    let keys = ["AZURE_POSTGRESQL_CONNECTIONSTRING", "type", "provider", "PGAPPNAME", "SENTRY_KEY"];
    assert_eq!(resolved.keys(), keys);
    assert_eq!(resolved.additional_secrets().collect::<Vec<_>>(), ["SENTRY_KEY"]);
    assert!(resolved.is_secret("SENTRY_KEY") && !resolved.is_secret("PGAPPNAME"));
    let bindings = render(&spec, "pw").unwrap();
    assert_eq!((value(&bindings, "type"), value(&bindings, "provider")), ("postgresql", "azure"));
    assert_eq!(value(&bindings, "SENTRY_KEY"), "pw");
    let failure = resolved.render(&Some(SecretValue::new("pw")).into()).unwrap_err();
    assert_eq!(failure.message, "the value of the variable `SENTRY_KEY` isn't there");
}

#[test]
fn properties_are_put_at_the_end_of_every_connection_string() {
    for service in Catalog::builtin().services() {
        for auth in service.auth_types() {
            for client in service.client_types(auth) {
                let plain = filled(service, auth, client);
                let mut spec = plain.clone();
                let properties = &mut spec.configuration.additional_connection_string_properties;
                properties.insert("Application Name".to_owned(), "shop".to_owned());
                let Ok(resolved) = resolve(&spec) else { continue };
                let secret = secret_for(service);
                let with = resolved.render(&secrets(&resolved, secret)).unwrap();
                let without = render(&plain, secret).unwrap();
                let longer = with.iter().zip(&without).filter(|(with, without)| {
                    with.value.expose().starts_with(without.value.expose())
                        && with.value.expose().contains("Application")
                });
                assert!(longer.count() > 0, "{} {auth} {client}", service.name());
                let found = resolved.recover_secret(&environment(&spec, secret)).unwrap();
                assert_eq!(found.is_some(), resolved.secret_input().is_some());
            }
        }
    }
}

#[test]
fn who_opts_out_of_the_variables_gets_none_and_needs_no_secret() {
    let mut spec = orders(ClientType::Python);
    spec.opt_out = [sc_model::OptOut::ConfigInfo].into_iter().collect();
    let resolved = resolve(&spec).unwrap();
    assert!(resolved.keys().is_empty() && resolved.secret_input().is_none());
    assert!(resolved.render(&SecretInputs::default()).unwrap().is_empty());
}

#[test]
fn only_what_a_combination_uses_has_to_be_given() {
    let spec = by_secret("cosmos-sql", ClientType::Python).with("account", "shop");
    assert_eq!(resolve(&spec).unwrap().keys(), ["AZURE_COSMOS_CONNECTIONSTRING"]);
    let failure =
        resolve(&by_secret("cosmos-sql", ClientType::SpringBoot).with("account", "shop")).unwrap_err();
    assert_eq!(failure.message, "the connection to cosmos-sql needs --database");
}

/// A failure as a person reads it.
fn read(failure: &Failure) -> String {
    let cause = failure.cause.as_ref().map(|cause| format!("\n  because {cause}")).unwrap_or_default();
    format!("{} [{}]{cause}\n  {}", failure.message, failure.code, failure.remedy)
}

#[test]
fn each_refusal_says_what_is_wrong_and_what_to_do() {
    use ClientType::{Dotnet, Go, Java, None, Python, SpringBoot};
    let identity = |mut spec: ServiceConnectionSpec| {
        spec.auth.client_id = Some(request::CLIENT.to_owned());
        spec
    };
    let mut nameless = request("redis", AuthType::WorkloadIdentity, None);
    (nameless.auth.client_id, nameless.auth.tenant_id) = (Option::None, Option::None);
    let mut mistyped = request("redis", AuthType::WorkloadIdentity, None).with("server", "shop");
    mistyped.auth.client_id = Some("1234".to_owned());
    let requests = [
        ("an unknown service", by_secret("kafkaesque", None)),
        ("a mistyped service", by_secret("reddis", None)),
        (
            "neither host nor server",
            by_secret("postgres-flexible", None).with("database", "orders").user("anna"),
        ),
        ("nothing at all", by_secret("postgres-flexible", None)),
        ("no account", by_secret("blob", None)),
        ("both host and server", orders(None).with("server", "shop")),
        ("a mistyped parameter", by_secret("redis", None).with("host", "cache").with("databse", "1")),
        ("a user among the parameters", orders(None).with("username", "anna")),
        ("a user where there are none", by_secret("redis", None).with("host", "cache").user("anna")),
        ("an identity beside a secret", identity(orders(None))),
        ("no identity", nameless.with("server", "shop")),
        ("a mistyped identity", mistyped),
        ("a host with a scheme", orders(None).with("host", "https://db")),
        ("a port out of range", orders(None).with("port", "70000")),
        (
            "a database that is no number",
            by_secret("redis", None).with("host", "cache").with("database", "orders"),
        ),
        ("a server with dots", by_secret("redis", None).with("server", "shop.redis.cache.windows.net")),
        (
            "an endpoint without scheme",
            by_secret("blob", None).with("account", "shop").with("endpoint", "azurite:1"),
        ),
        ("a line end in a database", orders(None).with("database", "a\nb")),
        ("a pair that isn't there", request("redis", AuthType::WorkloadIdentity, SpringBoot)),
        ("a client that isn't there", by_secret("blob", ClientType::Php)),
        (
            "a user that Go's driver can't read",
            by_secret("mysql-flexible", Go).with("host", "db").with("database", "orders").user("a:b"),
        ),
    ];
    let configured = |change: fn(&mut ConfigurationSpec)| {
        let mut spec = orders(Python);
        change(&mut spec.configuration);
        spec
    };
    let mut propertied = orders(None);
    propertied.configuration.additional_connection_string_properties =
        [("Timeout".into(), "5".into())].into();
    let configurations = [
        (
            "another name for nothing",
            configured(|c| c.customized_keys = [("AZURE_POSTGRESQL_CONNECTION".into(), "DSN".into())].into()),
        ),
        (
            "a name that begins with a digit",
            configured(|c| {
                c.customized_keys = [("AZURE_POSTGRESQL_CONNECTIONSTRING".into(), "1DSN".into())].into()
            }),
        ),
        ("a name with a space", configured(|c| c.additional = [("MY VAR".into(), "x".into())].into())),
        (
            "a name twice",
            configured(|c| c.additional = [("AZURE_POSTGRESQL_CONNECTIONSTRING".into(), "x".into())].into()),
        ),
        (
            "a variable with a NUL character",
            configured(|c| c.additional = [("X".into(), "a\0b".into())].into()),
        ),
        (
            "a secret of the person's own under the password's name",
            configured(|c| c.additional_secrets = ["password".into()].into()),
        ),
        ("properties without a connection string", propertied),
        ("no variables at all", by_secret("generic", None)),
        (
            "a system-managed identity",
            request("redis", AuthType::SystemManagedIdentity, None).with("server", "shop"),
        ),
        ("neither on nor off", by_secret("redis-server", None).with("host", "x").with("tls", "maybe")),
    ];
    let mut told = String::new();
    for (what, spec) in requests.into_iter().chain(configurations) {
        told.push_str(&format!("# {what}\n{}\n", read(&resolve(&spec).unwrap_err())));
    }
    let secrets = [
        ("a comma in a key for .NET", by_secret("redis", Dotnet).with("host", "cache"), Some("canary,1")),
        ("a space around a key for .NET", by_secret("redis", Dotnet).with("host", "cache"), Some("canary ")),
        ("a key that isn't Base64", by_secret("blob", Java).with("account", "shop"), Some("canary;1")),
        ("a placeholder of Spring's", orders(SpringBoot), Some("canary${HOME}")),
        ("no secret", orders(Python), Option::None),
    ];
    for (what, spec, secret) in secrets {
        let secret = secret.map(SecretValue::new);
        let failure = resolve(&spec).unwrap().render(&secret.into()).unwrap_err();
        told.push_str(&format!("# {what}\n{}\n", read(&failure)));
    }
    assert!(!told.contains("canary"));
    insta::assert_snapshot!(told);
}
