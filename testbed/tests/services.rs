//! The services beside a cluster are real, ask for a password, and speak TLS only.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test tells by a panic what went wrong")]

use std::process::{Command, Output};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use sc_testbed::{Cluster, Speed};

fn succeeds(command: &mut Command) -> String {
    let Output { status, stdout, stderr } = command.output().unwrap();
    assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
    String::from_utf8(stdout).unwrap()
}

fn fails(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(!output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn services_let_in_who_has_the_password_and_nobody_else() {
    let name = format!("test-services-{}", std::process::id());
    let story = std::panic::catch_unwind(|| {
        let cluster = Cluster::up(&name, Speed::ControlPlane).unwrap();
        postgres(&cluster);
        mariadb(&cluster);
        redis(&cluster);
        azurite(&cluster);
        cluster.down().unwrap();
    });
    Cluster::sweep(&name).unwrap();
    if let Err(panic) = story {
        std::panic::resume_unwind(panic);
    }
}

fn postgres(cluster: &Cluster) {
    let server = cluster.postgres().unwrap();
    let other_process = Cluster::attach(cluster.name()).unwrap();
    assert_eq!(
        other_process.postgres().unwrap().password,
        server.password,
        "a second caller finds the same server"
    );
    let psql = |user: &str, database: &str, password: &str, tls: &str| {
        let (host, address, port, ca) = (&server.host, &server.address, server.port, server.ca.display());
        let mut psql = cluster.command("psql");
        psql.arg(format!(
            "host={host} hostaddr={address} port={port} dbname={database} user={user} sslmode={tls} sslrootcert={ca}"
        ));
        psql.args(["-tAc", "SELECT current_user"]).env("PGPASSWORD", password);
        psql
    };
    assert_eq!(succeeds(&mut psql("shop", "shop", &server.password, "verify-full")), "shop\n");
    assert!(
        fails(&mut psql("shop", "shop", "wrong", "verify-full")).contains("password authentication failed")
    );
    assert!(fails(&mut psql("shop", "shop", &server.password, "disable")).contains("no encryption"));

    let awkward = r#"it's "quoted" \ $1"#;
    server.create_database(cluster, "or\"ders", "o'brien", awkward).unwrap();
    let mut obrien = cluster.command("psql");
    obrien.args(["--host", &server.address, "--dbname", "or\"ders", "--username", "o'brien"]);
    obrien.args(["-tAc", "SELECT current_user"]).env("PGPASSWORD", awkward);
    assert_eq!(succeeds(&mut obrien), "o'brien\n");
}

fn mariadb(cluster: &Cluster) {
    let server = cluster.mariadb().unwrap();
    let ca = format!("--ssl-ca={}", server.ca.display());
    let tls = [ca.as_str(), "--ssl-verify-server-cert"];
    let client = |user: &str, database: &str, password: &str, tls: &[&str]| {
        let mut client = cluster.command("mariadb");
        client.args(["--no-defaults", "--host", &server.address, "--user", user, "--database", database]);
        client.args(tls);
        client.args(["--batch", "--skip-column-names", "--execute", "SELECT 1"]).env("MYSQL_PWD", password);
        client
    };
    assert_eq!(succeeds(&mut client("shop", "shop", &server.password, &tls)), "1\n");
    assert!(fails(&mut client("shop", "shop", "wrong", &tls)).contains("Access denied"));
    assert!(fails(&mut client("shop", "shop", &server.password, &["--skip-ssl"])).contains("1045"));

    let awkward = r#"it's "quoted" \ %"#;
    server.create_database(cluster, "orders", "orders", awkward).unwrap();
    assert_eq!(succeeds(&mut client("orders", "orders", awkward, &tls)), "1\n");
}

fn redis(cluster: &Cluster) {
    let server = cluster.redis().unwrap();
    let client = |password: &str| {
        let mut client = cluster.command("redis-cli");
        client
            .args(["-h", &server.address, "-p", &server.port.to_string(), "--tls", "--cacert"])
            .arg(&server.ca);
        client.arg("PING").env("REDISCLI_AUTH", password);
        client
    };
    assert_eq!(succeeds(&mut client(&server.password)), "PONG\n");
    assert!(!succeeds(&mut client("wrong")).contains("PONG"));
}

fn azurite(cluster: &Cluster) {
    let server = cluster.azurite().unwrap();
    let (account, version) = (&server.account, "x-ms-version:2021-12-02");
    let date = succeeds(Command::new("date").args(["--utc", "--rfc-email"])).replace("+0000", "GMT");
    let date = date.trim();
    let list = format!("GET{}x-ms-date:{date}\n{version}\n/{account}/\ncomp:list", "\n".repeat(12));
    let tables = format!("GET\n\n\n{date}\n/{account}/Tables");
    for (endpoint, port, request, signed, answer) in [
        (&server.endpoint, server.port, "/?comp=list", &list, "<Containers"),
        (&server.queue_endpoint, server.queue_port, "/?comp=list", &list, "<Queues"),
        (&server.table_endpoint, server.table_port, "/Tables", &tables, "\"value\":[]"),
    ] {
        let curl = |key: &str| {
            let key = hmac::Key::new(hmac::HMAC_SHA256, &STANDARD.decode(key).unwrap());
            let signature = STANDARD.encode(hmac::sign(&key, signed.as_bytes()));
            let mut curl = cluster.command("curl");
            curl.args(["--silent", "--show-error", "--fail", "--header", version, "--cacert"])
                .arg(&server.ca);
            curl.arg("--resolve").arg(format!("{}:{port}:{}", server.host, server.address));
            curl.arg("--header")
                .arg(format!("x-ms-date: {date}"))
                .args(["--header", "Accept: application/json"]);
            curl.arg("--header").arg(format!("Authorization: SharedKey {account}:{signature}"));
            curl.arg(format!("{endpoint}{request}"));
            curl
        };
        let listed = succeeds(&mut curl(&server.key));
        assert!(listed.contains(answer), "{listed}");
        assert!(fails(&mut curl(&STANDARD.encode("wrong"))).contains("403"));
    }
}
