//! The page of blocked people.

mod actions;
pub mod page;
