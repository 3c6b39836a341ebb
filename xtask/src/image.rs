//! `cargo xtask image`: the image of `sc` as a file, without a container engine.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::Args;
use sc_testbed::{Image as Built, Lines, Progress, Result};

use crate::build::{self, Profile};
use crate::existing;

/// With a container engine, `docker build --tag REGISTRY/sc:dev .` makes the same image; `skopeo copy
/// oci-archive:sc.tar docker://REGISTRY/sc:dev` brings this file to a registry, `podman load` and `ctr images import`
/// take it too.
#[derive(Args)]
pub(crate) struct Image {
    /// The OCI archive to write
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
    /// Use this static binary as `sc` instead of building it with the release profile
    #[arg(long, value_name = "PATH", value_parser = existing)]
    sc: Option<PathBuf>,
}

impl Image {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let begun = Instant::now();
        let binary = self.sc.map_or_else(|| build::sc(Profile::Release), Ok)?;
        let image = Built::of_sc(&binary)?;
        image.write(&self.output)?;
        Lines.done(&format!("{} holds {}", self.output.display(), image.name()), begun.elapsed());
        Ok(ExitCode::SUCCESS)
    }
}
