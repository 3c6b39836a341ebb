//! What each command does: parse further where the catalog is needed, call, print.

pub(crate) mod connection;
mod create;
pub(crate) mod extension;
pub(crate) mod roles;
mod sample;
mod support;
