//! A batch of random values: written by the catalog, read by a library's parser, compared.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Stdio};

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use sc_catalog::{Catalog, Kind, SecretInputs, SecretKind, Service};
use sc_model::{AuthType, FailureCode, SecretValue, ServiceConnectionSpec};
use sc_tests::{Language, encoded};
use serde_json::{Value, json};

/// A text in some format, and where a connection has it.
#[derive(Clone, Copy)]
pub(crate) struct Text {
    /// What the parser's program calls the format.
    pub(crate) format: &'static str,
    /// The target service.
    pub(crate) service: &'static str,
    /// The variable.
    pub(crate) key: &'static str,
}

/// What is put into a connection.
type Put = BTreeMap<&'static str, String>;

/// Tries every format of a language. With each stands what was put in (`user`, `password`, `database`, `virtual-host`) and the
/// field of the parser's answer that has to hold it. proptest's `PROPTEST_CASES` says how many values each is tried with.
pub(crate) fn check(language: Language, texts: &[(Text, &[(&str, &str)])]) {
    let mut parser = Parser::start(language);
    let mut runner = TestRunner::default();
    let values = runner.config().cases;
    for (text, fields) in texts {
        let (mut read, mut worst): (u32, Option<(Put, String)>) = (0, None);
        for _ in 0..values {
            let put = put(text, &mut runner);
            let Some(value) = written(language, text, &put) else { continue };
            read += 1;
            let answer = parser.read(text.format, &value);
            let wrong = fields.iter().find(|(name, field)| answer[*field] != put[name].as_str());
            if let Some((name, field)) = wrong {
                // The shortest says most.
                let size = |put: &Put| put.values().map(String::len).sum::<usize>();
                if worst.as_ref().is_none_or(|(before, _)| size(&put) < size(before)) {
                    let told =
                        format!("{name} came back as {}: {value:?} was read as {answer}", answer[*field]);
                    worst = Some((put, told));
                }
            }
        }
        if let Some((put, told)) = worst {
            panic!("{} {}: {put:?}: {told}", language.client_type(), text.format);
        }
        // A catalog that refused everything would pass otherwise.
        assert!(
            read * 8 > values,
            "{} {}: only {read} of {values} were written",
            language.client_type(),
            text.format
        );
    }
}

fn service(text: &Text) -> &'static Service {
    Catalog::builtin().service(text.service).unwrap()
}

fn put(text: &Text, runner: &mut TestRunner) -> Put {
    let secret = service(text).secret_input(AuthType::Secret).unwrap();
    let is_ascii = any::<bool>().new_tree(runner).unwrap().current();
    let name = if is_ascii {
        "[!-~]([ -~]{0,18}[!-~])?"
    } else {
        "[!-~äß€😀]([ -~äß€😀]{0,18}[!-~äß€])?"
    };
    let password = match secret.kind() {
        SecretKind::Base64 => encoded(&pick(runner, "[ -~äß€]{1,64}")),
        _ if is_ascii => pick(runner, "[ -~\t\n\r]{1,60}"),
        _ => any_text().new_tree(runner).unwrap().current(),
    };
    Put::from([
        ("password", password),
        ("user", pick(runner, name)),
        ("database", pick(runner, name)),
        ("virtual-host", pick(runner, name)),
    ])
}

fn pick(runner: &mut TestRunner, pattern: &str) -> String {
    proptest::string::string_regex(pattern).unwrap().new_tree(runner).unwrap().current()
}

/// Every kind of text that a password may be, up to 64 KiB.
fn any_text() -> impl Strategy<Value = String> {
    let nasty = "[ \"'=;%@,:/\\\\?&#+<>{}()\\[\\]$!äß€😀a-zA-Z0-9\t\n\r\u{a0}\u{3000}-]";
    prop_oneof![
        6 => proptest::string::string_regex(&format!("{nasty}{{1,24}}")).unwrap(),
        2 => any::<String>(),
        1 => proptest::string::string_regex("[ -~]{1,60}").unwrap(),
        1 => (proptest::string::string_regex(&format!("{nasty}{{1,8}}")).unwrap(), 1..9000_usize)
            .prop_map(|(piece, times)| piece.repeat(times).chars().take(64 * 1024).collect()),
    ]
}

/// The variable, or `None` if the request was refused: then for what it holds, without the secret in the message.
fn written(language: Language, text: &Text, put: &Put) -> Option<String> {
    let spec = spec(language, text, put);
    let rendered = Catalog::builtin().resolve(&spec).and_then(|resolved| {
        let own = Some(SecretValue::new(put["password"].as_str()));
        resolved.render(&SecretInputs { own, additional: BTreeMap::new() })
    });
    match rendered {
        Ok(bindings) => {
            let found = bindings.into_iter().find(|binding| binding.key == text.key);
            Some(found.unwrap_or_else(|| panic!("no {}", text.key)).value.expose().to_owned())
        }
        Err(failure) => {
            assert_eq!(failure.code, FailureCode::InvalidConnection, "{failure}");
            let told = format!("{} {:?} {}", failure.message, failure.cause, failure.remedy);
            assert!(put["password"].len() < 12 || !told.contains(&put["password"]), "{told}");
            None
        }
    }
}

fn spec(language: Language, text: &Text, put: &Put) -> ServiceConnectionSpec {
    let service = service(text);
    let mut spec: ServiceConnectionSpec = serde_json::from_value(json!({
        "target": {"service": text.service},
        "auth": {"type": "secret"},
        "clientType": language.client_type(),
    }))
    .unwrap();
    for parameter in service.parameters() {
        let value = match (parameter.name(), parameter.kind()) {
            (name, Kind::Text) if put.contains_key(name) => put[name].as_str(),
            (_, Kind::Text) if parameter.is_username() => put["user"].as_str(),
            _ if parameter.default_text().is_some() || !parameter.is_required() => continue,
            (_, Kind::Servers) => "kafka:9093",
            (_, Kind::Guid) => continue,
            (_, Kind::Url) => "https://x/",
            _ => "db",
        };
        if parameter.is_username() {
            spec.auth.username = Some(value.to_owned());
        } else {
            spec.target.parameters.insert(parameter.name().to_owned(), value.to_owned());
        }
    }
    if service.parameter("host").is_some() {
        spec.target.parameters.insert("host".to_owned(), "db.example".to_owned());
    }
    spec
}

/// A running parser program.
struct Parser {
    child: Child,
    answers: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

impl Parser {
    fn start(language: Language) -> Self {
        let mut command = language.parser();
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let mut child = command.spawn().expect("the parser starts");
        let answers = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, answers }
    }

    fn read(&mut self, format: &str, text: &str) -> Value {
        let question = json!({"format": format, "text": text}).to_string();
        let stdin = self.child.stdin.as_mut().unwrap();
        writeln!(stdin, "{question}").and_then(|()| stdin.flush()).expect("the parser listens");
        let answer = self.answers.next().expect("the parser answers").unwrap();
        serde_json::from_str(&answer).unwrap()
    }
}

impl Drop for Parser {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ended = self.child.wait();
    }
}
