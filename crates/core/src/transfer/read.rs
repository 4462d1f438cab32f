//! What is read from a file, whatever its format.

use std::collections::HashMap;

use super::settings::FileSettings;
use crate::{chat::imported::ImportedConversation, tasks::imported::ImportedTask};
use tallyboard_model::{
    error::{Error, Result},
    language::t_with,
};

/// How many tasks a file may have, and how many messages: as many as one transaction inserts in its time.
pub const MAX_TASKS: usize = 10_000;

/// What a file has.
#[derive(Clone, Default)]
pub struct ReadFile {
    pub tasks: Vec<ImportedTask>,
    pub conversations: Vec<ImportedConversation>,
    pub settings: FileSettings,
    /// Columns of a table that mean nothing here.
    pub ignored_columns: Vec<String>,
}

/// Refuses a file with more tasks than one transaction inserts.
pub fn check_count(count: usize) -> Result<()> {
    if count <= MAX_TASKS {
        return Ok(());
    }
    Err(Error::invalid(
        "tasks",
        t_with("at most {most} in a file, this has {n}: split it", &[("most", &MAX_TASKS), ("n", &count)]),
    ))
}

/// Gives each task of a file a key that is the same when the file is read again.
#[derive(Default)]
pub struct Keys(HashMap<String, u32>);

impl Keys {
    /// The task with its key. `id` is what the other program calls the task.
    pub fn add(&mut self, task: ImportedTask, id: Option<String>) -> ImportedTask {
        let key = id.map_or_else(
            || {
                // Two lines that are the same are two tasks.
                let text =
                    format!("{}\0{}\0{:?}", task.title, task.description.as_deref().unwrap_or_default(), task.due_at);
                let count = self.0.entry(text.clone()).and_modify(|count| *count += 1).or_default();
                format!("text\0{text}\0{count}")
            },
            |id| format!("id\0{id}"),
        );
        ImportedTask { key, ..task }
    }
}
