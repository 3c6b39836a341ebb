//! What the person reads: chapters, timings, and command lines as they are run.

use std::ffi::OsStr;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use sc_testbed::{Lines, Progress, Result, TestbedError, run_in_view};

/// Begins a part of the story.
pub(super) fn chapter(title: &str) {
    static NUMBER: AtomicU32 = AtomicU32::new(1);
    println!("\n{}. {title}\n", NUMBER.fetch_add(1, Ordering::Relaxed));
}

/// Something was done that began then.
pub(super) fn told(what: &str, begun: Instant) {
    Lines.done(what, begun.elapsed());
}

/// A path as short as it can be typed from here.
pub(super) fn shown_path(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(here).unwrap_or(path).display().to_string()
}

/// A command line that is shown and then run, so that what the person sees is what happens.
pub(super) struct Call {
    command: Command,
    line: String,
    input: Option<PathBuf>,
}

impl Call {
    pub(super) fn new(command: Command, shown_as: &str) -> Self {
        Self { command, line: shown_as.to_owned(), input: None }
    }

    pub(super) fn words<'a>(mut self, words: impl IntoIterator<Item = &'a str>) -> Self {
        for word in words {
            self.add(word, word);
        }
        self
    }

    pub(super) fn option(self, name: &str, value: &str) -> Self {
        self.words([name, value])
    }

    pub(super) fn file(mut self, path: &Path) -> Self {
        self.add(path, &shown_path(path));
        self
    }

    pub(super) fn file_option(self, name: &str, path: &Path) -> Self {
        self.words([name]).file(path)
    }

    /// What it reads: for what must not be seen among the arguments.
    pub(super) fn input(mut self, path: &Path) -> Self {
        self.input = Some(path.to_path_buf());
        self
    }

    /// The line as it is shown.
    pub(super) fn line(&self) -> &str {
        &self.line
    }

    /// The command alone, to be run behind the scene.
    pub(super) fn into_command(self) -> Command {
        self.command
    }

    fn add(&mut self, argument: impl AsRef<OsStr>, shown: &str) {
        self.command.arg(argument);
        self.line += " ";
        self.line += &quoted(shown);
    }

    /// Shows it, and runs it with its own output.
    pub(super) fn run(mut self, doing: &str) -> Result<()> {
        let input = match &self.input {
            None => Stdio::null(),
            Some(path) => {
                self.line += &format!(" < {}", quoted(&shown_path(path)));
                let file = File::open(path);
                file.map_err(|source| TestbedError::File { doing: "read", path: path.clone(), source })?
                    .into()
            }
        };
        println!("$ {}", self.line);
        let ended = run_in_view(&mut self.command, input, doing)?;
        if ended.success() {
            return Ok(());
        }
        Err(TestbedError::Command {
            doing: doing.to_owned(),
            how: format!("the command above ended with {ended}"),
            said: String::new(),
        })
    }

    /// Runs it without a word and gives back what it writes, also when it fails.
    pub(super) fn quietly(mut self) -> Result<String> {
        self.command.stderr(Stdio::null()).stdin(Stdio::null());
        let output = self.command.output();
        let unstartable = |error: std::io::Error| TestbedError::Command {
            doing: format!("run {}", self.line),
            how: error.to_string(),
            said: String::new(),
        };
        Ok(String::from_utf8_lossy(&output.map_err(unstartable)?.stdout).into_owned())
    }
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@,+%".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shown_line_can_be_typed() {
        let call = Call::new(Command::new("sc"), "sc").words(["a", "b c"]).option("--d", "it's");
        assert_eq!(call.line, r"sc a 'b c' --d 'it'\''s'");
    }
}
