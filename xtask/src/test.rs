//! `cargo xtask test`: every test, those on a real cluster included, and nothing left afterwards.

use std::process::{ExitCode, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use clap::Args;
use sc_testbed::{Cluster, Lines, Result, TestbedError, run_in_view, traces};

use crate::build;
use crate::stop;

/// The clusters of tests have names that begin so.
const OURS: &str = "test";

/// What the tests carry as if they were called on a cluster of this name, so that a run that was killed can be ended
/// by the next.
const RUN: &str = "test-run";

#[derive(Args)]
pub(crate) struct Test {
    /// Run only the tests whose names contain one of these
    filter: Vec<String>,
}

impl Test {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let mut parts = Parts::default();
        parts.time("what earlier runs left was removed", sweep)?;
        parts.time("the machine has what it needs", || Cluster::prepare(&Lines))?;
        let ended = parts.run(&self.filter);
        // However the tests ended.
        parts.time("the tests' clusters removed", sweep)?;
        let left = traces(OURS);
        parts.tell();
        let ended = match ended {
            Err(TestbedError::Interrupted) => {
                eprintln!("Interrupted: nothing is left running.");
                return Ok(ExitCode::from(stop::INTERRUPTED));
            }
            ended => ended?,
        };
        if !left.is_empty() {
            eprintln!("error: the tests left something behind:\n  {}", left.join("\n  "));
            return Ok(if ended.success() { ExitCode::FAILURE } else { code(ended) });
        }
        eprintln!("No process, mount, namespace or cgroup of the tests is left.");
        Ok(code(ended))
    }
}

fn sweep() -> Result<()> {
    // First who would make new ones.
    Cluster::sweep(RUN)?;
    let names = Cluster::names().into_iter().chain([OURS.to_owned()]);
    names.filter(|name| name.starts_with(OURS)).try_for_each(|name| Cluster::sweep(&name))
}

/// The parts of the run, and how long they took.
#[derive(Default)]
struct Parts(Vec<(&'static str, Duration)>);

impl Parts {
    fn run(&mut self, filter: &[String]) -> Result<ExitStatus> {
        let sc = self.time("everything built", build::everything)?;
        self.time("the tests ran", || {
            let mut cargo = build::cargo();
            cargo
                .args(["test", "--workspace", "--no-fail-fast"])
                .env("SC_BINARY", sc)
                .env("RUST_TEST_THREADS", threads())
                .env("SC_TESTBED_CLUSTER", RUN);
            if !filter.is_empty() {
                cargo.arg("--").args(filter);
            }
            run_in_view(&mut cargo, Stdio::null(), "run the tests")
        })
    }

    fn time<T>(&mut self, what: &'static str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let begun = Instant::now();
        let done = work();
        self.0.push((what, begun.elapsed()));
        done
    }

    fn tell(&self) {
        eprintln!();
        for (what, took) in &self.0 {
            eprintln!("  {:>6.1}s {what}", took.as_secs_f64());
        }
    }
}

/// How many tests run side by side. Most of them wait for pods, so more than there are processors; what a person has set
/// stays.
fn threads() -> String {
    std::env::var("RUST_TEST_THREADS").unwrap_or_else(|_| "12".to_owned())
}

fn code(ended: ExitStatus) -> ExitCode {
    match ended.code().and_then(|code| u8::try_from(code).ok()) {
        Some(code) => ExitCode::from(code),
        None => ExitCode::FAILURE,
    }
}
