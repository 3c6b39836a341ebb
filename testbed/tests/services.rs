//! The services beside a cluster are real, ask for a password, and speak TLS only.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test tells by a panic what went wrong")]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;
use std::thread;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::{digest, hmac, pbkdf2};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use sc_testbed::services::{Azurite, AzuriteForTokens, Kafka, ManagedIdentity, MongoDb, RabbitMq};
use sc_testbed::{Cluster, NODE_ADDRESS, Silent, Speed};

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

/// A connection to a service by its name, which its certificate has to show.
fn dial(cluster: &Cluster, host: &str, port: u16, ca: &Path) -> StreamOwned<ClientConnection, TcpStream> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(ca).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_root_certificates(roots).with_no_client_auth();
    let tls = ClientConnection::new(Arc::new(config), host.to_owned().try_into().unwrap()).unwrap();
    let socket = || {
        cluster.enter_network().unwrap();
        TcpStream::connect((NODE_ADDRESS, port)).unwrap()
    };
    StreamOwned::new(tls, thread::scope(|scope| scope.spawn(socket).join().unwrap()))
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
        managed_identity(&cluster);
        rabbitmq(&cluster);
        mongodb(&cluster);
        kafka(&cluster);
        s3(&cluster);
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

/// The version of the storage services' protocol, as a header and as a line of what is signed.
const STORAGE_VERSION: &str = "x-ms-version:2021-12-02";

/// Asks a storage emulator at one of its ports.
fn ask_storage(cluster: &Cluster, server: &Azurite, port: u16, url: &str, authorization: &str) -> Command {
    let mut curl = cluster.command("curl");
    curl.args(["--silent", "--show-error", "--fail", "--header", STORAGE_VERSION]);
    curl.arg("--cacert").arg(&server.ca);
    curl.arg("--resolve").arg(format!("{}:{port}:{}", server.host, server.address));
    curl.args(["--header", &format!("Authorization: {authorization}"), url]);
    curl
}

fn azurite(cluster: &Cluster) {
    let server = cluster.azurite().unwrap();
    let account = &server.account;
    let date = succeeds(Command::new("date").args(["--utc", "--rfc-email"])).replace("+0000", "GMT");
    let date = date.trim();
    let list = format!("GET{}x-ms-date:{date}\n{STORAGE_VERSION}\n/{account}/\ncomp:list", "\n".repeat(12));
    let tables = format!("GET\n\n\n{date}\n/{account}/Tables");
    for (endpoint, port, request, signed, answer) in [
        (&server.endpoint, server.port, "/?comp=list", &list, "<Containers"),
        (&server.queue_endpoint, server.queue_port, "/?comp=list", &list, "<Queues"),
        (&server.table_endpoint, server.table_port, "/Tables", &tables, "\"value\":[]"),
    ] {
        let curl = |key: &str| {
            let key = hmac::Key::new(hmac::HMAC_SHA256, &STANDARD.decode(key).unwrap());
            let signature = STANDARD.encode(hmac::sign(&key, signed.as_bytes()));
            let authorization = format!("SharedKey {account}:{signature}");
            let mut curl =
                ask_storage(cluster, &server, port, &format!("{endpoint}{request}"), &authorization);
            curl.args(["--header", &format!("x-ms-date: {date}"), "--header", "Accept: application/json"]);
            curl
        };
        let listed = succeeds(&mut curl(&server.key));
        assert!(listed.contains(answer), "{listed}");
        assert!(fails(&mut curl(&STANDARD.encode("wrong"))).contains("403"));
    }
}

/// The sandbox gives tokens to who knows its header, and the storage emulator takes them for what they say.
fn managed_identity(cluster: &Cluster) {
    let (sandbox, storage) = (
        cluster.service::<ManagedIdentity>(&Silent).unwrap(),
        cluster.service::<AzuriteForTokens>(&Silent).unwrap().0,
    );
    let ask = |header: &str, resource: &str| {
        let mut curl = cluster.command("curl");
        curl.args(["--silent", "--show-error", "--fail", "--get", "--data", "api-version=2019-08-01"]);
        curl.args(["--data-urlencode", &format!("resource={resource}")]);
        curl.args(["--header", &format!("X-IDENTITY-HEADER: {header}"), &sandbox.endpoint]);
        curl
    };
    let token = |resource: &str| {
        let answer: serde_json::Value =
            serde_json::from_str(&succeeds(&mut ask(&sandbox.header, resource))).unwrap();
        answer["access_token"].as_str().unwrap().to_owned()
    };
    let list = |token: &str| {
        let url = format!("{}/?comp=list", storage.endpoint);
        ask_storage(cluster, &storage, storage.port, &url, &format!("Bearer {token}"))
    };
    assert!(succeeds(&mut list(&token("https://storage.azure.com"))).contains("<Containers"));
    assert!(
        fails(&mut list(&token("https://vault.azure.net"))).contains("403"),
        "a token for something else"
    );
    assert!(fails(&mut ask("wrong", "https://storage.azure.com")).contains("401"));
}

