//! `sc extension …`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};
use sc_cluster::helm::{Chart, Values};
use sc_engine::extension::Installation;

use super::parse_span;

#[derive(Subcommand, Debug)]
pub(crate) enum ExtensionCommand {
    /// Install the extension: the Helm release `sc-extension` in `sc-system`.
    Install(InstallArguments),
    /// Show the extension's state and every error.
    Show,
    /// List the extensions of the cluster: this one, or none.
    List,
    /// Bring the extension to this program's version and to other values; those set earlier stay.
    Update(InstallArguments),
    /// Remove the extension. Every connection becomes unavailable; the workloads' Secrets stay.
    Uninstall(UninstallArguments),
    /// Wait until the extension works.
    Wait {
        /// How long to wait.
        #[arg(long, default_value = "2m", value_parser = parse_span)]
        timeout: Duration,
    },
}

impl ExtensionCommand {
    /// How long the command may take.
    pub(crate) fn limit(&self) -> Duration {
        match self {
            Self::Install(arguments) | Self::Update(arguments) => arguments.timeout,
            Self::Uninstall(arguments) if arguments.yes => arguments.timeout,
            Self::Uninstall(arguments) => arguments.timeout + super::QUESTION_LIMIT,
            Self::Wait { timeout } => *timeout,
            Self::Show | Self::List => super::READ_LIMIT,
        }
    }
}

/// How the extension is installed.
#[derive(Args, Debug, Clone)]
pub(crate) struct InstallationArguments {
    /// The extension's image; left out, the chart's.
    #[arg(long, env = "SC_IMAGE", value_name = "IMAGE", help_heading = "Installation")]
    image: Option<String>,
    /// The chart (`oci://…`, a folder or an archive); left out, the one this program carries.
    #[arg(long, value_name = "CHART", help_heading = "Installation")]
    chart: Option<String>,
    /// The Helm program; left out, `helm` from the PATH.
    #[arg(long, env = "SC_HELM", value_name = "FILE", help_heading = "Installation")]
    pub(crate) helm: Option<PathBuf>,
}

impl InstallationArguments {
    pub(crate) fn installation(&self) -> Installation {
        Installation {
            helm: self.helm.clone(),
            chart: self.chart.clone().map_or(Chart::Carried, Chart::Named),
            values: Values { image: self.image.clone(), ..Values::default() },
        }
    }
}

#[derive(Args, Debug, Clone)]
pub(crate) struct InstallArguments {
    #[command(flatten)]
    pub(crate) installation: InstallationArguments,
    /// A file of values for Helm; may be given more than once.
    #[arg(short = 'f', long, value_name = "FILE")]
    values: Vec<PathBuf>,
    /// A value for Helm; may be given more than once. Nothing secret belongs here.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    settings: Vec<String>,
    /// Don't wait until the operator works.
    #[arg(long)]
    pub(crate) no_wait: bool,
    /// How long it may take.
    #[arg(long, default_value = "3m", value_parser = parse_span)]
    pub(crate) timeout: Duration,
}

impl InstallArguments {
    pub(crate) fn installation(&self) -> Installation {
        let mut installation = self.installation.installation();
        installation.values.files = self.values.clone();
        installation.values.settings = self.settings.clone();
        installation
    }
}

#[derive(Args, Debug, Clone)]
pub(crate) struct UninstallArguments {
    /// The Helm program; left out, `helm` from the PATH.
    #[arg(long, env = "SC_HELM", value_name = "FILE")]
    pub(crate) helm: Option<PathBuf>,
    /// Don't ask.
    #[arg(short, long)]
    pub(crate) yes: bool,
    /// How long it may take.
    #[arg(long, default_value = "2m", value_parser = parse_span)]
    pub(crate) timeout: Duration,
}
