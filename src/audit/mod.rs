//! The activity page: an account, and the teams that the user manages.

mod listed;
pub mod page;
