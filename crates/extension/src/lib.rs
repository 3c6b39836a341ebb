//! What lives in the cluster: the [`operator`] that notices, [`job`] that writes, and the [`probe`] that looks.
//!
//! The operator only decides when sc-job runs; sc-job is the only writer in the workloads' namespaces; the probe runs
//! in a workload's namespace without any right of its own. This crate knows no command line and no Helm.

mod delivery;
mod health;
pub mod job;
pub mod operator;
mod pace;
pub mod probe;
pub mod sample;
mod target;
