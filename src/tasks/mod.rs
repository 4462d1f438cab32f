//! The lists of tasks: pages, rows, forms and their island.

pub mod actions;
pub mod island;
#[cfg(feature = "ssr")]
mod listed;
#[cfg(feature = "ssr")]
pub mod open;
#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
mod page_query;
#[cfg(feature = "ssr")]
mod selection;
#[cfg(feature = "ssr")]
pub mod today;
#[cfg(feature = "ssr")]
pub mod trash_page;
#[cfg(feature = "ssr")]
mod views;
