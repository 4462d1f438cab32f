//! The server's side of `browser`: nobody does anything.

/// Does nothing on the server.
pub fn start() {}
