//! The server's side of `keys.rs`: nobody presses a key.

/// Does nothing on the server.
pub fn listen() {}
