//! Taking one's tasks elsewhere, and bringing them from there.

mod archive;
mod cells;
mod columns;
mod encoding;
pub mod export;
mod flag;
mod formats;
pub mod import;
mod items;
pub mod json_file;
mod other_json;
mod plain_text;
pub mod queue;
mod read;
mod settings;
pub mod table;
mod vikunja;
mod width;

/// The largest upload of the form: a file in base64, as the page of the first look sends it again, and what a form writes
/// around it.
pub const MAX_UPLOAD_BYTES: usize = import::MAX_FILE_BYTES / 3 * 4 + 64 * 1024;
