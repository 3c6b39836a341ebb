//! Whatever a password holds, the client library reads it back or the request is refused.
//!
//! The parsers here are small and their own: each follows its library's documentation or source, none the catalog's code.
#![allow(clippy::unwrap_used, reason = "a test file")]

mod request;

use std::collections::BTreeMap;

use proptest::prelude::*;
use request::{With, by_secret, render, value};
use sc_model::{ClientType, FailureCode, ServiceConnectionSpec};

type Pairs = BTreeMap<String, String>;

/// A .NET connection string, by the grammar of `DbConnectionOptions`: keys without regard to case, values bare or in
/// single or double quotes, a quote inside its own kind doubled.
fn dotnet(text: &str) -> Pairs {
    let mut pairs = Pairs::new();
    let mut rest = text;
    while !rest.trim().is_empty() {
        let (key, after) = rest.split_once('=').unwrap();
        let after = after.trim_start();
        let mut value = String::new();
        if let Some(quote) = after.chars().next().filter(|c| *c == '"' || *c == '\'') {
            let mut characters = after[1..].char_indices().peekable();
            let mut end = None;
            while let Some((at, c)) = characters.next() {
                if c != quote {
                    value.push(c);
                } else if characters.next_if(|(_, next)| *next == quote).is_some() {
                    value.push(quote);
                } else {
                    end = Some(at + 2);
                    break;
                }
            }
            let behind = after[end.unwrap()..].trim_start();
            assert!(behind.is_empty() || behind.starts_with(';'), "text behind a quoted value");
            rest = behind.strip_prefix(';').unwrap_or(behind);
        } else {
            let (bare, behind) = after.split_once(';').unwrap_or((after, ""));
            value = bare.trim().to_owned();
            assert!(!value.contains(['"', '\'']), "a quote in a bare value");
            rest = behind;
        }
        pairs.insert(key.trim().to_lowercase(), value);
    }
    pairs
}

/// A libpq keyword string, by libpq's manual and pgx's source: `\` escapes in both kinds of value.
fn libpq(text: &str) -> Pairs {
    let mut pairs = Pairs::new();
    let mut characters = text.chars().peekable();
    loop {
        while characters.next_if(|c| c.is_whitespace()).is_some() {}
        if characters.peek().is_none() {
            return pairs;
        }
        let mut key = String::new();
        for c in characters.by_ref() {
            if c == '=' {
                break;
            }
            key.push(c);
        }
        let mut value = String::new();
        let is_quoted = characters.next_if_eq(&'\'').is_some();
        loop {
            match characters.next() {
                Some('\\') => value.push(characters.next().unwrap()),
                Some('\'') if is_quoted => break,
                Some(c) if !is_quoted && c.is_whitespace() => break,
                Some(c) => value.push(c),
                None if is_quoted => panic!("a quote that doesn't end"),
                None => break,
            }
        }
        pairs.insert(key.trim().to_owned(), value);
    }
}

/// What a URL holds, percent-decoded.
#[derive(Debug, PartialEq)]
struct Url {
    user: String,
    password: String,
    authority: String,
    path: String,
    query: Pairs,
}

/// A URL by RFC 3986. `+` in a query is a space, as Java's drivers read it.
fn url(text: &str) -> Url {
    let (_, rest) = text.split_once("://").unwrap();
    assert!(text.chars().all(|c| c.is_ascii_graphic()), "a URL holds printable ASCII only");
    assert!(!text.contains('#'), "nothing here has a fragment");
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, path) = rest.split_once('/').unwrap();
    let (user_info, authority) = authority.split_once('@').unwrap_or(("", authority));
    let (user, password) = user_info.split_once(':').unwrap_or((user_info, ""));
    let query = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap();
            (key.to_owned(), decoded(&value.replace('+', " ")))
        })
        .collect();
    Url {
        user: decoded(user),
        password: decoded(password),
        authority: authority.to_owned(),
        path: decoded(path),
        query,
    }
}

fn decoded(text: &str) -> String {
    let mut bytes = text.bytes();
    let mut out = Vec::new();
    while let Some(byte) = bytes.next() {
        let mut digit = || char::from(bytes.next().unwrap()).to_digit(16).unwrap();
        out.push(if byte == b'%' { u8::try_from(digit() * 16 + digit()).unwrap() } else { byte });
    }
    String::from_utf8(out).unwrap()
}

