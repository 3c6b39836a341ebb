//! The vocabulary of the service connector: connections, targets, auth types, names and labels, error codes.
//!
//! Everything here is plain data that parses at the door and can't hold nonsense afterwards. This crate does no
//! I/O, knows no client, no catalog content and no way to print. A name of a place, label, annotation or Secret
//! stands once, in [`places`]; a failure's code, exit code and remedy stand once, in [`failure`].

pub mod check;
pub mod failure;
pub mod kind;
pub mod name;
pub mod opt_out;
pub mod places;
pub mod resource;
pub mod secret;
pub mod workload;

pub use check::{Check, CheckName, Outcome, Report};
pub use failure::{Failure, FailureCode, Result};
pub use kind::{AuthType, ClientType, OptOut, ServiceName};
pub use name::{ConnectionName, HostName, Namespace, ObjectName, Port, SecretKey, VariableName};
pub use opt_out::OptOuts;
pub use resource::{ServiceConnection, ServiceConnectionSpec, ServiceConnectionStatus};
pub use secret::SecretValue;
pub use workload::{Workload, WorkloadKind};
