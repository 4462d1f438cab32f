//! The pages of two-step sign-in.

pub mod code_page;
pub mod page;
