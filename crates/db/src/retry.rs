//! The pauses between attempts, and the error of a COMMIT, which is never retried.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};

use tallyboard_model::error::{Error, Retry};

/// The error for a client when the answer to COMMIT was lost.
const COMMIT_UNANSWERED: &str = "It may have been saved: look before you try again. A repeat with the same \
    Idempotency-Key is safe";

/// The pauses between attempts: as many as a person would wait for, two seconds in all.
pub(super) fn retry_delays() -> impl Iterator<Item = Duration> {
    ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(10))
        .with_max_delay(Duration::from_millis(400))
        .with_max_times(12)
        .with_total_delay(Some(Duration::from_secs(2)))
        .with_jitter()
        .build()
}

/// Whether the database says that a COMMIT was not done. A connection that ends (class 08, 57P01 and similar), or breaks,
/// says nothing about it.
fn was_refused(error: &sqlx::Error) -> bool {
    let sqlx::Error::Database(error) = error else { return false };
    !error.code().is_some_and(|code| code.starts_with("57P") || code.starts_with("08"))
}

/// The error of a COMMIT.
pub(super) fn commit_error(error: sqlx::Error) -> Error {
    let is_refused = was_refused(&error);
    let mut error = Error::from(error);
    error.retry = Retry::No;
    if is_refused { error } else { commit_unanswered(error) }
}

/// The error of a COMMIT that may have been done.
pub(super) fn commit_unanswered(error: Error) -> Error {
    error.detail(COMMIT_UNANSWERED)
}
