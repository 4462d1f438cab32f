//! The page of what happened in an account and in the teams that the user manages.

mod listed;
pub mod page;
