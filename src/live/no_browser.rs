//! The server's side of listening in the browser: nothing.

use super::{Happened, Heard};
use crate::error::Error;

/// Nobody listens on the server.
pub fn listen(_: impl Fn(&Heard) + 'static) {}

/// Nor follows.
pub fn follow<T: 'static, F: Future<Output = Result<T, Error>>>(
    _: impl Fn(&Happened) -> bool + 'static,
    _: impl Fn() -> F + 'static,
    _: impl Fn(Result<T, Error>) + 'static,
) {
}
