//! What can go wrong, told with the last lines of the log that knows why.

use std::path::{Path, PathBuf};
use std::time::Duration;

/// The result of everything here.
pub type Result<T> = std::result::Result<T, TestbedError>;

/// Why a cluster or a service is not there.
#[derive(Debug, thiserror::Error)]
pub enum TestbedError {
    /// The machine lacks something that this crate may not or cannot install.
    #[error("this machine cannot run the testbed: {lacks}. {remedy}")]
    Machine {
        /// What is missing.
        lacks: String,
        /// What a person can do about it.
        remedy: String,
    },
    /// A cluster's name becomes part of paths and cgroups.
    #[error("`{0}` is not a cluster name: use 1 to 30 of a-z, 0-9 and `-`")]
    Name(String),
    /// No cluster of that name runs.
    #[error("no cluster `{0}` is running; `cargo xtask cluster up --name {0}` starts one")]
    NotRunning(String),
    /// The cluster runs, but without what was asked for.
    #[error("the cluster `{name}` {lacks}")]
    Unfit {
        /// The cluster.
        name: String,
        /// What it doesn't have.
        lacks: String,
    },
    /// A file could not be read or written.
    #[error("cannot {doing} {}: {source}", path.display())]
    File {
        /// A verb.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// A program that should do something and end could not be started or failed.
    #[error("cannot {doing}: {how}{}", tail(said))]
    Command {
        /// A verb and its object.
        doing: String,
        /// The exit status, or why it didn't start.
        how: String,
        /// Its last words.
        said: String,
    },
    /// A program that should keep running ended.
    #[error("{program} ended before it was ready; its log is {}{}", log.display(), tail(said))]
    Died {
        /// Its name.
        program: String,
        /// Its log.
        log: PathBuf,
        /// The log's last lines.
        said: String,
    },
    /// Something was not ready in time.
    #[error("{what} was not ready after {} s ({saw}); see the log {}{}", after.as_secs(), log.display(), tail(said))]
    TimedOut {
        /// What was waited for.
        what: String,
        /// For how long.
        after: Duration,
        /// What was seen instead.
        saw: String,
        /// The log of the program that should have been ready.
        log: PathBuf,
        /// The log's last lines.
        said: String,
    },
    /// The API server's answer was not the one hoped for.
    #[error("GET {path} on the API server: {saw}")]
    Api {
        /// The path of the request.
        path: String,
        /// The status or the error.
        saw: String,
    },
    /// A key or a certificate could not be made.
    #[error("cannot make a certificate: {0}")]
    Certificate(#[from] rcgen::Error),
    /// The person, or the test runner, asked to stop.
    #[error("interrupted")]
    Interrupted,
}

impl TestbedError {
    /// For `map_err` on a file operation.
    pub(crate) fn file(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::File { doing, path, source }
    }
}

fn tail(said: &str) -> String {
    if said.trim().is_empty() {
        String::new()
    } else {
        format!("\n  | {}", said.trim_end().replace('\n', "\n  | "))
    }
}

/// The last lines of a text, for an error message.
pub(crate) fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(12)..].join("\n")
}

/// The last lines of a log file; nothing if there is none.
pub(crate) fn last_lines_of(log: &Path) -> String {
    std::fs::read(log).map(|bytes| last_lines(&String::from_utf8_lossy(&bytes))).unwrap_or_default()
}
