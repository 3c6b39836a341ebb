//! The addresses inside every cluster. Each cluster has a network of its own, so they are always the same.

use std::net::{IpAddr, Ipv4Addr};

/// The node's address; the API server and the services beside the cluster listen here.
pub const NODE_ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 231, 0, 1));

/// [`NODE_ADDRESS`] as text.
pub(crate) const NODE: &str = "10.231.0.1";

/// The addresses that pods get.
pub(crate) const PODS: &str = "10.232.0.0/16";

/// The addresses that Services get.
pub(crate) const SERVICES: &str = "10.233.0.0/16";

/// The API server's own Service.
pub(crate) const KUBERNETES_SERVICE: &str = "10.233.0.1";

/// The API server's port.
pub(crate) const API: u16 = 6443;

/// Pods find every host of this domain at [`NODE_ADDRESS`]; every other name does not exist.
pub const DOMAIN: &str = "testbed.internal";
