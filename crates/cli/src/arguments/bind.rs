//! The options that put a connection into workloads.

use clap::Args;
use sc_cluster::workloads::Conflicts;
use sc_engine::Binding;
use sc_model::{Failure, FailureCode, Result, Workload};

/// Which workloads a connection goes into.
#[derive(Args, Debug, Clone)]
pub(crate) struct BindArguments {
    /// Put the connection into this workload: `envFrom` of its containers, and `serviceAccountName` with workload identity.
    /// KIND is deployment, statefulset, daemonset or cronjob, or kubectl's short name. May be given several times.
    #[arg(long, value_name = "KIND/NAME", help_heading = "Workload")]
    workload: Vec<Workload>,
    /// Only into this container of it.
    #[arg(long, value_name = "NAME", requires = "workload", help_heading = "Workload")]
    container: Option<String>,
    /// Take over what somebody else owns of it; entries of an `envFrom` are kept.
    #[arg(long, requires = "workload", help_heading = "Workload")]
    force_conflicts: bool,
}

impl BindArguments {
    /// What the request says about workloads.
    pub(crate) fn binding(&self) -> Binding {
        let mut workloads = self.workload.clone();
        workloads.sort();
        workloads.dedup();
        Binding {
            workloads,
            container: self.container.clone(),
            conflicts: if self.force_conflicts { Conflicts::Forced } else { Conflicts::Refused },
        }
    }

    /// Without variables there is no Secret that a workload could read.
    pub(crate) fn require_variables(&self) -> Result<()> {
        if self.workload.is_empty() {
            return Ok(());
        }
        Err(Failure::new(FailureCode::InvalidOption, "--workload and --opt-out configinfo don't go together")
            .because("who opts out of the variables gets no Secret that a workload could read")
            .remedied_by("Leave one of them out."))
    }

    /// A workload is changed by `sc` itself once the Secret is there: sc-job has no right on workloads. So who doesn't wait
    /// would have a workload that rolls out into pods without their Secret, or one that nobody changes.
    pub(crate) fn require_waiting(&self) -> Result<()> {
        if self.workload.is_empty() {
            return Ok(());
        }
        Err(Failure::new(FailureCode::InvalidOption, "--workload and --no-wait don't go together")
            .because("a workload is changed after its Secret is written, and nobody but this command may change it")
            .remedied_by("Leave --no-wait out; or run the same command without it later, to put the connection into the workload."))
    }
}
