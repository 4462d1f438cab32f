//! The forms to import and export.

#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
mod views;
