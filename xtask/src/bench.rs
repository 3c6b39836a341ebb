//! `cargo xtask bench`: every figure of the project as a ratio to a floor measured in the same run.

use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};

use clap::Args;
use sc_testbed::{Cluster, Result, run_in_view, workspace};

use crate::build;

/// The cluster that is measured, named in bench/src/cluster.rs.
const CLUSTER: &str = "bench";

#[derive(Args)]
pub(crate) struct Bench {
    /// Leave out ten thousand connections, which take a minute or two
    #[arg(long)]
    quick: bool,
    /// Where the figures are written as JSON
    #[arg(long, value_name = "FILE", default_value = "target/bench.json")]
    output: PathBuf,
}

impl Bench {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let sc = build::to_measure()?;
        let mut bench = Command::new(sc.with_file_name("sc-bench"));
        bench.current_dir(workspace()).arg(&sc).arg(&self.output).args(self.quick.then_some("--quick"));
        let ended = run_in_view(&mut bench, Stdio::null(), "run the benchmark");
        // Its own end removes the cluster; a run that was cut off leaves that to this line.
        Cluster::sweep(CLUSTER)?;
        Ok(if ended?.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}
