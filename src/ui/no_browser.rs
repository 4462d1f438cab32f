//! The server's side of what only a browser can do: nothing.

use std::time::Duration;

use super::polling::Polling;
use crate::error::Error;

/// The server renders once and does not poll.
pub fn poll<T, F, Fut>(_: Polling<T>, _: Duration, _: F)
where
    T: Send + Sync + 'static,
    F: Fn() -> Fut + 'static,
    Fut: Future<Output = Result<T, Error>> + 'static,
{
}

/// What the server sends is not alive yet.
pub fn mark_alive() {}

/// Nobody presses anything on the server.
pub fn after(_: Duration, _: impl FnOnce() + 'static) {}

/// The server's pages are never left.
pub fn on_leave(_: impl Fn() + 'static) {}

/// The server sends nothing to itself.
pub fn send_beacon(_: &str, _: &[(&str, &str)]) -> bool {
    false
}

/// Nobody is at work on the server's page.
pub fn has_focus(_: &str) -> bool {
    false
}