/// StackExchange.Redis, by `ConfigurationOptions.DoParse`: split at commas, trim, split at the first `=`.
fn stackexchange(text: &str) -> (String, Pairs) {
    let mut endpoint = String::new();
    let mut pairs = Pairs::new();
    for option in text.split(',').map(str::trim).filter(|option| !option.is_empty()) {
        match option.split_once('=') {
            Some((key, value)) => {
                pairs.insert(key.trim().to_lowercase(), value.trim().to_owned());
            }
            None => option.clone_into(&mut endpoint),
        }
    }
    (endpoint, pairs)
}

/// go-sql-driver/mysql, by `ParseDSN`: the last `/`, the last `@` before it, the first `:` before that.
fn go_mysql(text: &str) -> (String, String, String, String) {
    let (left, database) = text.rsplit_once('/').unwrap();
    let (database, parameters) = database.split_once('?').unwrap();
    assert_eq!(parameters, "tls=true");
    let (login, address) = left.rsplit_once('@').unwrap();
    let (user, password) = login.split_once(':').unwrap();
    (user.to_owned(), password.to_owned(), address.to_owned(), decoded(database))
}

/// An Azure Storage connection string, by `azure-storage-blob`'s `parse_connection_str`: split at `;`, then at the first `=`.
fn storage(text: &str) -> Pairs {
    text.trim_end_matches(';')
        .split(';')
        .map(|pair| pair.split_once('=').unwrap())
        .map(|(key, value)| (key.to_lowercase(), value.trim().to_owned()))
        .collect()
}

/// Every kind of text that a password or name may be.
fn any_text() -> impl Strategy<Value = String> {
    let nasty = "[ \"'=;%@,:/\\\\?&#+<>{}()\\[\\]$!äß€😀a-zA-Z0-9\t\n\r\u{a0}\u{3000}-]";
    prop_oneof![
        4 => proptest::string::string_regex(&format!("{nasty}{{1,24}}")).unwrap(),
        2 => any::<String>(),
        1 => proptest::string::string_regex("[ -~]{1,60}").unwrap(),
        1 => (proptest::string::string_regex(&format!("{nasty}{{1,8}}")).unwrap(), 1..9000_usize)
            .prop_map(|(piece, times)| piece.repeat(times).chars().take(64 * 1024).collect()),
    ]
}

/// A name that the door lets in.
fn any_name() -> impl Strategy<Value = String> {
    proptest::string::string_regex("[!-~äß€]([ -~äß€]{0,18}[!-~äß€])?").unwrap()
}

fn sql(service: &str, client: ClientType, database: &str, user: &str) -> ServiceConnectionSpec {
    by_secret(service, client).with("host", "db.shop").with("database", database).user(user)
}

/// The variable, or `None` if the request is refused: then by the code for it, and without the secret in the message.
fn written(spec: &ServiceConnectionSpec, secret: &str, key: &str) -> Option<String> {
    match render(spec, secret) {
        Ok(bindings) => {
            let found = value(&bindings, key);
            assert!(!found.contains('\0') && key.len() + found.len() + 2 <= 128 * 1024);
            Some(found.to_owned())
        }
        Err(failure) => {
            assert_eq!(failure.code, FailureCode::InvalidConnection, "{failure}");
            assert!(secret.len() < 12 || !format!("{failure} {}", failure.remedy).contains(secret));
            None
        }
    }
}

/// Whether a refusal is right for every format: the value is empty, holds NUL, or is too long when escaped.
fn may_be_refused(secret: &str) -> bool {
    secret.is_empty() || secret.contains('\0') || secret.len() > 128 * 1024 / 3 - 1024
}

