//! Polling, as people know it from SWR: old numbers stay while new ones come, and while errors
//! last; hidden and offline pages rest and catch up at once when they are back.
//!
//! leptos-fetch 0.4 was looked at for this: of the contract's polling it has the interval only
//! (no rest while hidden or offline, no focus, no back-off), and it brings tracing, parking_lot
//! and chrono-humanize into the browser's bundle.

use std::time::Duration;

use leptos::prelude::*;

use super::browser;
use crate::error::Error;

/// How the page hears of changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connection {
    /// It is told, and asks every few seconds all the same.
    Live,
    /// It asks every few seconds.
    Polling,
    /// The server did not answer the last time; it goes on asking, less and less often.
    Retrying,
    /// The browser has no network: it asks as soon as there is one.
    Offline,
}

/// What is polled, and how that is going.
pub struct Polling<T: Send + Sync + 'static> {
    /// The last good answer.
    pub data: RwSignal<Option<T>>,
    /// Why the last question failed, while it does.
    pub error: RwSignal<Option<Error>>,
    /// How the page hears of changes.
    pub connection: RwSignal<Connection>,
    /// Whole seconds since the last good answer came.
    pub age: RwSignal<u32>,
    /// Count it up to ask again now.
    pub retry: RwSignal<u32>,
    /// Whether changes come by themselves.
    pub live: RwSignal<bool>,
}

impl<T: Send + Sync + 'static> Clone for Polling<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Polling<T> {}

/// Asks `fetch` every `period`, each time after the last answer, for as long as the island lives.
/// `initial` is what the server put into the page; without it the first question is asked at once.
pub fn use_polling<T, F, Fut>(initial: Option<T>, period: Duration, fetch: F) -> Polling<T>
where
    T: Clone + PartialEq + Send + Sync + 'static,
    F: Fn() -> Fut + 'static,
    Fut: Future<Output = Result<T, Error>> + 'static,
{
    let polling = Polling {
        data: RwSignal::new(initial),
        error: RwSignal::new(None),
        connection: RwSignal::new(Connection::Polling),
        age: RwSignal::new(0),
        retry: RwSignal::new(0),
        live: RwSignal::new(false),
    };
    browser::mark_alive();
    browser::poll(polling, period, fetch);
    polling
}
