//! A program as a person calls it, and what it said.

use std::ffi::OsStr;
use std::io::{Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

/// No call takes longer; one that does hangs.
const LIMIT: Duration = Duration::from_secs(240);

/// A program about to be called.
#[derive(Debug)]
#[must_use = "a call does nothing until it is expected to succeed or fail, or started"]
pub struct Call {
    command: Command,
    line: String,
    stdin: String,
    is_group: bool,
}

impl Call {
    pub(crate) fn new(command: Command, program: &str) -> Self {
        Self { command, line: program.to_owned(), stdin: String::new(), is_group: false }
    }

    /// More arguments, separated by blanks.
    pub fn args(mut self, arguments: impl AsRef<str>) -> Self {
        for argument in arguments.as_ref().split_whitespace() {
            self = self.arg(argument);
        }
        self
    }

    /// One more argument, blanks and all.
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.line += &format!(" {}", argument.as_ref().to_string_lossy());
        self.command.arg(argument);
        self
    }

    /// Nothing in its environment but where programs are found.
    pub fn with_nothing(mut self) -> Self {
        let path = std::env::var_os("PATH").unwrap_or_default();
        self.command.env_clear().env("PATH", path);
        self
    }

    /// A variable of its environment.
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// What it reads from the standard input.
    pub fn stdin(mut self, text: impl Into<String>) -> Self {
        self.stdin = text.into();
        self
    }

    /// A signal to it is one to the programs it calls, too.
    pub fn as_group(mut self) -> Self {
        self.command.process_group(0);
        self.is_group = true;
        self
    }

    /// Starts it and goes on.
    pub fn start(mut self) -> Started {
        self.command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let begun = Instant::now();
        let mut child = self.command.spawn().expect("the program starts");
        let mut stdin = child.stdin.take().expect("a pipe");
        // Who ends without reading has said why by its exit code.
        let _unread = stdin.write_all(self.stdin.as_bytes());
        drop(stdin);
        let stdout = listen(child.stdout.take());
        let stderr = listen(child.stderr.take());
        Started { child, is_group: self.is_group, line: self.line, begun, stdout, stderr }
    }

    /// Runs it to its end, whatever that is.
    pub fn run(self) -> Said {
        self.start().ends()
    }

    /// Runs it and expects exit code 0.
    #[track_caller]
    pub fn succeeds(self) -> Said {
        let said = self.run();
        assert_eq!(said.code, Some(0), "{said}");
        said
    }

    /// Runs it and expects this exit code.
    #[track_caller]
    pub fn fails_with(self, code: i32) -> Said {
        let said = self.run();
        assert_eq!(said.code, Some(code), "{said}");
        said
    }

    /// Runs it and expects any other exit code than 0.
    #[track_caller]
    pub fn fails(self) -> Said {
        let said = self.run();
        assert_ne!(said.code, Some(0), "{said}");
        said
    }
}

fn listen(pipe: Option<impl Read + Send + 'static>) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            let _cut_off = pipe.read_to_end(&mut bytes);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// A program that runs.
#[derive(Debug)]
pub struct Started {
    child: Child,
    is_group: bool,
    line: String,
    begun: Instant,
    stdout: JoinHandle<String>,
    stderr: JoinHandle<String>,
}

impl Started {
    /// Sends it a signal, unless it has ended.
    pub fn signal(&self, signal: Signal) {
        if let Ok(process) = i32::try_from(self.child.id()) {
            let _gone = kill(Pid::from_raw(if self.is_group { -process } else { process }), signal);
        }
    }

    /// Whether it still runs.
    pub fn runs(&mut self) -> bool {
        self.child.try_wait().expect("a child can be asked").is_none()
    }

    /// Waits for its end.
    #[track_caller]
    pub fn ends(mut self) -> Said {
        while self.runs() {
            if self.begun.elapsed() > LIMIT {
                self.signal(Signal::SIGKILL);
                panic!("`{}` didn't end within {} s", self.line, LIMIT.as_secs());
            }
            thread::sleep(Duration::from_millis(5));
        }
        let code = self.child.wait().expect("it has ended").code();
        let took = self.begun.elapsed();
        let heard = |listener: JoinHandle<String>| listener.join().expect("the listener doesn't panic");
        Said { line: self.line, code, stdout: heard(self.stdout), stderr: heard(self.stderr), took }
    }
}

/// What a program said, and how it ended.
#[derive(Debug, Clone)]
pub struct Said {
    line: String,
    /// The exit code; none when a signal ended it.
    pub code: Option<i32>,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error output.
    pub stderr: String,
    /// How long it took.
    pub took: Duration,
}

impl Said {
    /// The standard output as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("no JSON ({error}): {self}"))
    }

    /// The error that `sc -o json` ends its standard error output with.
    #[track_caller]
    pub fn error(&self) -> Value {
        let begin = self.stderr.rfind("\n{").map_or(0, |line| line + 1);
        let body: Value = serde_json::from_str(&self.stderr[begin..])
            .unwrap_or_else(|error| panic!("no JSON at the end of the errors ({error}): {self}"));
        body["error"].clone()
    }

    /// Everything it said.
    pub fn everything(&self) -> String {
        format!("{}\n{}", self.stdout, self.stderr)
    }

    /// Expects that it said this, on either output.
    #[track_caller]
    pub fn says(&self, part: &str) -> &Self {
        assert!(self.everything().contains(part), "`{part}` isn't in what it said: {self}");
        self
    }
}

impl std::fmt::Display for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { line, code, stdout, stderr, took } = self;
        let code = code.map_or_else(|| "a signal".to_owned(), |code| format!("exit code {code}"));
        write!(
            f,
            "\n$ {line}\n{code} after {:.1} s\n--- stdout\n{stdout}\n--- stderr\n{stderr}",
            took.as_secs_f32()
        )
    }
}
