//! Ctrl-C and SIGTERM: what was coming up is taken down before the process ends.

use std::thread;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// The exit code of a command that was asked to stop.
pub(crate) const INTERRUPTED: u8 = 130;

/// Lets the first signal stop the testbed's work in order; a second one ends the process at once.
pub(crate) fn on_signals() {
    let Ok(mut signals) = Signals::new([SIGINT, SIGTERM, SIGHUP]) else { return };
    thread::spawn(move || {
        let mut asked = false;
        for _signal in signals.forever() {
            if asked {
                sc_testbed::abandon();
                std::process::exit(INTERRUPTED.into());
            }
            asked = true;
            eprintln!("Stopping …");
            thread::spawn(sc_testbed::interrupt);
        }
    });
}
