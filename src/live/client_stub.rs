//! The server's side of `client.rs`: nothing is received.

use super::LocalChanges;
use tallyboard_model::{
    error::Error,
    live::{LiveEvent, LiveUpdate},
};

/// There's nothing to end on the server.
pub struct Subscription;

impl Subscription {
    /// Does nothing on the server.
    pub fn for_island(self) {}
}

/// Does nothing on the server.
pub fn subscribe(_: impl Fn(&LiveUpdate) + 'static) -> Subscription {
    Subscription
}

/// Does nothing on the server.
pub fn refetch_on<T: 'static, F: Future<Output = Result<T, Error>>>(
    _: LocalChanges,
    _: impl Fn(&LiveEvent) -> bool + 'static,
    _: impl Fn() -> F + 'static,
    _: impl Fn(Result<T, Error>) + 'static,
) -> Subscription {
    Subscription
}

/// Does nothing on the server.
pub fn refetch_everything() {}
