//! A command that asks no cluster: how long `sc` takes to start, with the whole catalog in it.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::Result;
use crate::figures::{Figures, median};

/// How often it is measured.
const RUNS: usize = 40;
/// What it may take, in milliseconds.
const LIMIT: f64 = 15.0;

/// The table of target services with all variables, from the call to the end.
pub(crate) fn catalog_table(binary: &Path, figures: &mut Figures) -> Result<()> {
    let mut times = Vec::new();
    for _ in 0..RUNS {
        let mut table = Command::new(binary);
        table.args(["connection", "list-support-types", "--show-keys"]).stdout(Stdio::null());
        let begun = Instant::now();
        if !table.status()?.success() {
            return Err("`sc connection list-support-types` failed".into());
        }
        times.push(begun.elapsed().as_secs_f64() * 1000.0);
    }
    let slowest = times.iter().copied().fold(0.0, f64::max);
    let note = format!(
        "`sc connection list-support-types --show-keys`, median of {RUNS}; the slowest took {slowest:.1} ms"
    );
    figures.note("the table of target services", "ms", median(&times), LIMIT, 1.0, note);
    Ok(())
}
