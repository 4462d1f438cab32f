//! The dashboard and the weekly review.

pub mod actions;
#[cfg(feature = "ssr")]
pub mod goals;
pub mod island;
#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
pub mod review_page;
#[cfg(feature = "ssr")]
mod views;
