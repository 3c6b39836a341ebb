//! The catalog: which environment variables a workload needs for a target service, an auth type and a client type.
//!
//! The knowledge is data: one file a service in `catalog/` at the repository's root, checked by the build script
//! and carried in the binary. This crate reads it, checks a request against it at the door ([`Catalog::resolve`]),
//! and writes the variables' values ([`Resolved::render`]) so that each client library reads them back
//! unharmed. It does no I/O and knows no service by name; only the ways clients parse their values are code.

mod about;
mod catalog;
mod configuration;
mod file;
mod format;
mod missing;
#[cfg(test)]
mod mistakes;
mod nearest;
mod needs;
mod quoting;
mod resolve;
mod resolved;
mod service;
mod template;
mod value;
mod values;
mod write;

pub use about::{Azure, BindingKind, Companion};
pub use catalog::Catalog;
pub use file::{Kind, Parameter, ProbeFamily, SecretInput, SecretKind, Service};
pub use needs::Need;
pub use resolved::{Binding, Resolved, SecretInputs};
pub use service::Support;
pub use value::parse_id;

use sc_model::{AuthType, ClientType};

#[cfg(test)]
mod file_tests;
