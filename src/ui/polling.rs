//! The state of polled data, as people know it from SWR: old data stays while new data is fetched and while
//! errors last; hidden and offline pages pause and catch up when they are used again.
//!
//! leptos-fetch 0.4 was evaluated: it has only the interval (no pause while hidden or offline, no focus, no
//! back-off), and it adds tracing, parking_lot and chrono-humanize to the browser's bundle.

use leptos::prelude::*;

use tallyboard_model::error::Error;

/// How the page learns of changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connection {
    /// They are pushed; the page polls as well.
    Live,
    /// The page polls.
    Polling,
    /// The last request failed; the page retries with growing delays.
    Retrying,
    /// The browser is offline; the page fetches as soon as it is online.
    Offline,
}

/// Polled data and how the polling goes.
pub struct Polling<T: Send + Sync + 'static> {
    /// The last good answer.
    pub data: RwSignal<Option<T>>,
    /// Why the last request failed; `None` after a good answer.
    pub error: RwSignal<Option<Error>>,
    /// How the page learns of changes.
    pub connection: RwSignal<Connection>,
    /// Whole seconds since the last good answer.
    pub age: RwSignal<u32>,
    /// Increased to fetch at once.
    pub refetch: RwSignal<u32>,
    /// Whether the socket pushes changes to the page.
    pub live: RwSignal<bool>,
}

impl<T: Send + Sync + 'static> Clone for Polling<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Polling<T> {}

impl<T: Clone + Send + Sync + 'static> Polling<T> {
    /// The state before the first request.
    pub fn new(initial: Option<T>) -> Self {
        Self {
            data: RwSignal::new(initial),
            error: RwSignal::new(None),
            connection: RwSignal::new(Connection::Polling),
            age: RwSignal::new(0),
            refetch: RwSignal::new(0),
            live: RwSignal::new(false),
        }
    }

    /// Fetches at once.
    pub fn refetch(self) {
        self.refetch.update(|count| *count += 1);
    }
}
