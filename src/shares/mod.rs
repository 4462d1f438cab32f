//! The people a task is shared with: page and form.

pub mod actions;
#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
mod views;
