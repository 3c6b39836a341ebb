//! What has to be done for a connection, decided from data and then done; the same in every host.
//!
//! A request goes plan → apply → verify: [`plan`] decides from what was asked and what was observed, without I/O;
//! [`create`] and [`delete`] observe, carry out and wait. Inside the cluster, [`ledger`] knows which connections need
//! sc-job, and [`delivery`] is what sc-job writes for one. This crate prints nothing and parses no options.

pub mod create;
pub mod delete;
pub mod delivery;
pub mod extension;
pub mod ledger;
pub mod plan;
pub mod progress;
pub mod request;
pub mod validate;
pub mod workload;

pub use create::{Created, create};
pub use delete::{Deleted, delete};
pub use plan::{Observed, Plan, PlannedStep, Step, plan_create};
pub use progress::{Progress, Silent};
pub use request::{Binding, CreateRequest, Validation};
pub use validate::validate;
