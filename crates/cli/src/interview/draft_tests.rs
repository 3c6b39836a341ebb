//! What is asked for a command line, as a table.

use std::ffi::OsString;

use sc_catalog::Kind;

use super::*;
use crate::arguments::{Command, ConnectionCommand, parse_words};
use crate::commands::draft::drafts;

const ID: &str = "11111111-2222-3333-4444-555555555555";

fn draft(line: &str) -> Draft {
    let words: Vec<OsString> =
        format!("sc connection create {line}").split_whitespace().map(OsString::from).collect();
    match parse_words(&words).unwrap_or_else(|failure| panic!("{line}: {failure}")).command {
        Command::Connection(ConnectionCommand::Create(create)) => Draft::new(create.arguments),
        other => panic!("{line}: {other:?}"),
    }
}

fn told(question: &Question) -> String {
    let usual = |usual: &Option<String>| usual.as_ref().map_or_else(String::new, |usual| format!("={usual}"));
    match question {
        Question::Target => "target".to_owned(),
        Question::AuthType(_, offered) => format!("auth of {}", offered.len()),
        Question::ClientType(_) => "client".to_owned(),
        Question::Name(_) => "name".to_owned(),
        Question::Namespace => "namespace".to_owned(),
        Question::Which(whole, shorts) => {
            let shorts: Vec<_> = shorts.iter().map(|short| short.option()).collect();
            format!("{} or {}", whole.option(), shorts.join("+"))
        }
        Question::Parameter(parameter, default) => format!("{}{}", parameter.option(), usual(default)),
        Question::ClientId(_, option) => (*option).to_owned(),
        Question::TenantId => "tenant-id".to_owned(),
        Question::Variables => "variables".to_owned(),
        Question::Defaults(defaults) => {
            let list: Vec<_> = defaults
                .iter()
                .map(|(parameter, default)| format!("{}={default}", parameter.option()))
                .collect();
            format!("keep {}", list.join("+"))
        }
        Question::Secret(input, _) => format!("secret {}", input.name()),
    }
}

fn asked(draft: &Draft) -> String {
    draft.questions().unwrap().iter().map(told).collect::<Vec<_>>().join(", ")
}

