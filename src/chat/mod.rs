//! The list of conversations.

pub mod actions;
#[cfg(feature = "ssr")]
mod listed;
#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
mod views;
