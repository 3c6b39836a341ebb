//! The one retry policy towards the API server.

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable as _};
use sc_model::Result;

use crate::failure::is_passing;

/// Repeats a call while the API server is away or busy, or others change what it changes, for about `patience`. Everything
/// the connector writes is written by server-side apply or deleted by name, so that repeating it is safe.
pub async fn with_retry<T, Call, Answer>(patience: Duration, call: Call) -> Result<T>
where
    Call: FnMut() -> Answer,
    Answer: Future<Output = Result<T>>,
{
    let policy = ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(100))
        .with_max_delay(Duration::from_secs(2))
        .with_total_delay(Some(patience))
        .without_max_times()
        .with_jitter();
    call.retry(policy)
        .when(is_passing)
        .notify(
            |failure, delay| tracing::warn!(%failure, ?delay, "the API server didn't take it; trying again"),
        )
        .await
}
