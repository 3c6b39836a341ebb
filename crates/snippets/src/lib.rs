//! What a person puts into their own files to use a connection: the YAML lines of a workload, a whole Job, and a short program
//! in the connection's language. The programs are the files of `snippets/` at the repository's root; the tests run them against
//! real servers. This crate does no I/O and asks no cluster: it writes from what the catalog resolved.

mod manifest;
mod program;

pub use manifest::{Workload, deployment, job};
pub use program::program;
