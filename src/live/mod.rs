//! Live: what was changed is on every screen at once.
//!
//! A service notes its events inside the transaction (`scope.emit`); the commit makes them known, to
//! this instance directly and to the others by PostgreSQL's NOTIFY. The [`Hub`] drops the counted
//! numbers that are others now and pushes to the sockets of those concerned. Nothing else
//! invalidates, nothing else pushes. In the browser one socket a tab tells every island.

use serde::Deserialize;

#[cfg(feature = "ssr")]
mod hub;
#[cfg(feature = "ssr")]
pub mod rest;
#[cfg(feature = "ssr")]
mod socket;

/// The browser's socket; on the server nobody listens.
#[cfg(feature = "hydrate")]
#[path = "browser.rs"]
mod browser;
#[cfg(not(feature = "hydrate"))]
#[path = "no_browser.rs"]
mod browser;

pub use browser::{follow, listen};
#[cfg(feature = "ssr")]
pub use hub::Hub;

/// What a listener in the browser hears.
#[derive(Clone, Debug, PartialEq)]
pub enum Heard {
    /// The socket is open: changes come by themselves.
    Live,
    /// It is not: changes have to be asked for.
    Down,
    /// Something may have been missed: ask anew.
    Refetch,
    /// Something happened.
    Event(Happened),
}

/// An event of the contract, as far as the browser reads it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Happened {
    /// The contract's name for it.
    pub event_type: String,
    /// What it says.
    pub data: Data,
}

/// What events say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[allow(missing_docs)] // the contract's own names
pub struct Data {
    pub task_id: Option<String>,
    pub team_id: Option<String>,
    pub conversation_id: Option<String>,
    pub total_tasks: u64,
    pub pending_tasks: u64,
    pub completed_tasks: u64,
    pub shared_tasks: u64,
}

impl Happened {
    /// Whether it happened to a task, or to who may see one.
    pub fn is_about_tasks(&self) -> bool {
        self.event_type.starts_with("task_") || self.event_type == "team_changed"
    }
}
