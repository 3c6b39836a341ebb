//! A throw-away Kubernetes cluster on this machine, and real services beside it, for the demo, the tests and the
//! benchmarks: [`Cluster::up`] makes one in seconds, [`Cluster::attach`] finds it from another process,
//! [`Cluster::down`] leaves nothing of it. Everything is real (etcd, the API server, kubelet, containerd, PostgreSQL,
//! …) and lives in namespaces of its own, so that several clusters stand side by side and none touches the machine.
//! It must not know what Service Connector does: it takes a binary as an image, and gives back a kubeconfig.

mod api;
mod certificates;
mod cluster;
mod control_plane;
mod error;
mod extras;
mod folders;
mod image;
mod interrupt;
mod network;
mod node;
mod packages;
mod processes;
mod program;
mod progress;
mod sandbox;
pub mod services;
mod toolchain;
mod traces;

pub use certificates::CONTEXT;
pub use cluster::{Cluster, Speed, Status};
pub use error::{Result, TestbedError};
pub use folders::{cache, workspace};
pub use image::{Image, SC_ENTRYPOINT, SC_ENVIRONMENT, SC_REPOSITORY, SC_USER};
pub use interrupt::{abandon, interrupt, run_in_view, run_shown};
pub use network::{DOMAIN, NODE_ADDRESS};
pub use node::NODE_NAME;
pub use progress::{Lines, Progress, Silent};
pub use traces::traces;
