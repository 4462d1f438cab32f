//! The server's side of `keyboard.rs`: nobody presses a key.

/// Does nothing on the server.
pub fn listen() {}
