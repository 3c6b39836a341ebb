//! The cluster door: everything the connector asks of Kubernetes and Helm, and their errors in our words.
//!
//! A [`Cluster`] is a connected client; its methods are grouped by what they touch: [`connections`], [`secrets`],
//! [`workloads`], [`extension`], [`helm`], [`pods`], [`probe`]. Every call has a time-out and says in its failure what it was doing.
//! This crate knows no catalog and decides nothing: what to write is given to it.

mod access;
pub mod connections;
pub mod extension;
mod failure;
pub mod helm;
mod namespaces;
mod pages;
pub mod pods;
pub mod probe;
mod retry;
pub mod secrets;
mod wait;
pub mod workloads;

pub use access::{Access, Cluster};
pub use failure::{Doing, failure_of};
pub use pages::{PAGE, Page};
pub use retry::with_retry;
