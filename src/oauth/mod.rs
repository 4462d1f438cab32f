//! The pages where people approve or decline an app.

mod check;
pub mod page;
mod views;
