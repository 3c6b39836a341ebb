//! The terminal while somebody is asked: nothing that is typed shows but by a prompt, and afterwards it is as it was.

use std::fs::File;
use std::io::{ErrorKind, IsTerminal as _, Write as _};
use std::os::fd::OwnedFd;
use std::time::Duration;

use inquire::{InquireError, error::InquireResult};
use rustix::stdio::dup2_stdin;
use rustix::termios::{LocalModes, OptionalActions, QueueSelector, Termios, tcflush, tcgetattr, tcsetattr};
use sc_model::{Failure, FailureCode, Result};

use crate::arguments::{Global, OutputFormat};
use crate::interactive::{patiently, stopped};

/// Whether a person sits at the terminal and is to be asked.
pub(super) fn is_attended(global: &Global) -> bool {
    let is = |name: &str, value: &str| std::env::var(name).is_ok_and(|set| set == value);
    global.output == OutputFormat::Table
        && !global.quiet
        && std::io::stdin().is_terminal()
        && std::io::stderr().is_terminal()
        && !is("TERM", "dumb")
        && !is("CI", "true")
}

/// The terminal, taken for questions; given back when it is dropped.
///
/// The prompts' library reads key by key and puts the terminal back between two keys. What is typed or pasted in between
/// would be echoed, a secret too; so the terminal is without echo for as long as there are questions.
pub(super) struct Terminal {
    /// A way to it of its own, which stays when the prompts' is taken away.
    device: OwnedFd,
    before: Termios,
}

impl Terminal {
    pub(super) fn take() -> Result<Self> {
        let unusable = |error| Failure::local("can't ask at this terminal", error);
        let device = rustix::io::dup(std::io::stdin()).map_err(unusable)?;
        let before = tcgetattr(&device).map_err(unusable)?;
        let mut quiet = before.clone();
        quiet.local_modes.remove(LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ICANON);
        tcsetattr(&device, OptionalActions::Drain, &quiet).map_err(unusable)?;
        Ok(Self { device, before })
    }

    /// Shows a prompt and waits for its answer, or for a signal.
    pub(super) async fn prompt<T: Send + 'static>(
        &self,
        prompt: impl FnOnce() -> InquireResult<T> + Send + 'static,
    ) -> Result<T> {
        tokio::select! {
            biased;
            answer = patiently(move || prompt().map_err(failure)) => answer,
            () = stopped() => {
                self.forsake_prompt();
                Err(nothing_changed())
            }
        }
        // A prompt that was left may stand in the middle of a line.
        .inspect_err(|_| eprint!("\r\n\x1b[J"))
    }

    /// Takes the terminal away from a prompt that nothing can end: it waits for a key in its thread, and each key would
    /// make it set up the terminal anew, be it already given back. Half a secret isn't left for the shell to read.
    fn forsake_prompt(&self) {
        if let Ok(nothing) = File::open("/dev/null") {
            let _ = dup2_stdin(nothing);
        }
        let _ = tcflush(&self.device, QueueSelector::IFlush);
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // A list hides the cursor while it is drawn.
        eprint!("\x1b[?25h");
        let _ = std::io::stderr().flush();
        let _ = tcsetattr(&self.device, OptionalActions::Drain, &self.before);
    }
}

/// Takes away what was typed or pasted ahead; whether there was something.
pub(super) fn discard_pending() -> bool {
    // What is pasted comes in pieces.
    std::thread::sleep(Duration::from_millis(20));
    let stdin = std::io::stdin();
    let is_pending = rustix::io::ioctl_fionread(&stdin).is_ok_and(|bytes| bytes > 0);
    if is_pending {
        let _ = tcflush(&stdin, QueueSelector::IFlush);
    }
    is_pending
}

/// The failure of a person who thought better of it.
pub(super) fn nothing_changed() -> Failure {
    Failure::new(FailureCode::Interrupted, "nothing was changed")
        .remedied_by("Run the same command again to begin anew.")
}

fn failure(error: InquireError) -> Failure {
    match error {
        InquireError::OperationCanceled | InquireError::OperationInterrupted => nothing_changed(),
        // That is how the library tells of Ctrl-C.
        InquireError::IO(error) if error.kind() == ErrorKind::Interrupted => nothing_changed(),
        error => Failure::local("can't ask at this terminal", error),
    }
}
