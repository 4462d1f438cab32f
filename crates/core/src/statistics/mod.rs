//! The statistics and the dashboard that shows them.
//!
//! REST, server functions and events use one service; its cache never outlives a change that this system made.

pub mod counters;
#[cfg(test)]
mod counters_test;
pub mod goals;
pub mod history;
mod quarters;
pub mod review;
pub mod service;
mod store;
#[cfg(test)]
mod store_test;
mod team_panel;
