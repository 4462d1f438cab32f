//! The browser's socket: one in each tab serves all islands.

/// The browser's socket; on the server nothing is received.
#[cfg(feature = "hydrate")]
#[path = "client.rs"]
mod client;
#[cfg(not(feature = "hydrate"))]
#[path = "client_stub.rs"]
mod client;
mod local_changes;
#[cfg(feature = "hydrate")]
mod page_events;

#[cfg(feature = "hydrate")]
pub use client::is_connected;
pub use client::{Subscription, refetch_everything, refetch_on, subscribe};
pub use local_changes::LocalChanges;
