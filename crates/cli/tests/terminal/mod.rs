//! A person at a pseudo-terminal: types, and reads what shows.
//!
//! Its own few lines, because `rexpect` switches the echo off, and it is the echo of a secret that is looked for here.
#![allow(dead_code, reason = "each test file uses a part")]

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::process::{Child, Command};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Termios, Winsize, tcgetattr, tcsetwinsize};

/// No answer of a program at a terminal takes longer, a machine with much to do included.
const PATIENCE: Duration = Duration::from_secs(60);

/// A program at a terminal.
pub(crate) struct AtTerminal {
    child: Child,
    keyboard: File,
    terminal: OwnedFd,
    before: Termios,
    shown: Arc<Mutex<Vec<u8>>>,
    /// How far the person has read.
    read: usize,
}

impl AtTerminal {
    /// Starts a program at a terminal that echoes what is typed, as terminals do.
    pub(crate) fn start(mut command: Command) -> Self {
        let keyboard = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&keyboard).unwrap();
        unlockpt(&keyboard).unwrap();
        let name = ptsname(&keyboard, Vec::new()).unwrap().into_string().unwrap();
        let terminal = File::options().read(true).write(true).open(name).unwrap();
        let size = Winsize { ws_row: 40, ws_col: 120, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&terminal, size).unwrap();
        let before = tcgetattr(&terminal).unwrap();
        assert!(before.local_modes.contains(LocalModes::ECHO | LocalModes::ICANON));

        for stream in [Command::stdin, Command::stdout, Command::stderr] {
            stream(&mut command, terminal.try_clone().unwrap());
        }
        command.env("TERM", "xterm").env("NO_COLOR", "1").env_remove("CI");
        let child = command.spawn().unwrap();
        let keyboard = File::from(keyboard);
        let (mut screen, shown) = (keyboard.try_clone().unwrap(), Arc::<Mutex<Vec<u8>>>::default());
        let kept = Arc::clone(&shown);
        thread::spawn(move || {
            let mut piece = [0; 4096];
            while let Ok(length @ 1..) = screen.read(&mut piece) {
                kept.lock().unwrap().extend(&piece[..length]);
            }
        });
        Self { child, keyboard, terminal: terminal.into(), before, shown, read: 0 }
    }

    /// Waits until this shows, behind what was read so far.
    #[track_caller]
    pub(crate) fn sees(&mut self, text: &str) -> &mut Self {
        let begun = Instant::now();
        loop {
            let shown = self.shown.lock().unwrap().clone();
            let fresh = &shown[self.read..];
            if let Some(place) = fresh.windows(text.len()).position(|window| window == text.as_bytes()) {
                self.read += place + text.len();
                return self;
            }
            let is_late = begun.elapsed() > PATIENCE;
            assert!(!is_late, "`{text}` doesn't show; behind what was read there is\n{}", readable(fresh));
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Types.
    pub(crate) fn types(&mut self, keys: &str) -> &mut Self {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
        self
    }

    /// Types, and ends with Enter.
    pub(crate) fn answers(&mut self, answer: &str) -> &mut Self {
        self.types(answer).types("\r")
    }

    /// Sends a signal.
    pub(crate) fn signals(&mut self, signal: Signal) -> &mut Self {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
        self
    }

    /// The command line that everybody on the machine can see.
    pub(crate) fn command_line(&self) -> String {
        let words = std::fs::read(format!("/proc/{}/cmdline", self.child.id())).unwrap();
        String::from_utf8_lossy(&words).replace('\0', " ")
    }

    /// Waits for the end; checks that the terminal is as it was, and gives all that was shown.
    #[track_caller]
    pub(crate) fn ends_with(&mut self, code: i32) -> String {
        let begun = Instant::now();
        let status = loop {
            match self.child.try_wait().unwrap() {
                Some(status) => break status,
                None if begun.elapsed() > PATIENCE => {
                    panic!("it doesn't end:\n{}", readable(&self.shown.lock().unwrap()))
                }
                None => thread::sleep(Duration::from_millis(10)),
            }
        };
        // What was written last is on its way.
        thread::sleep(Duration::from_millis(100));
        let shown = readable(&self.shown.lock().unwrap());
        assert_eq!(status.code(), Some(code), "{shown}");
        let after = tcgetattr(&self.terminal).unwrap();
        assert_eq!(after.local_modes, self.before.local_modes, "echo and lines are as they were");
        assert_eq!(after.input_modes, self.before.input_modes);
        let (hidden, visible) = (shown.rfind("\x1b[?25l"), shown.rfind("\x1b[?25h"));
        assert!(hidden <= visible, "the cursor shows: {shown}");
        shown
    }
}

impl Drop for AtTerminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn readable(shown: &[u8]) -> String {
    String::from_utf8_lossy(shown).into_owned()
}