#[test]
fn what_is_missing_is_asked_in_the_order_of_the_catalog() {
    let table = [
        ("", "target"),
        (
            "postgres-flexible",
            "auth of 3, client, name, namespace, host or server, database, user, keep port=5432, secret password",
        ),
        // One auth type is no question.
        ("neon-postgres", "client, name, namespace, server, database, user, secret password"),
        // What is given isn't asked again, and its defaults are let be.
        (
            "postgres-flexible orders -n shop -c python --host db --user app",
            "auth of 3, database, secret password",
        ),
        (
            "postgres-flexible orders -n shop --server db --database shop --user app --password-file x",
            "client",
        ),
        // Its short way is begun, so that is what goes on.
        (
            "redis-enterprise orders -n shop -c none --server cache --access-key-stdin",
            "region, secret access-key",
        ),
        (
            &format!(
                "postgres-flexible orders -n shop -c none --host db --database shop --user app --workload-identity {ID}"
            ),
            "tenant-id",
        ),
        (
            &format!(
                "postgres-flexible orders -n shop -c none --host db --database shop --user app --service-principal {ID} --tenant-id {ID}"
            ),
            "secret client-secret",
        ),
        ("generic orders -n shop -c none", "variables"),
        ("keyvault orders -n shop -c none --vault v --enable-csi", "client-id, tenant-id"),
        // A secret of the cluster's isn't typed.
        ("postgres-flexible orders -n shop -c none --host db --database shop --secret-ref db", "user"),
        // Who takes care of variables needs no secret.
        ("postgres-flexible orders -n shop -c none --host db --opt-out auth configinfo", "database, user"),
        // Both halves of two connections.
        (
            "confluent-bootstrap-server orders -n shop -c none --bootstrap-server a:1 --kafka-key k --schema-key s",
            "schema-registry, secret kafka-secret, secret schema-secret",
        ),
    ];
    let mut wrong = Vec::new();
    for (line, expected) in table {
        let found = asked(&draft(line));
        if found != expected {
            wrong.push(format!("{line}\n  is {found}\n  not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_complete_command_asks_nothing() {
    for line in [
        "postgres-flexible --host db --database shop --user app --password-stdin",
        "postgres-flexible orders --server db --database shop --user app --secret name=app secret=x",
        "postgres-flexible --host db --database shop --user app --secret-ref db/password",
        &format!(
            "postgres-flexible --host db --database shop --user app --workload-identity {ID} --tenant-id {ID}"
        ),
        &format!("keyvault --vault v --enable-csi --client-id {ID} --tenant-id {ID}"),
        "neon-postgres --server db --database shop --user app --password-file x",
        "keyvault --vault v --opt-out auth configinfo",
        "storage-blob --account shop --opt-out configinfo auth",
    ] {
        assert!(draft(line).is_complete().unwrap(), "{line}: {}", asked(&draft(line)));
    }
}

/// A good answer to a question.
fn answer(question: &Question, auth: AuthType, client: ClientType) -> Answer {
    let option = |name: &str, value: &str| vec![format!("--{name}={value}")];
    let of = |parameter: &Parameter| {
        let value = match parameter.kind() {
            Kind::Host | Kind::Name | Kind::Word | Kind::Identifier | Kind::Text => "db",
            Kind::Port | Kind::Number => "1",
            Kind::Choice => &parameter.choices()[0],
            Kind::Switch => "on",
            Kind::Servers => "a:1",
            Kind::Url => "https://db.example",
            Kind::Guid => ID,
        };
        option(parameter.option(), value)
    };
    let words = match question {
        Question::Target => panic!("the target is known"),
        Question::AuthType(_, offered) => {
            assert!(offered.contains(&auth));
            let csi = (auth == AuthType::Csi).then(|| "--enable-csi".to_owned());
            return Answer { auth: Some(auth), words: csi.into_iter().collect(), ..Answer::default() };
        }
        Question::ClientType(_) => option("client-type", client.name()),
        Question::Name(_) => option("connection", "orders"),
        Question::Namespace => option("namespace", "shop"),
        Question::Which(_, shorts) => shorts.iter().flat_map(|short| of(short)).collect(),
        Question::Parameter(parameter, _) => of(parameter),
        Question::ClientId(_, name) => option(name, ID),
        Question::TenantId => option("tenant-id", ID),
        Question::Variables => option("set", "SHOP=open"),
        Question::Defaults(_) => return Answer { defaults: Some(Defaults::Changed), ..Answer::default() },
        Question::Secret(input, _) => {
            let secret = Some((input.name().to_owned(), SecretValue::new("AccountKey=aaaa")));
            return Answer { words: vec![format!("--{}-stdin", input.name())], secret, ..Answer::default() };
        }
    };
    Answer { words, ..Answer::default() }
}

#[test]
fn answers_make_a_request_for_every_combination_of_every_target() {
    for service in Catalog::builtin().services() {
        for auth in service.auth_types() {
            // Reading a command line takes a while, so each takes one of its client types.
            let clients = service.client_types(auth);
            for client in clients.iter().copied().cycle().skip(service.name().len() % clients.len()).take(1) {
                let what = format!("{} {auth} {client}", service.name());
                let (mut line, mut known) = (service.name().to_owned(), draft(service.name()));
                for _ in 0..30 {
                    let Some(question) = known.next().unwrap() else { break };
                    let answer = answer(&question, auth, client);
                    line += &format!(" {}", answer.words.join(" "));
                    known.learn(answer, draft(&line).given);
                }
                assert_eq!(asked(&known), "", "{what}: {line}");
                line += &format!(" {}", known.last_words().unwrap().join(" "));
                let mut arguments = draft(&line).given.unwrap();
                known.put_secrets(&mut arguments);
                let drafts = drafts(&arguments).unwrap_or_else(|failure| panic!("{what}: {line}: {failure}"));
                assert_eq!(
                    (drafts[0].spec.auth.auth_type, drafts[0].spec.client_type),
                    (auth, client),
                    "{line}"
                );
                assert!(draft(&line).is_complete().unwrap(), "the same line asks nothing: {line}");
            }
        }
    }
}

#[test]
fn defaults_are_asked_one_by_one_where_they_are_not_kept() {
    let mut draft = draft("postgres-server orders -n shop -c none --password-stdin");
    assert!(asked(&draft).contains("keep port=5432+tls=on"), "{}", asked(&draft));
    draft.defaults = Defaults::Changed;
    assert!(asked(&draft).contains("port=5432, tls=on"), "{}", asked(&draft));
    draft.defaults = Defaults::Kept;
    assert_eq!(asked(&draft), "host, database, user, secret password");
}

#[test]
fn a_wrong_value_is_refused_before_anything_is_asked() {
    let failure = draft("postgres-flexible --host https://db").check_given().unwrap_err();
    assert!(failure.to_string().contains("https://db"), "{failure}");
}

#[test]
fn typed_secrets_take_the_place_of_the_standard_input() {
    let mut draft = draft("postgres-server orders --password-stdin");
    let mut arguments = draft.given.clone().unwrap();
    draft.secrets.insert("password".to_owned(), SecretValue::new("typed"));
    draft.put_secrets(&mut arguments);
    let source = arguments.target.secrets.get("password").unwrap();
    assert_eq!(source.read().unwrap().expose(), "typed");
}
