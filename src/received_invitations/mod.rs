//! The page of invitations from people with whom the user has nothing in common.

pub mod page;
