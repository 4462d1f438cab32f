//! What is read from a file, whatever its format.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use super::settings::FileSettings;
use crate::{chat::imported::ImportedConversation, tasks::imported::ImportedTask};

/// The largest file.
pub const MAX_FILE_BYTES: usize = 8 * 1024 * 1024;

/// What a file has.
#[derive(Clone, Default)]
pub struct ReadFile {
    pub tasks: Vec<ImportedTask>,
    pub conversations: Vec<ImportedConversation>,
    pub settings: FileSettings,
    /// Columns of a table that mean nothing here.
    pub ignored_columns: Vec<String>,
}

/// Gives each task of a file a key that is the same when the file is read again.
#[derive(Default)]
pub struct Keys(HashMap<[u8; 32], u32>);

impl Keys {
    /// The task with its key. `id` is what the other program calls the task.
    pub fn add(&mut self, task: ImportedTask, id: Option<String>) -> ImportedTask {
        let key = id.map_or_else(
            || {
                // Two lines that are the same are two tasks.
                let text =
                    format!("{}\0{}\0{:?}", task.title, task.description.as_deref().unwrap_or_default(), task.due_at);
                let hash = Sha256::digest(&text).into();
                let count = self.0.entry(hash).and_modify(|count| *count += 1).or_default();
                format!("text\0{text}\0{count}")
            },
            |id| format!("id\0{id}"),
        );
        ImportedTask { key, ..task }
    }
}
