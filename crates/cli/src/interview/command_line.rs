//! The command line that the answers make, and how a person could have typed it.

use std::ffi::OsString;

/// The widest line that is shown in one piece.
const WIDTH: usize = 96;

/// A command line that grows.
#[derive(Debug, Clone)]
pub(super) struct CommandLine {
    words: Vec<OsString>,
}

impl CommandLine {
    /// As this program was called.
    pub(super) fn of_this_program() -> Self {
        Self { words: std::env::args_os().collect() }
    }

    /// Adds words, before a `--` that makes arguments of all that follow.
    pub(super) fn extend(&mut self, words: &[String]) {
        let end = self.words.iter().position(|word| word == "--").unwrap_or(self.words.len());
        self.words.splice(end..end, words.iter().map(OsString::from));
    }

    /// For a parser.
    pub(super) fn words(&self) -> &[OsString] {
        &self.words
    }

    /// For a shell, without secrets, in lines of a readable width.
    pub(super) fn shown(&self, program: &str) -> String {
        let mut lines = vec![program.to_owned()];
        for part in parts(&self.words) {
            match lines.last_mut() {
                Some(line) if line.len() + part.len() < WIDTH => *line += &format!(" {part}"),
                _ => lines.push(format!("    {part}")),
            }
        }
        lines.join(" \\\n")
    }
}

/// The words behind the program's name, quoted; an option stays with its values.
fn parts(words: &[OsString]) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    let mut reads_stdin = false;
    for word in words.iter().skip(1) {
        let word = without_secret(&word.to_string_lossy());
        if let Some(secret) = word.strip_prefix("--").and_then(|option| option.strip_suffix("-stdin")) {
            // The standard input has room for one.
            parts.push(if reads_stdin { format!("--{secret}-file FILE") } else { word.clone() });
            reads_stdin = true;
            continue;
        }
        let quoted = shlex::try_quote(&word).map_or_else(|_| word.clone(), |quoted| quoted.into_owned());
        match parts.last_mut() {
            Some(part) if part.starts_with('-') && !word.starts_with('-') => *part += &format!(" {quoted}"),
            _ => parts.push(quoted),
        }
    }
    parts
}

/// az's `secret=VALUE` as it is for a secret from the standard input.
fn without_secret(word: &str) -> String {
    for begin in ["secret=", "--secret=secret=", "--service-principal=secret="] {
        if word.starts_with(begin) {
            return format!("{begin}@-");
        }
    }
    word.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(words: &[&str]) -> CommandLine {
        CommandLine { words: words.iter().map(OsString::from).collect() }
    }

    #[test]
    fn a_command_line_is_shown_as_a_shell_takes_it() {
        let line =
            line(&["/bin/sc", "connection", "create", "sql", "--database", "it's a shop", "-n", "shop"]);
        assert_eq!(line.shown("sc"), r#"sc connection create sql --database "it's a shop" -n shop"#);
    }

    #[test]
    fn a_long_one_is_broken_between_options() {
        let long = "x".repeat(60);
        let line = line(&["sc", "connection", "create", "--host", &long, "--database", &long]);
        let shown = line.shown("sc");
        assert_eq!(shown, format!("sc connection create --host {long} \\\n    --database {long}"));
    }

    #[test]
    fn a_secret_is_not_shown() {
        let line = line(&["sc", "connection", "create", "sql", "--secret", "name=app", "secret=canary"]);
        assert!(!line.shown("sc").contains("canary"));
        assert!(line.shown("sc").ends_with("--secret 'name=app' 'secret=@-'"), "{}", line.shown("sc"));
    }

    #[test]
    fn one_secret_alone_comes_by_the_standard_input() {
        let line = line(&["sc", "connection", "create", "x", "--a-stdin", "--b-stdin", "-n", "shop"]);
        assert_eq!(line.shown("sc"), "sc connection create x --a-stdin --b-file FILE -n shop");
    }

    #[test]
    fn answers_come_before_what_is_no_option() {
        let mut line = line(&["sc", "connection", "create", "sql", "--", "orders"]);
        line.extend(&["--database".to_owned(), "shop".to_owned()]);
        assert_eq!(line.shown("sc"), "sc connection create sql --database shop -- orders");
    }
}
