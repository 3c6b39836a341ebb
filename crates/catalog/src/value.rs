//! Parameters and secrets parse at the door, each kind by its rule.

use sc_model::{Failure, FailureCode, HostName, Port, Result};

use crate::file::{Kind, Parameter, SecretInput, SecretKind};

/// The longest parameter taken, in bytes. Nothing that identifies a service comes near it.
const LONGEST: usize = 1024;

impl Kind {
    /// Checks a value and gives its usual form (`05432` is `5432`).
    fn parse(self, given: &str, choices: &[String]) -> Result<String, String> {
        let rule = |rule: &str| Err(rule.to_owned());
        let cause = |failure: Failure| failure.cause.unwrap_or(failure.message);
        if given.len() > LONGEST {
            return Err(format!("it has {} bytes; {LONGEST} is the most", given.len()));
        }
        match self {
            Self::Host => given.parse::<HostName>().map(String::from).map_err(cause),
            Self::Port => given.parse::<Port>().map(|port| port.to_string()).map_err(cause),
            Self::Number => given
                .parse::<u32>()
                .map(|number| number.to_string())
                .map_err(|_| "it has to be a whole number from 0".to_owned()),
            Self::Name if is_name(given) => Ok(given.to_owned()),
            Self::Name => rule(
                "it may hold letters, digits and `-`, at most 63 characters, beginning and ending with a letter or digit",
            ),
            Self::Word if is_word(given) => Ok(given.to_owned()),
            Self::Word => rule("it may hold letters, digits, `.`, `_` and `-`, at most 255 characters"),
            Self::Identifier if is_word(given) && !given.contains('.') => Ok(given.to_owned()),
            Self::Identifier => rule("it may hold letters, digits, `_` and `-`, at most 255 characters"),
            Self::Choice => choice(given, choices.iter().map(String::as_str)),
            Self::Switch => choice(given, ["on", "off"].into_iter()),
            Self::Servers => servers(given),
            Self::Text if given.is_empty() => rule("it can't be empty"),
            Self::Text if given.trim() != given => rule("it can't begin or end with a space"),
            Self::Text if given.chars().any(char::is_control) => {
                rule("it can't hold control characters such as line ends")
            }
            Self::Text => Ok(given.to_owned()),
            Self::Url => check_url(given).map(|()| given.to_owned()),
            Self::Guid if is_guid(given) => Ok(given.to_owned()),
            Self::Guid => rule("it has to be a UUID: 8-4-4-4-12 hexadecimal digits"),
        }
    }
}

impl Parameter {
    /// Checks a value for this parameter and gives its usual form.
    pub fn parse(&self, given: &str) -> Result<String> {
        parse(self.option(), self.kind, &self.choices, given)
    }
}

/// Checks a client or tenant id for the option that gave it.
pub fn parse_id(option: &str, given: &str) -> Result<String> {
    parse(option, Kind::Guid, &[], given)
}

fn parse(option: &str, kind: Kind, choices: &[String], given: &str) -> Result<String> {
    kind.parse(given, choices).map_err(|rule| {
        let shown: String = given.chars().take(80).collect();
        let dots = if shown.len() < given.len() { "…" } else { "" };
        Failure::new(
            FailureCode::InvalidName,
            format!("`{}{dots}` can't be the value of --{option}", shown.escape_debug()),
        )
        .because(rule)
    })
}

/// Checks a secret. The failure never shows it.
pub(crate) fn check_secret(input: &SecretInput, value: &str) -> Result<()> {
    let broken = if value.is_empty() {
        "it is empty"
    } else if value.contains('\0') {
        "it holds a NUL character, which no environment variable can"
    } else if input.kind == SecretKind::Base64 && !is_base64(value) {
        "it has to be Base64: letters, digits, `+` and `/`, filled up with `=` to a multiple of four"
    } else if input.kind == SecretKind::ConnectionString && value.chars().any(char::is_control) {
        "it holds a line end or another control character, which no connection string has"
    } else {
        return Ok(());
    };
    Err(Failure::new(FailureCode::InvalidConnection, format!("the {} can't be used", input.title()))
        .because(broken)
        .remedied_by(format!("Give the {} again, as the service shows it.", input.title())))
}

fn is_name(given: &str) -> bool {
    (1..=63).contains(&given.len())
        && given.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        && !given.starts_with('-')
        && !given.ends_with('-')
}

fn is_word(given: &str) -> bool {
    (1..=255).contains(&given.len()) && given.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
}

