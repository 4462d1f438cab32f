//! The server's side of `list_forms`: nobody sends a form.

/// Does nothing on the server.
pub fn start_all() {}
