//! Live events: every change is on all screens at once.
//!
//! A service records its events inside the transaction (`scope.emit`). The commit publishes them: to this
//! instance directly, to the others by PostgreSQL's NOTIFY. The [`Hub`] invalidates the cached statistics and
//! pushes to the sockets of the recipients; nothing else does either. In the browser one socket per tab
//! serves all islands.

pub mod hub;

pub use hub::{Hub, Listening, Subscription};
