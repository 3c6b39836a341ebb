//! Waiting for what happens without being asked for.

use std::thread;
use std::time::{Duration, Instant};

/// As long as anything may take that a story waits for, on a busy machine.
pub const SOON: Duration = Duration::from_secs(60);

/// Looks until something is there, and gives it back. After [`SOON`] the story fails.
#[track_caller]
pub fn eventually<T>(what: &str, look: impl FnMut() -> Option<T>) -> T {
    eventually_within(SOON, what, look)
}

/// [`eventually`] with a limit of its own.
#[track_caller]
pub fn eventually_within<T>(limit: Duration, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < limit, "not within {} s: {what}", limit.as_secs());
        thread::sleep(Duration::from_millis(150));
    }
}
