//! The project's own commands. One file each:
//!
//! - `cargo xtask demo`: the newcomer's story ([`demo`])
//! - `cargo xtask test`: every test, and nothing left afterwards ([`test`])
//! - `cargo xtask bench`: the figures, against their floors ([`bench`])
//! - `cargo xtask cluster …`: the throw-away cluster by hand ([`cluster`])
//! - `cargo xtask image`: the image of `sc` as a file ([`image`])

mod bench;
mod build;
mod cluster;
mod demo;
mod image;
mod stop;
mod test;

use std::path::PathBuf;
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
    /// See it work: a cluster, a database, a connection, and a workload that reads it
    ///
    /// Everything is real and lives in a throw-away cluster on this machine, which is kept for the next run until
    /// `--down`. With `--context` the same happens on a cluster and a database of your own.
    Demo(Box<demo::Demo>),
    /// Run every test, those on a real cluster included
    Test(test::Test),
    /// Measure the project's figures, each as a ratio to a floor measured in the same run
    Bench(bench::Bench),
    /// A throw-away Kubernetes cluster on this machine
    Cluster(cluster::Cluster),
    /// Write the image of `sc` as an OCI archive
    Image(image::Image),
}

fn main() -> ExitCode {
    let Xtask { command } = Xtask::parse();
    stop::on_signals();
    let done = match command {
        Command::Demo(demo) => demo.run(),
        Command::Test(test) => test.run(),
        Command::Bench(bench) => bench.run(),
        Command::Cluster(cluster) => cluster.run().map(|()| ExitCode::SUCCESS),
        Command::Image(image) => image.run(),
    };
    match done {
        Ok(code) => code,
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

/// A file that is there.
fn existing(path: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(path);
    if path.is_file() { Ok(path) } else { Err("there is no such file".to_owned()) }
}
