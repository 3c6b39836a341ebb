//! Waiting for an object by watching it, never by polling.

use std::fmt::Debug;
use std::time::Duration;

use futures::{StreamExt as _, pin_mut};
use kube::runtime::{WatchStreamExt as _, watcher};
use kube::{Api, Resource};
use sc_model::{Failure, FailureCode, Result};
use serde::de::DeserializeOwned;

/// Follows an object until `settled` says so (`None`: it isn't there), and gives it back as it was then.
///
/// The watch survives an API server that restarts; after `limit` it ends with [`FailureCode::TimedOut`].
pub(crate) async fn until<K>(
    api: Api<K>,
    name: &str,
    settled: impl Fn(Option<&K>) -> bool + Send,
    limit: Duration,
    waiting: &str,
) -> Result<Option<K>>
where
    K: Resource + Clone + DeserializeOwned + Debug + Send + 'static,
{
    let following = async {
        let events = watcher::watch_object(api, name).default_backoff();
        pin_mut!(events);
        while let Some(event) = events.next().await {
            match event {
                Ok(object) if settled(object.as_ref()) => return Some(object),
                Ok(_) => {}
                Err(error) => tracing::debug!(%error, waiting, "the watch was cut off; it starts again"),
            }
        }
        None
    };
    match tokio::time::timeout(limit, following).await {
        Ok(Some(object)) => Ok(object),
        Ok(None) => {
            Err(Failure::new(FailureCode::ClusterUnreachable, format!("the watch of {waiting} ended")))
        }
        Err(_) => Err(Failure::new(
            FailureCode::TimedOut,
            format!("{waiting} didn't get there within {}", seconds(limit)),
        )),
    }
}

/// A time span as people write it on the command line.
pub(crate) fn seconds(span: Duration) -> String {
    format!("{} s", span.as_secs_f32().round())
}
