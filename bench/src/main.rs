//! The project's figures, each as a ratio to a floor measured in the same run: `cargo xtask bench`.
//!
//! [`floor`] measures what the cluster itself needs, [`start`] a command that asks no cluster, [`single`] one connection, [`many`] a thousand and ten thousand at
//! once; [`figures`] is the table, with its limits. Everything runs on the testbed's own cluster on this machine.

mod cluster;
mod figures;
mod floor;
mod many;
mod single;
mod start;

use std::path::PathBuf;
use std::process::ExitCode;

use cluster::Bench;
use figures::Figures;

/// What can go wrong is told and ends the run; there is nothing to recover.
type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// `sc-bench SC-BINARY OUTPUT.json [--quick]`
fn run() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(binary), Some(output)) = (arguments.next(), arguments.next()) else {
        return Err("usage: sc-bench SC-BINARY OUTPUT.json [--quick]; `cargo xtask bench` gives both".into());
    };
    let is_quick = arguments.next().is_some_and(|argument| argument == "--quick");
    let binary = PathBuf::from(binary);
    let bench = Bench::up(&binary)?;
    let outcome = bench.run(async |bench| {
        let mut figures = Figures::default();
        start::catalog_table(&binary, &mut figures)?;
        single::first_connection(bench, &mut figures).await?;
        let pod_start = single::one_connection(bench, &mut figures).await?;
        many::many_connections(bench, &mut figures, pod_start, is_quick).await?;
        Ok(figures)
    });
    bench.down()?;
    let figures = outcome?;
    print!("{}", figures.table());
    figures.write(&PathBuf::from(&output))?;
    println!("\nwritten to {output}");
    Ok(())
}
