//! What is read from a file, whatever its format.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use super::settings::FileSettings;
use crate::{chat::imported::ImportedConversation, tasks::imported::ImportedTask};
use tallyboard_model::language::{t, t_with};

/// The largest file.
pub const MAX_FILE_BYTES: usize = 8 * 1024 * 1024;

/// The contents of a file.
#[derive(Clone, Default)]
pub struct ReadFile {
    pub tasks: Vec<ImportedTask>,
    pub conversations: Vec<ImportedConversation>,
    pub settings: FileSettings,
    /// Columns of a table that mean nothing here.
    pub ignored_columns: Vec<String>,
    /// How many days are rules or the like, and became words of the description.
    pub kept_as_words: usize,
    /// How many tasks were deleted where they come from; they're left out.
    pub deleted: usize,
}

/// A text with a line after it, such as the name of a project.
pub fn with_line(text: Option<String>, line: &str) -> Option<String> {
    let parts = [text.as_deref().unwrap_or_default(), line];
    let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    (!parts.is_empty()).then(|| parts.join("\n"))
}

/// There are no projects here: the name is kept as text.
pub fn project_line(project: &str) -> String {
    let name = project.trim();
    if name.is_empty() || name == "Inbox" { String::new() } else { t_with("Project: {name}", &[("name", &name)]) }
}

/// The longest title and description, in characters.
const MAX_TITLE: usize = 200;
const MAX_DESCRIPTION: usize = 1000;

/// Another program's task, with long texts made to fit: the rest of a title goes into the description, and a
/// description ends with a note.
pub fn fitted(task: ImportedTask) -> ImportedTask {
    let title = task.title.trim();
    let (title, description) = match title.char_indices().nth(MAX_TITLE - 1) {
        Some((end, _)) if title[end..].chars().nth(1).is_some() => {
            let rest = format!("…{}", &title[end..]);
            let words = [Some(rest), task.description].into_iter().flatten();
            (format!("{}…", &title[..end]), Some(words.collect::<Vec<_>>().join("\n")))
        }
        _ => (title.to_owned(), task.description),
    };
    let note = format!("\n{}", t("(shortened)"));
    let description = description.map(|text| {
        if text.trim().chars().count() <= MAX_DESCRIPTION {
            return text;
        }
        let kept: String = text.trim().chars().take(MAX_DESCRIPTION - note.chars().count()).collect();
        kept + &note
    });
    ImportedTask { title, description, ..task }
}

/// Gives each task of a file a key that is the same when the file is read again.
#[derive(Default)]
pub struct Keys(HashMap<[u8; 32], u32>);

impl Keys {
    /// The task with its key. `id` is what the other program calls the task. Without one, `source` tells it from equal tasks
    /// of other projects, lists or sections.
    pub fn add(&mut self, task: ImportedTask, id: Option<String>, source: &str) -> ImportedTask {
        let key = id.map_or_else(
            || {
                // Two lines that are the same are two tasks.
                let mut text =
                    format!("{}\0{}\0{:?}", task.title, task.description.as_deref().unwrap_or_default(), task.due_at);
                if !source.is_empty() {
                    text = format!("{source}\0\0{text}");
                }
                let hash = Sha256::digest(&text).into();
                let count = self.0.entry(hash).and_modify(|count| *count += 1).or_default();
                format!("text\0{text}\0{count}")
            },
            |id| format!("id\0{id}"),
        );
        ImportedTask { key, ..task }
    }
}
