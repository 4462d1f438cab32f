//! The pages on which people say yes or no to an app.

mod check;
pub mod page;
mod views;
