//! The server's side of `browser.rs`: nothing happens.

/// The server's pages are not hydrated yet.
pub fn mark_alive() {}

/// The server has no elements.
pub fn text(_: &str) -> Option<String> {
    None
}

/// Does nothing on the server.
pub fn scroll_to_end() {}

/// Does nothing on the server.
pub fn set_text(_: &str, _: &str) {}

/// Does nothing on the server.
pub fn set_html(_: &str, _: &str) {}

/// The server has no elements.
pub fn attribute(_: &str, _: &str) -> Option<String> {
    None
}

/// Does nothing on the server.
pub fn set_attribute(_: &str, _: &str, _: &str) {}

/// Does nothing on the server.
pub fn set_hidden(_: &str, _: bool) {}

/// Does nothing on the server.
pub fn highlight_number(_: &str) {}

/// Does nothing on the server.
pub fn on_click(_: &'static str, _: impl Fn() + 'static) {}
