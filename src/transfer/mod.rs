//! Taking one's tasks elsewhere, and bringing them from there.

#[cfg(feature = "ssr")]
mod export;
#[cfg(feature = "ssr")]
mod formats;
#[cfg(feature = "ssr")]
mod import;
#[cfg(feature = "ssr")]
mod json_file;
#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
mod read;
#[cfg(feature = "ssr")]
pub mod rest;
#[cfg(feature = "ssr")]
mod settings;
#[cfg(feature = "ssr")]
mod table;
#[cfg(feature = "ssr")]
mod views;
#[cfg(feature = "ssr")]
mod vikunja;

/// The largest upload of the form: a file in base64, as the page of the first look sends it again, and what a form writes
/// around it.
#[cfg(feature = "ssr")]
pub const MAX_UPLOAD_BYTES: usize = import::MAX_FILE_BYTES / 3 * 4 + 64 * 1024;
