//! The operator's health, for the kubelet: ready once the cluster was read, alive while its loop turns.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use sc_model::{Failure, Result};
use tokio::net::TcpListener;

/// Whether the operator has read the whole cluster once.
#[derive(Clone, Default)]
pub(crate) struct Health(Arc<AtomicBool>);

impl Health {
    /// From now on the operator is ready.
    pub(crate) fn set_ready(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Answers `/livez` and `/readyz`. The runtime has one thread, so an answer proves that the loop isn't stuck.
    pub(crate) async fn serve(self, address: SocketAddr) -> Result<()> {
        let unusable = |error| Failure::local(format!("can't answer health checks at {address}"), error);
        let ready = move || {
            let is_ready = self.0.load(Ordering::Relaxed);
            async move {
                if is_ready {
                    (StatusCode::OK, "ready")
                } else {
                    (StatusCode::SERVICE_UNAVAILABLE, "reading the cluster")
                }
            }
        };
        let router = Router::new().route("/livez", get(|| async { "alive" })).route("/readyz", get(ready));
        let listener = TcpListener::bind(address).await.map_err(unusable)?;
        axum::serve(listener, router).await.map_err(unusable)
    }
}
