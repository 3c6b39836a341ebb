//! A program that keeps running inside a sandbox: started, watched, ended.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::PathBuf;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use crate::error::{Result, TestbedError, last_lines_of};
use crate::folders::ClusterFolder;
use crate::interrupt;
use crate::sandbox::Sandbox;

/// Leaves the process number where others find it, then becomes the program.
const BECOME: &str = r#"echo $$ >"/run/pids/$1"; shift; exec "$@""#;

/// What to run.
pub(crate) struct Program {
    name: &'static str,
    arguments: Vec<OsString>,
    variables: Vec<(&'static str, String)>,
}

impl Program {
    /// A program and its path, or its name in `/run/programs` or Debian's folders.
    pub(crate) fn new(name: &'static str, path: impl Into<OsString>) -> Self {
        Self { name, arguments: vec![path.into()], variables: Vec::new() }
    }

    pub(crate) fn args<A: Into<OsString>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    /// For what must not be seen among the arguments.
    pub(crate) fn variable(mut self, name: &'static str, value: String) -> Self {
        self.variables.push((name, value));
        self
    }

    /// Runs as that user instead of root.
    pub(crate) fn run_by(mut self, user: &str) -> Self {
        let change = ["setpriv", "--reuid", user, "--regid", user, "--init-groups", "--"];
        self.arguments.splice(0..0, change.map(OsString::from));
        self
    }

    /// Starts it as a child of the sandbox's process 1.
    pub(crate) fn start(self, sandbox: &Sandbox, folder: &ClusterFolder) -> Result<Running> {
        interrupt::check()?;
        let log = folder.log(self.name);
        let output = || File::options().create(true).append(true).open(&log);
        let pid_file = folder.join("pids").join(self.name);
        let _none_yet = fs::remove_file(&pid_file);
        let mut command = sandbox.inside("setsid");
        command.args(["--fork", "sh", "-c", BECOME, "sh", self.name]).args(self.arguments);
        command.env_clear();
        command.env("PATH", "/run/programs:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        command.env("HOME", "/tmp").envs(self.variables);
        command.stdin(Stdio::null());
        command.stdout(output().map_err(TestbedError::file("open", &log))?);
        command.stderr(output().map_err(TestbedError::file("open", &log))?);
        let doing = format!("start {}", self.name);
        let mut child = interrupt::spawn(&mut command, &doing)?;
        let status = child.wait().map_err(TestbedError::file("start the program of", &log))?;
        if !status.success() {
            let said = last_lines_of(&log);
            return Err(TestbedError::Command { doing, how: format!("nsenter ended with {status}"), said });
        }
        Ok(Running { name: self.name, log, pid_file, sandbox: sandbox.clone() })
    }
}

/// A program that was started.
#[derive(Debug)]
pub(crate) struct Running {
    name: &'static str,
    log: PathBuf,
    pid_file: PathBuf,
    sandbox: Sandbox,
}

impl Running {
    /// One that was started by this process or another.
    pub(crate) fn find(name: &'static str, sandbox: &Sandbox, folder: &ClusterFolder) -> Self {
        let pid_file = folder.join("pids").join(name);
        Self { name, log: folder.log(name), pid_file, sandbox: sandbox.clone() }
    }

    fn process(&self) -> Option<u32> {
        fs::read_to_string(&self.pid_file).ok()?.trim().parse().ok()
    }

    pub(crate) fn runs(&self) -> bool {
        self.process().is_some_and(|process| self.sandbox.runs(process))
    }

    /// Asks until the answer is yes. A question answers `Err(what was seen)` for "not yet".
    pub(crate) fn wait<T>(
        &self,
        what: &str,
        limit: Duration,
        mut question: impl FnMut() -> std::result::Result<T, String>,
    ) -> Result<T> {
        let start = Instant::now();
        loop {
            interrupt::check()?;
            let saw = match question() {
                Ok(answer) => return Ok(answer),
                Err(saw) => saw,
            };
            let known = self.process().is_some();
            if (known && !self.runs()) || (!known && start.elapsed() > Duration::from_secs(5)) {
                let (log, said) = (self.log.clone(), last_lines_of(&self.log));
                return Err(TestbedError::Died { program: self.name.to_owned(), log, said });
            }
            if start.elapsed() > limit {
                return Err(TestbedError::TimedOut {
                    what: what.to_owned(),
                    after: limit,
                    saw,
                    log: self.log.clone(),
                    said: last_lines_of(&self.log),
                });
            }
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until something listens on the port.
    pub(crate) fn wait_for_port(&self, port: u16, limit: Duration) -> Result<()> {
        let what = format!("{} on port {port}", self.name);
        self.wait(&what, limit, || self.sandbox.connect(port).map(drop).map_err(|error| error.to_string()))
    }

    /// Ends it at once, as a crash would, and waits until it is gone.
    pub(crate) fn kill(&self) -> Result<()> {
        let Some(process) = self.process().filter(|process| self.sandbox.runs(*process)) else {
            return Ok(());
        };
        let mut kill = self.sandbox.inside("sh");
        kill.args(["-c", r#"kill -9 "$1""#, "sh", &process.to_string()]);
        let doing = format!("end {}", self.name);
        interrupt::run(&mut kill, &doing)?;
        let start = Instant::now();
        while self.sandbox.runs(process) {
            if start.elapsed() > Duration::from_secs(10) {
                let how = format!("process {process} does not end");
                return Err(TestbedError::Command { doing, how, said: String::new() });
            }
            thread::sleep(Duration::from_millis(2));
        }
        Ok(())
    }
}
