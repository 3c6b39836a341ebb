//! The project's own commands. One file each:
//!
//! - `cargo xtask cluster …`: the throw-away cluster by hand ([`cluster`])

mod build;
mod cluster;
mod stop;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use sc_testbed::TestbedError;

/// The project's own commands
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Xtask {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// A throw-away Kubernetes cluster on this machine
    Cluster(cluster::Cluster),
}

fn main() -> ExitCode {
    let Xtask { command } = Xtask::parse();
    stop::on_signals();
    let done = match command {
        Command::Cluster(cluster) => cluster.run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(TestbedError::Interrupted) => {
            eprintln!("Interrupted: nothing is left running.");
            ExitCode::from(stop::INTERRUPTED)
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
