//! The steps of a probe: each is timed, bounded by what is left of the whole time, and becomes one line.

use std::fmt;
use std::time::{Duration, Instant};

use sc_model::{Check, CheckName, FailureCode, Outcome, Report};

/// Every step, in order; what was never reached is skipped.
const ORDER: [CheckName; 5] =
    [CheckName::Dns, CheckName::Tcp, CheckName::Tls, CheckName::SignIn, CheckName::Access];
/// The most that is repeated of what a server or a library said, in characters.
const WORDS_LIMIT: usize = 400;

/// What helps where the server wants TLS and the connection doesn't.
pub(crate) const TURN_ON: &str = "Turn TLS on: leave `tls: off` out of the connection.";

/// What a failed step found out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) code: FailureCode,
    pub(crate) cause: String,
    pub(crate) remedy: String,
}

impl Found {
    /// A finding with the code's own remedy.
    pub(crate) fn new(code: FailureCode, cause: impl fmt::Display) -> Self {
        Self { code, cause: cause.to_string(), remedy: code.remedy().to_owned() }
    }

    /// Replaces the remedy by a more precise one.
    pub(crate) fn remedied_by(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = remedy.into();
        self
    }
}

/// A step's answer: what a person is told, and what the next step needs.
pub(crate) type Answer<T> = Result<(String, T), Found>;

/// The lines so far.
pub(crate) struct Steps {
    deadline: Instant,
    checks: Vec<Check>,
}

impl Steps {
    pub(crate) fn new(limit: Duration) -> Self {
        Self { deadline: Instant::now() + limit, checks: Vec::new() }
    }

    /// What is left of the whole time.
    pub(crate) fn left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// Runs a step and writes its line.
    pub(crate) async fn run<T>(
        &mut self,
        name: CheckName,
        step: impl Future<Output = Answer<T>>,
    ) -> Result<T, Found> {
        let begun = Instant::now();
        let left = self.deadline.saturating_duration_since(begun);
        let answer = tokio::time::timeout(left, step).await.unwrap_or_else(|_| Err(silence(name)));
        let milliseconds = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        let (detail, outcome) = match &answer {
            Ok((detail, _)) => (detail.clone(), Outcome::Passed),
            Err(found) => (found.code.title().to_owned(), Outcome::Failed),
        };
        let found = answer.as_ref().err();
        self.checks.push(Check {
            name,
            outcome,
            detail,
            code: found.map(|found| found.code),
            cause: found.map(|found| found.cause.clone()),
            remedy: found.map(|found| found.remedy.clone()),
            milliseconds,
        });
        answer.map(|(_, value)| value)
    }

    /// Writes the line of a step that doesn't apply.
    pub(crate) fn skip(&mut self, name: CheckName, why: &str) {
        self.checks.push(skipped(name, why));
    }

    /// Takes a line back: the step turned out not to apply.
    pub(crate) fn withdraw(&mut self, name: CheckName, why: &str) {
        self.checks.retain(|check| check.name != name);
        self.skip(name, why);
    }

    /// The lines of all steps.
    pub(crate) fn into_report(mut self) -> Report {
        for name in ORDER {
            if self.checks.iter().all(|check| check.name != name) {
                self.checks.push(skipped(name, "not tried, because an earlier step failed"));
            }
        }
        Report { checks: self.checks }
    }
}

fn skipped(name: CheckName, why: &str) -> Check {
    let (code, cause, remedy) = (None, None, None);
    Check { name, outcome: Outcome::Skipped, detail: why.to_owned(), code, cause, remedy, milliseconds: 0 }
}

/// The time ran out within a step.
pub(crate) fn silence(name: CheckName) -> Found {
    match name {
        CheckName::Dns => Found::new(FailureCode::NameNotResolved, "no DNS server answered in time"),
        CheckName::Tcp => Found::new(
            FailureCode::ConnectFailed,
            "nothing answered in time: a firewall or a network policy may drop the packets, or the address is wrong",
        ),
        CheckName::Tls => Found::new(
            FailureCode::TlsFailed,
            "the server accepted the connection and then said nothing in time",
        )
        .remedied_by("Check that host and port belong to this kind of service, and that it speaks TLS."),
        CheckName::Access => Found::new(
            FailureCode::AccessRefused,
            "the server took the sign-in and then didn't answer in time",
        )
        .remedied_by("Look at the server's own log and load; try again."),
        _ => Found::new(FailureCode::SignInRefused, "the server didn't answer the sign-in in time")
            .remedied_by("Look at the server's own log and load; try again."),
    }
}

/// Takes a secret out of a text that a library or a server made, and makes the rest fit to be shown.
pub(crate) fn scrubbed(text: &str, secret: &str) -> String {
    if secret.is_empty() {
        return shown(text);
    }
    // As it is, and as libraries quote it.
    let quoted = secret.escape_debug().to_string();
    shown(&text.replace(secret, "[secret]").replace(&quoted, "[secret]"))
}

/// A foreign text as one line of a bounded length, without anything that a terminal would obey.
pub(crate) fn shown(text: &str) -> String {
    let line = text.split(|c: char| c.is_control() || c.is_whitespace()).filter(|word| !word.is_empty());
    let line = line.collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(WORDS_LIMIT) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_step_that_takes_too_long_says_what_that_suggests() {
        let mut steps = Steps::new(Duration::from_millis(10));
        let found = steps.run::<()>(CheckName::Tcp, std::future::pending()).await.unwrap_err();
        assert_eq!(found.code, FailureCode::ConnectFailed);
        let report = steps.into_report();
        assert!(report.checks[0].cause.as_ref().unwrap().contains("firewall"));
        assert_eq!(report.checks.len(), ORDER.len());
        assert!(report.checks[1..].iter().all(|check| check.outcome == Outcome::Skipped));
    }

    #[test]
    fn a_secret_is_taken_out_of_a_servers_words() {
        assert_eq!(scrubbed("no user canary!", "canary"), "no user [secret]!");
        assert_eq!(scrubbed(r#"bad value "ca\"nary""#, "ca\"nary"), r#"bad value "[secret]""#);
        assert_eq!(scrubbed("no secret", ""), "no secret");
    }

    #[test]
    fn a_servers_words_are_one_line_that_a_terminal_does_not_obey() {
        assert_eq!(shown("no\r\n\u{1b}[2Jsuch\tuser"), "no [2Jsuch user");
        assert_eq!(shown(&"ä".repeat(9000)).chars().count(), WORDS_LIMIT + 1);
    }
}
