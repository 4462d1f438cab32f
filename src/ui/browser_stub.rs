//! The server's side of `browser.rs`: nothing happens.

use std::time::Duration;

/// The server's pages are not hydrated yet.
pub fn mark_alive() {}

/// Does nothing on the server.
pub fn after(_: Duration, _: impl FnOnce() + 'static) {}

/// Does nothing on the server.
pub fn on_leave(_: impl Fn() + 'static) {}

/// Does nothing on the server.
pub fn send_beacon(_: &str, _: &[(&str, &str)]) -> bool {
    false
}

/// Nothing has the focus on the server.
pub fn has_focus(_: &str) -> bool {
    false
}
