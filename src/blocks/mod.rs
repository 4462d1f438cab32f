//! The page of blocked people.

pub mod page;