proptest! {
    #[test]
    fn dotnet_reads_the_password_back(password in any_text(), database in any_name(), user in any_name()) {
        for (service, key) in [("postgres-flexible", "AZURE_POSTGRESQL_CONNECTIONSTRING"), ("mysql-flexible", "AZURE_MYSQL_CONNECTIONSTRING")] {
            let Some(text) = written(&sql(service, ClientType::Dotnet, &database, &user), &password, key) else {
                prop_assert!(may_be_refused(&password));
                continue;
            };
            let pairs = dotnet(&text);
            prop_assert_eq!(&pairs["password"], &password);
            prop_assert_eq!(&pairs["database"], &database);
            prop_assert_eq!(&pairs["user id"], &user);
            prop_assert_eq!(pairs.len(), 6);
        }
    }

    #[test]
    fn libpq_reads_the_password_back(password in any_text(), database in any_name(), user in any_name()) {
        for client in [ClientType::Python, ClientType::Go, ClientType::Php, ClientType::Ruby] {
            let spec = sql("postgres-flexible", client, &database, &user);
            let Some(text) = written(&spec, &password, "AZURE_POSTGRESQL_CONNECTIONSTRING") else {
                prop_assert!(may_be_refused(&password));
                continue;
            };
            let pairs = libpq(&text);
            prop_assert_eq!(&pairs["password"], &password);
            prop_assert_eq!(&pairs["dbname"], &database);
            prop_assert_eq!(&pairs["user"], &user);
            prop_assert_eq!(&pairs["host"], "db.shop");
        }
    }

    #[test]
    fn jdbc_reads_the_password_back(password in any_text(), database in any_name(), user in any_name()) {
        for (service, key) in [("postgres-flexible", "AZURE_POSTGRESQL_CONNECTIONSTRING"), ("mysql-flexible", "AZURE_MYSQL_CONNECTIONSTRING")] {
            let Some(text) = written(&sql(service, ClientType::Java, &database, &user), &password, key) else {
                prop_assert!(may_be_refused(&password) || database == "." || database == "..");
                continue;
            };
            let url = url(&text);
            prop_assert_eq!(&url.query["password"], &password);
            prop_assert_eq!(&url.query["user"], &user);
            prop_assert_eq!(url.path, database.clone());
        }
    }

    #[test]
    fn redis_clients_read_the_key_back(key in any_text()) {
        for client in [ClientType::Java, ClientType::Python, ClientType::Go, ClientType::Nodejs] {
            let spec = by_secret("redis", client).with("host", "cache").with("port", "6379").with("database", "3");
            let Some(text) = written(&spec, &key, "AZURE_REDIS_CONNECTIONSTRING") else {
                prop_assert!(may_be_refused(&key));
                continue;
            };
            let url = url(&text);
            prop_assert_eq!((url.user.as_str(), &url.password), ("", &key));
            prop_assert_eq!((url.authority.as_str(), url.path.as_str()), ("cache:6379", "3"));
        }
    }

    #[test]
    fn stackexchange_redis_reads_the_key_back(key in any_text()) {
        let spec = by_secret("redis", ClientType::Dotnet).with("host", "cache");
        match written(&spec, &key, "AZURE_REDIS_CONNECTIONSTRING") {
            None => prop_assert!(may_be_refused(&key) || key.contains(',') || key.trim() != key),
            Some(text) => {
                let (endpoint, pairs) = stackexchange(&text);
                prop_assert_eq!(endpoint, "cache:6380");
                prop_assert_eq!(&pairs["password"], &key);
                prop_assert_eq!((&*pairs["ssl"], &*pairs["defaultdatabase"], pairs.len()), ("True", "0", 3));
            }
        }
    }

    #[test]
    fn gos_mysql_driver_reads_the_password_back(password in any_text(), database in any_name(), user in any_name()) {
        let spec = sql("mysql-flexible", ClientType::Go, &database, &user);
        match written(&spec, &password, "AZURE_MYSQL_CONNECTIONSTRING") {
            None => prop_assert!(may_be_refused(&password) || user.contains(':')),
            Some(text) => {
                let read = go_mysql(&text);
                prop_assert_eq!(read, (user, password, "tcp(db.shop:3306)".to_owned(), database));
            }
        }
    }

    #[test]
    fn storage_clients_read_the_key_back(bytes in proptest::collection::vec("[A-Za-z0-9+/]{4}", 1..40), end in "(|==|=)") {
        let mut key = bytes.concat();
        key.truncate(key.len() - end.len());
        key.push_str(&end);
        let plain = by_secret("blob", ClientType::Go).with("account", "shop");
        let other = plain.clone().with("endpoint", "https://blobs.example:8443/shop");
        for spec in [plain, other] {
            let text = written(&spec, &key, "AZURE_STORAGEBLOB_CONNECTIONSTRING").unwrap();
            let pairs = storage(&text);
            prop_assert_eq!(&pairs["accountkey"], &key);
            prop_assert_eq!(&pairs["accountname"], "shop");
            prop_assert_eq!(&pairs["defaultendpointsprotocol"], "https");
        }
    }

    #[test]
    fn a_storage_key_that_is_not_base64_is_refused(key in any_text()) {
        let spec = by_secret("blob", ClientType::Go).with("account", "shop");
        if let Some(text) = written(&spec, &key, "AZURE_STORAGEBLOB_CONNECTIONSTRING") {
            prop_assert_eq!(&storage(&text)["accountkey"], &key);
        }
    }

    #[test]
    fn a_value_by_itself_is_the_value(password in any_text()) {
        let spec = sql("postgres-flexible", ClientType::None, "orders", "anna");
        match written(&spec, &password, "AZURE_POSTGRESQL_PASSWORD") {
            None => prop_assert!(may_be_refused(&password)),
            Some(text) => prop_assert_eq!(text, password),
        }
    }
}
