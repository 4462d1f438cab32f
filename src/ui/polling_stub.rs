//! Polling on the server: a page is rendered once.

use std::time::Duration;

use super::polling::Polling;
use tallyboard_model::error::Error;

/// The state of the first render; nothing is fetched.
pub fn use_polling<T, F, Fut>(initial: Option<T>, _: Duration, _: F) -> Polling<T>
where
    T: Clone + PartialEq + Send + Sync + 'static,
    F: Fn() -> Fut + 'static,
    Fut: Future<Output = Result<T, Error>> + 'static,
{
    Polling::new(initial)
}
