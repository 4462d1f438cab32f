//! A conversation's page: its messages, the form to ask, and the island that shows the answer as it's written.

pub mod actions;
pub mod island;
#[cfg(feature = "ssr")]
mod listed;
#[cfg(feature = "ssr")]
pub mod page;
mod rows;
