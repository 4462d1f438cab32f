//! Taking one's tasks elsewhere, and bringing them from there.

#[cfg(feature = "ssr")]
mod export;
#[cfg(feature = "ssr")]
mod formats;
#[cfg(feature = "ssr")]
mod import;
#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
mod read;
#[cfg(feature = "ssr")]
pub mod rest;
#[cfg(feature = "ssr")]
mod vikunja;

/// The largest upload of the form: a file, and what a form writes around it.
#[cfg(feature = "ssr")]
pub const MAX_UPLOAD_BYTES: usize = import::MAX_FILE_BYTES + 64 * 1024;
