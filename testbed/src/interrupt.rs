//! Stopping in the middle: after [`interrupt`] nothing new is started, and what was being run is ended.

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use crate::error::{Result, TestbedError, last_lines};

#[derive(Default)]
struct Running {
    interrupted: bool,
    groups: Vec<Pid>,
    /// Those that can stop by themselves when they are asked to.
    asked: Vec<Pid>,
    unstoppable: usize,
}

static RUNNING: Mutex<Running> =
    Mutex::new(Running { interrupted: false, groups: Vec::new(), asked: Vec::new(), unstoppable: 0 });

/// How long a program may take to stop that was asked to.
const GRACE: Duration = Duration::from_secs(15);

fn running() -> MutexGuard<'static, Running> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ends what this process is building and lets nothing new start. For a signal handler's thread: the call that
/// was bringing something up takes it down again and fails with [`TestbedError::Interrupted`].
pub fn interrupt() {
    let mut guard = running();
    guard.interrupted = true;
    signal(&guard.groups, Signal::KILL);
    signal(&guard.asked, Signal::INT);
    drop(guard);
    let start = Instant::now();
    while !running().asked.is_empty() && start.elapsed() < GRACE {
        thread::sleep(Duration::from_millis(50));
    }
    signal(&running().asked, Signal::KILL);
    // An installation of packages cut in half would have to be mended by hand.
    while running().unstoppable > 0 {
        thread::sleep(Duration::from_millis(50));
    }
}

/// Ends what this process runs without waiting for anything, for a person who has asked twice. What that leaves is
/// removed by the next run.
pub fn abandon() {
    let guard = running();
    signal(&guard.groups, Signal::KILL);
    signal(&guard.asked, Signal::KILL);
}

fn signal(groups: &[Pid], signal: Signal) {
    for group in groups {
        let _already_gone = kill_process_group(*group, signal);
    }
}

/// Fails when the process was asked to stop.
pub(crate) fn check() -> Result<()> {
    if running().interrupted { Err(TestbedError::Interrupted) } else { Ok(()) }
}

/// Starts a program unless the process was asked to stop; there is no moment between the two.
pub(crate) fn spawn(command: &mut Command, doing: &str) -> Result<Child> {
    let guard = running();
    if guard.interrupted {
        return Err(TestbedError::Interrupted);
    }
    let child = command.spawn();
    drop(guard);
    child.map_err(|error| not_started(command, doing, &error))
}

/// Runs a program to its end, in a process group of its own that [`interrupt`] ends.
pub(crate) fn run(command: &mut Command, doing: &str) -> Result<Output> {
    run_with_input(command, doing, "")
}

/// The same, for a program that reads: what must not be seen among its arguments.
pub(crate) fn run_with_input(command: &mut Command, doing: &str, input: &str) -> Result<Output> {
    command.stderr(Stdio::piped());
    run_as(command, doing, input, Stop::AtOnce)
}

/// Runs a program to its end and shows what it writes to standard error; [`interrupt`] ends it.
pub fn run_shown(command: &mut Command, doing: &str) -> Result<Output> {
    command.stderr(Stdio::inherit());
    run_as(command, doing, "", Stop::AtOnce).map_err(|error| match error {
        // The person has read it already; standard output is for the caller.
        TestbedError::Command { doing, how, .. } => TestbedError::Command { doing, how, said: String::new() },
        error => error,
    })
}

/// Runs a program to its end before the eyes of the person: its outputs are the caller's. [`interrupt`] asks it to stop
/// as Ctrl-C does, and waits a while for that.
pub fn run_in_view(command: &mut Command, input: Stdio, doing: &str) -> Result<ExitStatus> {
    command.stdin(input).process_group(0);
    let mut guard = running();
    if guard.interrupted {
        return Err(TestbedError::Interrupted);
    }
    let mut child = command.spawn().map_err(|error| not_started(command, doing, &error))?;
    let group = Pid::from_child(&child);
    guard.asked.push(group);
    drop(guard);
    let ended = child.wait();
    let mut guard = running();
    guard.asked.retain(|other| *other != group);
    if guard.interrupted {
        // What it has started and not taken along.
        signal(&[group], Signal::KILL);
        return Err(TestbedError::Interrupted);
    }
    drop(guard);
    ended.map_err(|error| not_started(command, doing, &error))
}

/// Runs a program to its end, even when the process is asked to stop meanwhile.
pub(crate) fn run_whole(command: &mut Command, doing: &str) -> Result<Output> {
    command.stderr(Stdio::piped());
    run_as(command, doing, "", Stop::Never)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stop {
    AtOnce,
    Never,
}

fn run_as(command: &mut Command, doing: &str, input: &str, stop: Stop) -> Result<Output> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).process_group(0);
    let mut guard = running();
    if guard.interrupted {
        return Err(TestbedError::Interrupted);
    }
    let mut child = command.spawn().map_err(|error| not_started(command, doing, &error))?;
    let group = Pid::from_child(&child);
    match stop {
        Stop::AtOnce => guard.groups.push(group),
        Stop::Never => guard.unstoppable += 1,
    }
    drop(guard);
    if let Some(mut stdin) = child.stdin.take() {
        // A program that ends without reading tells by its status why.
        let _unread = stdin.write_all(input.as_bytes());
    }
    let output = child.wait_with_output();
    let mut guard = running();
    match stop {
        Stop::AtOnce => guard.groups.retain(|other| *other != group),
        Stop::Never => guard.unstoppable -= 1,
    }
    let interrupted = guard.interrupted;
    drop(guard);
    let output = output.map_err(|error| not_started(command, doing, &error))?;
    if interrupted && !output.status.success() {
        return Err(TestbedError::Interrupted);
    }
    succeeded(output, doing)
}

/// The output of a program that ended well, or the error that tells its last words.
fn succeeded(output: Output, doing: &str) -> Result<Output> {
    if output.status.success() {
        return Ok(output);
    }
    let said = if output.stderr.is_empty() { &output.stdout } else { &output.stderr };
    let said = last_lines(&String::from_utf8_lossy(said));
    Err(TestbedError::Command { doing: doing.to_owned(), how: how(output.status), said })
}

fn how(status: ExitStatus) -> String {
    format!("the program ended with {status}")
}

fn not_started(command: &Command, doing: &str, error: &std::io::Error) -> TestbedError {
    let how = format!("`{}` does not run: {error}", command.get_program().to_string_lossy());
    TestbedError::Command { doing: doing.to_owned(), how, said: String::new() }
}
