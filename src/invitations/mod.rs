//! The page behind an invitation's link, and a team's list of invitations.

pub mod page;
pub mod views;