fn rabbitmq(cluster: &Cluster) {
    let server = cluster.rabbitmq().unwrap();
    assert!(opens(cluster, &server, &server.password));
    assert!(!opens(cluster, &server, "wrong"));
    let plain = cluster.command("curl").arg(format!("http://{}:5672", server.address)).output().unwrap();
    assert!(!plain.status.success(), "nobody gets in without TLS");
}

/// Whether the server opens the virtual host, by the method frames of AMQP 0.9.1's class `connection`.
fn opens(cluster: &Cluster, server: &RabbitMq, password: &str) -> bool {
    const START: u8 = 10;
    const START_OK: u8 = 11;
    const TUNE: u8 = 30;
    const TUNE_OK: u8 = 31;
    const OPEN: u8 = 40;
    const OPEN_OK: u8 = 41;
    let short = |text: &str| [&[u8::try_from(text.len()).unwrap()], text.as_bytes()].concat();
    let long = |bytes: &[u8]| [&u32::try_from(bytes.len()).unwrap().to_be_bytes(), bytes].concat();
    let mut stream = dial(cluster, &server.host, server.port, &server.ca);
    let mut ask = |request: &[u8]| {
        stream.write_all(request).unwrap();
        let mut head = [0; 7];
        // A server that refuses a password hangs up.
        stream.read_exact(&mut head).ok()?;
        let length = u32::from_be_bytes(head[3..].try_into().unwrap());
        let mut frame = vec![0; usize::try_from(length).unwrap() + 1];
        stream.read_exact(&mut frame).unwrap();
        Some((frame[3], frame[4..].to_vec()))
    };
    let frame = |method: u8, arguments: &[&[u8]]| {
        let payload = long(&[&[0, 10, 0, method], arguments.concat().as_slice()].concat());
        [&[1, 0, 0], payload.as_slice(), &[0xce]].concat()
    };
    assert!(matches!(ask(b"AMQP\x00\x00\x09\x01"), Some((START, _))));
    let sign_in = long(format!("\0{}\0{password}", server.username).as_bytes());
    let answer = ask(&frame(START_OK, &[&long(&[]), &short("PLAIN"), &sign_in, &short("en_US")]));
    let Some((TUNE, limits)) = answer else { return false };
    let open = frame(OPEN, &[&short(&server.virtual_host), &short(""), &[0]]);
    let answer = ask(&[frame(TUNE_OK, &[&limits[..8]]), open].concat());
    matches!(answer, Some((OPEN_OK, _)))
}

fn mongodb(cluster: &Cluster) {
    let server = cluster.mongodb().unwrap();
    assert!(proves(cluster, &server, &server.password));
    assert!(!proves(cluster, &server, "wrong"));
}

