//! Stories that share the cluster and run side by side, one file a theme.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test tells by a panic what went wrong")]

mod bind;
mod catalog;
mod create;
mod delete;
mod doors;
mod drift;
mod foreign;
mod identity;
mod interview;
mod names;
mod options;
mod provisioned_service;
mod rotation;
mod shell;
mod validate;
mod workload;
mod yaml;
