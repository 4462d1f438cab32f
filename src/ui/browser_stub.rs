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

/// Does nothing on the server.
pub fn set_text(_: &str, _: &str) {}

/// Nobody types on the server.
pub fn is_typing_in(_: &str) -> bool {
    false
}

/// Does nothing on the server.
pub fn hide_popover(_: &str) {}