/// Whether client and server prove to each other that they know the password, by SCRAM-SHA-256 in MongoDB's messages.
fn proves(cluster: &Cluster, server: &MongoDb, password: &str) -> bool {
    let mut stream = dial(cluster, &server.host, server.port, &server.ca);
    let mut ask = |step: &str, more: &[u8], payload: &str| {
        let number = |name: &str| [b"\x10", name.as_bytes(), b"\0\x01\0\0\0"].concat();
        let length = |bytes: usize| i32::try_from(bytes).unwrap().to_le_bytes();
        let binary = [b"\x05payload\0", &length(payload.len())[..], b"\0", payload.as_bytes()].concat();
        let fields = [&number(step), more, &binary, b"\x02$db\0\x06\0\0\0admin\0\0"].concat();
        let document = [&length(fields.len() + 4)[..], &fields].concat();
        let body = [&[0; 8][..], &2013_i32.to_le_bytes(), &[0; 5], &document].concat();
        stream.write_all(&[&length(body.len() + 4)[..], &body].concat()).unwrap();
        let mut size = [0; 4];
        stream.read_exact(&mut size).unwrap();
        let mut answer = vec![0; usize::try_from(i32::from_le_bytes(size)).unwrap() - 4];
        stream.read_exact(&mut answer).unwrap();
        let begin = answer.windows(9).position(|bytes| bytes == b"\x05payload\0")? + 9;
        let (size, rest) = answer[begin..].split_first_chunk().unwrap();
        let size = usize::try_from(i32::from_le_bytes(*size)).unwrap();
        Some(String::from_utf8(rest[1..=size].to_vec()).unwrap())
    };
    let sign = |key: &[u8], text: &str| {
        hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes()).as_ref().to_vec()
    };
    let hello = format!("n={},r=fyko", server.username);
    let challenge =
        ask("saslStart", b"\x02mechanism\0\x0e\0\0\0SCRAM-SHA-256\0", &format!("n,,{hello}")).unwrap();
    let part = |letter: &str| challenge.split(',').find_map(|part| part.strip_prefix(letter)).unwrap();
    let (nonce, salt) = (part("r="), STANDARD.decode(part("s=")).unwrap());
    let mut salted = [0; 32];
    let rounds = part("i=").parse().unwrap();
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, rounds, &salt, password.as_bytes(), &mut salted);
    let client = sign(&salted, "Client Key");
    let said = format!("{hello},{challenge},c=biws,r={nonce}");
    let mask = sign(digest::digest(&digest::SHA256, &client).as_ref(), &said);
    let proof: Vec<u8> = client.iter().zip(mask).map(|(key, mask)| key ^ mask).collect();
    let proof = format!("c=biws,r={nonce},p={}", STANDARD.encode(proof));
    let verdict = ask("saslContinue", b"\x10conversationId\0\x01\0\0\0", &proof);
    verdict == Some(format!("v={}", STANDARD.encode(sign(&sign(&salted, "Server Key"), &said))))
}

fn kafka(cluster: &Cluster) {
    let server = cluster.kafka().unwrap();
    assert!(lets_in(cluster, &server, &server.password));
    assert!(!lets_in(cluster, &server, "wrong"));
}

/// Whether the broker takes the password, by SASL/PLAIN in Kafka's requests.
fn lets_in(cluster: &Cluster, server: &Kafka, password: &str) -> bool {
    const SASL_HANDSHAKE: [u8; 4] = [0, 17, 0, 1];
    const SASL_AUTHENTICATE: [u8; 4] = [0, 36, 0, 0];
    let mut stream = dial(cluster, &server.host, server.port, &server.ca);
    let mut succeeds = |request: [u8; 4], body: &[u8]| {
        let number_and_nameless = [0, 0, 0, 1, 0xff, 0xff];
        let request = [&request[..], &number_and_nameless, body].concat();
        let length = u32::try_from(request.len()).unwrap().to_be_bytes();
        stream.write_all(&[&length[..], &request].concat()).unwrap();
        let mut size = [0; 4];
        stream.read_exact(&mut size).unwrap();
        let mut answer = vec![0; usize::try_from(u32::from_be_bytes(size)).unwrap()];
        stream.read_exact(&mut answer).unwrap();
        answer[4..6] == [0, 0]
    };
    assert!(succeeds(SASL_HANDSHAKE, b"\0\x05PLAIN"));
    let sign_in = format!("\0{}\0{password}", server.username);
    let length = u32::try_from(sign_in.len()).unwrap().to_be_bytes();
    succeeds(SASL_AUTHENTICATE, &[&length, sign_in.as_bytes()].concat())
}

fn s3(cluster: &Cluster) {
    let server = cluster.s3().unwrap();
    let curl = |secret: &str| {
        let mut curl = cluster.command("curl");
        curl.args(["--silent", "--show-error", "--fail", "--cacert"]).arg(&server.ca);
        curl.arg("--aws-sigv4").arg(format!("aws:amz:{}:s3", server.region));
        curl.args(["--user", &format!("{}:{secret}", server.access_key_id)]);
        curl.args(["--header", "x-amz-content-sha256: UNSIGNED-PAYLOAD"]);
        curl.arg(format!("https://{}:{}/{}?list-type=2", server.address, server.port, server.bucket));
        curl
    };
    assert!(succeeds(&mut curl(&server.secret_access_key)).contains("<KeyCount>0</KeyCount>"));
    assert!(fails(&mut curl("wrong")).contains("403"));
}
