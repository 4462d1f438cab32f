//! The form of a user's goals.

pub mod form;
