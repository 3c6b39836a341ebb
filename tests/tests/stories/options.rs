//! What a person changes about a connection, and the sign-ins beside a password.

use std::fs;

use sc_tests::{Place, encoded, eventually, world};
use serde_json::Value;

const CLIENT: &str = "11111111-1111-1111-1111-111111111111";
const TENANT: &str = "22222222-2222-2222-2222-222222222222";
const VARIABLE: &str = "AZURE_POSTGRESQL_CONNECTIONSTRING";

fn identity() -> String {
    format!("{CLIENT} --tenant-id {TENANT}")
}

/// A file with a secret in it, for as long as the story needs it.
fn file(content: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), content).unwrap();
    file
}

fn keys(shop: &Place, secret: &str) -> Vec<String> {
    shop.secret(secret).into_keys().collect()
}

#[test]
fn variables_get_other_names_more_of_them_and_more_in_them() {
    let shop = world().namespace("options");
    let token = file("canary-token\n");
    let names = format!("--customized-keys {VARIABLE}=DATABASE --set REGION=north --service-binding");
    let token = format!("--set-secret TOKEN={}", token.path().display());
    shop.create("orders")
        .args(format!("--client-type python {names} {token} --connstr-props connect_timeout=5"))
        .succeeds();

    let secret = shop.secret("sc-orders-secret");
    assert_eq!(keys(&shop, "sc-orders-secret"), ["DATABASE", "REGION", "TOKEN", "provider", "type"]);
    assert!(secret["DATABASE"].ends_with("password=first-password connect_timeout=5"), "{secret:?}");
    assert_eq!((&*secret["TOKEN"], &*secret["REGION"]), ("canary-token", "north"));
    assert_eq!((&*secret["type"], &*secret["provider"]), ("postgresql", "azure"));
    let stored = shop.connection("orders").to_string();
    assert!(!stored.contains("canary-token"), "a secret is no part of the custom resource: {stored}");

    // What isn't given stays, the secret included; NAME- takes one away.
    shop.sc("connection update orders --no-validate --set REGION- --set COLOUR=red").succeeds();
    let secret = shop.secret("sc-orders-secret");
    assert_eq!(keys(&shop, "sc-orders-secret"), ["COLOUR", "DATABASE", "TOKEN", "provider", "type"]);
    assert_eq!((&*secret["TOKEN"], &*secret["COLOUR"]), ("canary-token", "red"));

    let rotated = file("second-token");
    let update =
        format!("connection update orders --no-validate --set-secret TOKEN={}", rotated.path().display());
    shop.sc(&update).succeeds();
    let secret = shop.secret("sc-orders-secret");
    assert_eq!(secret["TOKEN"], "second-token");
    assert!(secret["DATABASE"].contains("first-password"), "the password is still there: {secret:?}");
}

#[test]
fn a_generic_target_has_the_variables_that_the_person_gives() {
    let shop = world().namespace("options");
    let create = "connection create generic mail --set SMTP_HOST=smtp.example --set-secret SMTP_PASSWORD=-";
    shop.sc(create).stdin("canary").succeeds();
    let secret = shop.secret("sc-mail-secret");
    assert_eq!((&*secret["SMTP_HOST"], &*secret["SMTP_PASSWORD"]), ("smtp.example", "canary"));
    shop.sc("connection list-configuration mail")
        .succeeds()
        .says("smtp.example")
        .says("(secret; --show-secrets shows it)");

    shop.sc("connection create generic empty")
        .fails_with(2)
        .says("has no variables")
        .says("--set NAME=VALUE");
    shop.sc("connection create generic mail --set 1ST=x")
        .fails_with(2)
        .says("1ST")
        .says("can't begin with a digit");
}

