//! The pages on which people say yes or no to an app.

pub mod page;
mod views;
