//! The list of notifications, and the page to choose them.

pub mod actions;
pub mod page;
pub mod settings_page;