fn choice<'a>(given: &str, choices: impl Iterator<Item = &'a str> + Clone) -> Result<String, String> {
    choices
        .clone()
        .find(|choice| choice.eq_ignore_ascii_case(given))
        .map(str::to_owned)
        .ok_or_else(|| format!("it has to be one of: {}", choices.collect::<Vec<_>>().join(", ")))
}

/// `a:9092,b:9092`, as Kafka's clients take their first servers.
fn servers(given: &str) -> Result<String, String> {
    for server in given.split(',') {
        let is_good = server.rsplit_once(':').is_some_and(|(host, port)| {
            let host = host.strip_prefix('[').and_then(|open| open.strip_suffix(']')).unwrap_or(host);
            host.parse::<HostName>().is_ok() && port.parse::<Port>().is_ok()
        });
        if !is_good {
            return Err(format!("`{server}` is no host with a port; servers are written `a:9092,b:9092`"));
        }
    }
    Ok(given.to_owned())
}

fn is_guid(given: &str) -> bool {
    let groups: Vec<&str> = given.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|group| group.chars().all(|c| c.is_ascii_hexdigit()))
}

fn is_base64(given: &str) -> bool {
    let digits = given.trim_end_matches('=');
    given.len().is_multiple_of(4)
        && given.len() - digits.len() <= 2
        && digits.chars().all(|c| c.is_ascii_alphanumeric() || c == '+' || c == '/')
}

fn check_url(given: &str) -> Result<(), String> {
    let rest = given
        .strip_prefix("https://")
        .or_else(|| given.strip_prefix("http://"))
        .ok_or("it has to begin with https:// or http://")?;
    if given.chars().any(|c| !c.is_ascii_graphic() || "\"'<>\\^`{|};,".contains(c)) {
        return Err(
            "it can't hold spaces, quotes, `;`, `,` or other characters that a URL encodes".to_owned()
        );
    }
    if given.contains(['?', '#']) {
        return Err("it can't have a query (`?`) or a fragment (`#`)".to_owned());
    }
    let authority = rest.split('/').next().unwrap_or_default();
    if authority.contains('@') {
        return Err("it can't hold a user or password".to_owned());
    }
    let (host, port) = match authority.strip_prefix('[').and_then(|open| open.split_once(']')) {
        Some((address, "")) => (address, None),
        Some((address, port)) => (address, Some(port.strip_prefix(':').unwrap_or(port))),
        None => match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        },
    };
    let is_good = host.parse::<HostName>().is_ok() && port.is_none_or(|port| port.parse::<Port>().is_ok());
    if is_good { Ok(()) } else { Err(format!("`{authority}` is no host with an optional port")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_takes_its_own_and_refuses_the_rest() {
        let taken = [
            (Kind::Host, "10.1.2.3"),
            (Kind::Name, "Orders-1"),
            (Kind::Text, "Größe 1"),
            (Kind::Url, "http://127.0.0.1:10000/devstoreaccount1"),
            (Kind::Url, "https://[fd00::1]:8443/"),
            (Kind::Guid, "11111111-2222-3333-4444-55555555abcD"),
            (Kind::Word, "orders_1.eu"),
            (Kind::Switch, "off"),
            (Kind::Servers, "kafka-0.kafka:9093,[fd00::1]:9093"),
        ];
        for (kind, given) in taken {
            assert_eq!(kind.parse(given, &[]).as_deref(), Ok(given));
        }
        assert_eq!(Kind::Port.parse("05432", &[]).unwrap(), "5432");
        assert_eq!(Kind::Number.parse("007", &[]).unwrap(), "7");
        let refused = [
            (Kind::Host, "https://db"),
            (Kind::Name, "a.b"),
            (Kind::Text, ""),
            (Kind::Text, "a\nb"),
            (Kind::Number, "-1"),
            (Kind::Url, "ftp://x"),
            (Kind::Url, "https://"),
            (Kind::Url, "https://user@x/"),
            (Kind::Url, "https://x:0/"),
            (Kind::Url, "https://x/;AccountKey=y"),
            (Kind::Url, "https://x/?sig=y"),
            (Kind::Guid, "1111"),
            (Kind::Word, "a b"),
            (Kind::Identifier, "a.b"),
            (Kind::Text, " a"),
            (Kind::Switch, "maybe"),
            (Kind::Servers, "kafka"),
            (Kind::Servers, "a:9092,"),
        ];
        for (kind, given) in refused {
            assert!(kind.parse(given, &[]).is_err(), "{kind:?} {given}");
        }
    }

    #[test]
    fn a_storage_key_is_base64() {
        assert!(is_base64(
            "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
        ));
        assert!(!is_base64("abc") && !is_base64("ab;=") && !is_base64("a==="));
    }
}
