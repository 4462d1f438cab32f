//! The list of notifications, and the page to choose them.

pub mod actions;
#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
pub mod settings_page;