#[test]
fn gitops_keeps_all_secrets_of_a_connection_in_one_secret_and_rotates_them() {
    let shop = world().namespace("options");
    shop.kubectl("create secret generic mail-login --from-literal=SMTP_PASSWORD=one --from-literal=unused=x")
        .succeeds();
    shop.kubectl("label secret mail-login serviceconnector.dev/role=input").succeeds();
    let connection = "
apiVersion: serviceconnector.dev/v1alpha1
kind: ServiceConnection
metadata: {name: mail}
spec:
  target: {service: generic}
  auth: {type: secret, secretRef: {name: mail-login}}
  configuration: {additional: {SMTP_HOST: smtp.example}, additionalSecrets: [SMTP_PASSWORD]}
";
    shop.apply(connection).succeeds();
    shop.becomes_ready("mail");
    assert_eq!(keys(&shop, "sc-mail-secret"), ["SMTP_HOST", "SMTP_PASSWORD"]);

    let patch = format!(r#"{{"data":{{"SMTP_PASSWORD":"{}"}}}}"#, encoded("two"));
    shop.kubectl("patch secret mail-login -p").arg(patch).succeeds();
    eventually("the workload's Secret has the new value", || {
        (shop.secret("sc-mail-secret")["SMTP_PASSWORD"] == "two").then_some(())
    });

    shop.apply(connection.replace("[SMTP_PASSWORD]", "[SMTP_USER]")).succeeds();
    let told = shop.becomes_unready("mail", "SecretInputMissing");
    assert!(told["message"].as_str().unwrap().contains("SMTP_USER"), "{told}");
}

#[test]
fn a_service_principal_signs_in_with_its_secret() {
    let shop = world().namespace("options");
    let create = format!(
        "connection create storage-blob pictures --account shop --service-principal {} --client-secret-stdin \
         --client-type python --no-validate",
        identity()
    );
    shop.sc(&create).stdin("canary").succeeds();
    let secret = shop.secret("sc-pictures-secret");
    assert_eq!(secret["AZURE_STORAGEBLOB_CLIENTSECRET"], "canary");
    assert_eq!(secret["AZURE_STORAGEBLOB_TENANTID"], TENANT);

    // Another client secret alone is enough for an update, and stays one.
    shop.sc("connection update pictures --client-secret-stdin --no-validate").stdin("second").succeeds();
    assert_eq!(shop.secret("sc-pictures-secret")["AZURE_STORAGEBLOB_CLIENTSECRET"], "second");
    let wrong =
        shop.sc("connection update pictures --account-key-stdin --client-id x").stdin("x").fails_with(2);
    wrong.says("client-id");
    shop.sc("connection update pictures --client-secret-stdin --no-validate").stdin("canary").succeeds();

    // As az says it.
    let az = format!(
        "connection create storage-blob --connection old --account shop --service-principal client-id={CLIENT} secret=@- \
         --tenant-id {TENANT} --client-type python --no-validate"
    );
    shop.sc(&az).stdin("canary").succeeds();
    assert_eq!(shop.secret("sc-old-secret"), secret);
}

#[test]
fn a_key_vault_is_read_by_the_csi_driver_without_any_account() {
    let shop = world().namespace("options");
    let create = format!(
        "connection create keyvault vault --vault shop-vault --enable-csi --client-id {} --no-validate -o json",
        identity()
    );
    let told = shop.sc(&create).succeeds().json();
    assert_eq!(told["connection"]["serviceAccountName"], Value::Null, "{told}");
    let expected = ["AZURE_KEYVAULT_CLIENTID", "AZURE_KEYVAULT_NAME", "AZURE_KEYVAULT_TENANTID"];
    assert_eq!(keys(&shop, "sc-vault-secret"), expected);
    shop.sc("connection show vault --snippet deployment")
        .succeeds()
        .says("kind: SecretProviderClass")
        .says("shop-vault");
}

#[test]
fn confluent_cloud_makes_a_pair_of_connections() {
    let shop = world().namespace("options");
    let secrets = (file("kafka-canary"), file("schema-canary"));
    let create = format!(
        "--client-type python --bootstrap-server pkc-1.example:9092 --kafka-key KEY1 --kafka-secret-file {} \
         --schema-registry https://psrc-1.example --schema-key KEY2 --schema-secret-file {} --no-validate \
         --customized-keys AZURE_CONFLUENTCLOUDKAFKA_BOOTSTRAPSERVER=KAFKA",
        secrets.0.path().display(),
        secrets.1.path().display()
    );
    shop.sc(&format!("connection create confluent-cloud events {create}")).succeeds();
    let kafka = shop.secret("sc-events-secret");
    assert_eq!(kafka["KAFKA"], "pkc-1.example:9092", "{kafka:?}");
    let registry = shop.secret("sc-eventsschema-secret");
    assert_eq!(registry["AZURE_CONFLUENTCLOUDSCHEMAREGISTRY_USERINFO"], "KEY2:schema-canary");

    let refused = shop.sc(&format!("connection create confluent-cloud events_schema {create}")).fails_with(2);
    refused.says("_schema").says("confluent-schema-registry");
}

#[test]
fn who_opts_out_takes_care_of_that_part() {
    let shop = world().namespace("options");
    let account = format!("sc-account-{CLIENT}");
    let create = |name: &str, rest: &str| {
        let identity = identity();
        shop.sc(&format!(
            "connection create storage-blob {name} --account shop --workload-identity {identity} --no-validate {rest}"
        ))
    };
    create("mine", "--opt-out auth").succeeds();
    assert!(shop.get(&format!("serviceaccount/{account}")).is_none(), "sign-in is the person's");
    assert!(!shop.secret("sc-mine-secret").is_empty());

    create("yours", "--opt-out configinfo").succeeds().says("no Secret is written");
    assert!(shop.get(&format!("serviceaccount/{account}")).is_some());
    assert!(shop.get("secret/sc-yours-secret").is_none(), "the variables are the person's");
    assert_eq!(shop.connection("yours")["status"]["binding"], Value::Null);

    shop.sc("connection create storage-blob nothing --account shop --opt-out auth configinfo").succeeds();
    assert!(shop.get("secret/sc-nothing-secret").is_none());
    shop.sc("connection create keyvault --connection vault --vault shop --opt-out auth configinfo")
        .succeeds();
    shop.sc("connection delete nothing --yes").succeeds();
}

#[test]
fn a_wrong_id_is_told_under_the_option_that_gave_it() {
    let shop = world().namespace("options");
    let create = |identity: &str| {
        shop.sc(&format!("connection create storage-blob pictures --account shop {identity}"))
    };
    let tenant = format!("--tenant-id {CLIENT}");
    create(&format!("--workload-identity mine {tenant}"))
        .fails_with(2)
        .says("the value of --workload-identity");
    create(&format!("--service-principal mine {tenant}"))
        .fails_with(2)
        .says("the value of --service-principal");
    create(&format!("--workload-identity {CLIENT} --tenant-id ours"))
        .fails_with(2)
        .says("the value of --tenant-id");
    create(&format!("--workload-identity /subscriptions/1/x {tenant}"))
        .fails_with(2)
        .says("az identity show");
}

#[test]
fn a_missing_sign_in_names_the_ways_there_are() {
    let shop = world().namespace("options");
    let told = shop.sc("connection create storage-blob pictures --account shop").fails_with(2);
    told.says("--workload-identity").says("--account-key-file").says("--service-principal");
    let told = shop.sc("connection create keyvault vault --vault shop").fails_with(2);
    told.says("--enable-csi --client-id CLIENT-ID");
    let told = shop.sc("connection update vault --kafka-key x").fails_with(3);
    told.says("vault");
}

#[test]
fn a_server_that_the_probe_does_not_speak_with_is_reached() {
    let (shop, server) = (world().namespace("options"), world().rabbitmq());
    let create = format!(
        "connection create rabbitmq queue --host {} --user {} --virtual-host {} --password-stdin --ca-certificate {} -o json",
        server.host,
        server.username,
        server.virtual_host,
        world().services_ca()
    );
    let told = shop.sc(&create).stdin(&server.password).succeeds().json();
    let outcome = |name: &str| {
        let checks = told["validation"]["checks"].as_array().unwrap();
        checks.iter().find(|check| check["name"] == name).unwrap()["outcome"].clone()
    };
    assert_eq!(
        (outcome("tcp"), outcome("tls"), outcome("signIn")),
        ("passed".into(), "passed".into(), "skipped".into())
    );
}
