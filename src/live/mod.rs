//! Live events: every change is on all screens at once.
//!
//! A service records its events inside the transaction (`scope.emit`). The commit publishes them: to this
//! instance directly, to the others by PostgreSQL's NOTIFY. The [`Hub`] invalidates the cached statistics and
//! pushes to the sockets of the recipients; nothing else does either. In the browser one socket per tab
//! serves all islands.

mod local_changes;

#[cfg(feature = "ssr")]
mod hub;
#[cfg(feature = "ssr")]
pub mod rest;
#[cfg(feature = "ssr")]
mod socket;

/// The browser's socket; on the server nothing is received.
#[cfg(feature = "hydrate")]
#[path = "client.rs"]
mod client;
#[cfg(not(feature = "hydrate"))]
#[path = "client_stub.rs"]
mod client;

#[cfg(feature = "hydrate")]
pub use client::is_connected;
pub use client::{refetch_everything, refetch_on, subscribe};
#[cfg(feature = "ssr")]
pub use hub::{Hub, Listening, Subscription};
pub use local_changes::LocalChanges;

/// What a subscriber in the browser receives.
#[derive(Clone, Debug, PartialEq)]
pub enum LiveUpdate {
    /// The socket is open: events arrive by themselves.
    Connected,
    /// The socket is closed: the page has to poll.
    Disconnected,
    /// Events may have been missed: fetch everything again.
    Refetch,
    /// An event.
    Event(LiveEvent),
}

/// An event of the contract, as far as the browser reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveEvent {
    /// Its name in the contract.
    pub event_type: String,
    /// Its payload.
    pub data: EventData,
}

/// The payload of an event; absent fields have their default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)] // the contract's own names
pub struct EventData {
    pub task_id: Option<String>,
    pub team_id: Option<String>,
    pub conversation_id: Option<String>,
    pub message_id: Option<String>,
    pub text: String,
    pub offset: usize,
    pub total_tasks: u64,
    pub pending_tasks: u64,
    pub completed_tasks: u64,
    pub shared_tasks: u64,
}

impl LiveEvent {
    /// Whether it concerns a task, or who can see one.
    pub fn is_about_tasks(&self) -> bool {
        self.event_type.starts_with("task") || self.event_type == "team_changed"
    }
}
