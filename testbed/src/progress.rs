//! What a person may be told while a cluster comes up.

use std::time::{Duration, Instant};

/// Someone who listens to what is going on.
pub trait Progress: Sync {
    /// Something begins that takes long enough to say so beforehand.
    fn begins(&self, what: &str);
    /// Something is done.
    fn done(&self, what: &str, took: Duration);
}

/// Nobody listens.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn begins(&self, _: &str) {}
    fn done(&self, _: &str, _: Duration) {}
}

/// Lines with timings on standard error.
#[derive(Debug, Clone, Copy, Default)]
pub struct Lines;

impl Progress for Lines {
    fn begins(&self, what: &str) {
        eprintln!("  …      {what}");
    }

    fn done(&self, what: &str, took: Duration) {
        eprintln!("  {:>5.1}s {what}", took.as_secs_f64());
    }
}

/// Does something and tells how long it took.
pub(crate) fn timed<T, E>(
    progress: &dyn Progress,
    what: &str,
    work: impl FnOnce() -> Result<T, E>,
) -> Result<T, E> {
    let start = Instant::now();
    let result = work()?;
    progress.done(what, start.elapsed());
    Ok(result)
}
