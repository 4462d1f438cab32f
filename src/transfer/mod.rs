//! Taking one's tasks elsewhere: the export.

#[cfg(feature = "ssr")]
mod export;
#[cfg(feature = "ssr")]
mod formats;
#[cfg(feature = "ssr")]
pub mod rest;
