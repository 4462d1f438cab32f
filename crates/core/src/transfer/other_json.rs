//! Reads the JSON of other programs: a Trello board, Google Tasks as Takeout writes them, a project of Asana.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, de::IgnoredAny};

use super::{
    cells::{self, DayOrder, Time},
    flag::Flag,
    items::{Items, OTHERS, TASKS, counted},
    read::{Keys, ReadFile, fitted, project_line, with_line},
};
use crate::tasks::imported::ImportedTask;
use tallyboard_base::http::parse_json;
use tallyboard_model::{
    calendar::Calendar,
    error::{Error, Result},
    language::text,
    tasks::TaskStatus,
};

/// The top-level keys that identify a file's program.
#[derive(Deserialize)]
struct Shape {
    format: Option<IgnoredAny>,
    tasks: Option<IgnoredAny>,
    cards: Option<IgnoredAny>,
    lists: Option<IgnoredAny>,
    data: Option<IgnoredAny>,
    items: Option<IgnoredAny>,
    kind: Option<String>,
}

/// Reads a file that's no export of this program, for which reading it gave an error.
pub fn read(bytes: &[u8], error: Error, calendar: &Calendar) -> Result<ReadFile> {
    let Ok(shape) = serde_json::from_slice::<Shape>(bytes) else { return Err(error) };
    let mut reader = Reader { keys: Keys::default(), file: ReadFile::default(), calendar };
    match shape {
        Shape { format: Some(_), .. } => return Err(error),
        Shape { cards: Some(_), lists: Some(_), .. } => reader.trello(counted(|| parse_json(bytes))?),
        Shape { items: Some(_), kind: Some(kind), .. } if kind.starts_with("tasks#") => {
            reader.google(counted(|| parse_json(bytes))?);
        }
        Shape { data: Some(_), .. } => reader.asana(counted(|| parse_json(bytes))?),
        // It may be one that somebody wrote by hand.
        Shape { tasks: Some(_), .. } => return Err(error),
        _ => {
            let why = text(
                "is missing: JSON of Tallyboard, Trello, Google Tasks and Asana is read. Export the tasks as a table (CSV) instead",
            );
            return Err(Error::invalid("format", why));
        }
    }
    Ok(reader.file)
}

/// A board. <https://support.atlassian.com/trello/docs/exporting-data-from-trello/>
#[derive(Deserialize)]
struct Board {
    #[serde(default)]
    name: String,
    cards: Items<Card, TASKS>,
    lists: Items<CardList, OTHERS>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Card {
    id: Option<String>,
    #[serde(default)]
    name: String,
    desc: Option<String>,
    due: Option<String>,
    #[serde(default)]
    due_complete: Flag,
    /// Whether it's in the archive.
    #[serde(default)]
    closed: Flag,
    id_list: Option<String>,
    /// Whether it describes how to make others.
    #[serde(default)]
    is_template: Flag,
}

#[derive(Deserialize)]
struct CardList {
    id: Option<String>,
    #[serde(default)]
    name: String,
    #[serde(default)]
    closed: Flag,
}

/// What Takeout writes as `Tasks.json`.
#[derive(Deserialize)]
struct GoogleLists {
    items: Items<GoogleList, OTHERS>,
}

#[derive(Deserialize)]
struct GoogleList {
    #[serde(default)]
    title: String,
    items: Option<Items<GoogleTask, TASKS>>,
}

#[derive(Deserialize)]
struct GoogleTask {
    id: Option<String>,
    #[serde(default)]
    title: String,
    notes: Option<String>,
    status: Option<String>,
    due: Option<String>,
    completed: Option<String>,
    created: Option<String>,
    #[serde(default)]
    deleted: Flag,
}

/// A project. <https://help.asana.com/s/article/import-and-export>
#[derive(Deserialize)]
struct AsanaProject {
    data: Items<AsanaTask, TASKS>,
}

#[derive(Deserialize)]
struct AsanaTask {
    gid: Option<String>,
    #[serde(default)]
    name: String,
    notes: Option<String>,
    #[serde(default)]
    completed: Flag,
    completed_at: Option<String>,
    due_on: Option<String>,
    due_at: Option<String>,
    created_at: Option<String>,
    projects: Option<Items<AsanaName, OTHERS>>,
}

#[derive(Deserialize)]
struct AsanaName {
    #[serde(default)]
    name: String,
}

struct Reader<'c> {
    keys: Keys,
    file: ReadFile,
    calendar: &'c Calendar,
}

impl Reader<'_> {
    fn trello(&mut self, board: Board) {
        let lists: HashMap<_, _> =
            board.lists.0.into_iter().filter_map(|list| Some((list.id.clone()?, list))).collect();
        for (number, card) in board.cards.0.into_iter().enumerate() {
            if card.is_template.0 {
                continue;
            }
            let list = card.id_list.as_ref().and_then(|id| lists.get(id));
            // Archived tasks aren't pending, and neither are tasks in a list of that name.
            let is_done = card.due_complete.0
                || card.closed.0
                || list.is_some_and(|list| list.closed.0 || cells::status(&list.name) == Some(TaskStatus::Completed));
            let place = [board.name.as_str(), list.map_or("", |list| &list.name)].map(str::trim);
            let place: Vec<_> = place.into_iter().filter(|name| !name.is_empty()).collect();
            let task = ImportedTask {
                place: format!("cards[{number}]"),
                title: card.name,
                description: with_line(card.desc, &project_line(&place.join(" / "))),
                status: if is_done { TaskStatus::Completed } else { TaskStatus::Pending },
                due_at: self.time(card.due.as_deref()),
                ..ImportedTask::default()
            };
            self.add(task, card.id.map(|id| format!("trello {id}")), &board.name);
        }
    }

    fn google(&mut self, lists: GoogleLists) {
        for (place, list) in lists.items.0.into_iter().enumerate() {
            for (number, task) in list.items.unwrap_or_default().0.into_iter().enumerate() {
                // Takeout has lines of the list that somebody left empty.
                if task.deleted.0 || task.title.trim().is_empty() {
                    self.file.deleted += usize::from(task.deleted.0);
                    continue;
                }
                let is_done = task.status.as_deref().and_then(cells::status) == Some(TaskStatus::Completed);
                let found = ImportedTask {
                    place: format!("items[{place}].items[{number}]"),
                    title: task.title,
                    description: with_line(task.notes, &project_line(&list.title)),
                    status: if is_done { TaskStatus::Completed } else { TaskStatus::Pending },
                    due_at: self.time(task.due.as_deref()),
                    completed_at: self.time(task.completed.as_deref()).filter(|_| is_done),
                    created_at: self.time(task.created.as_deref()),
                    ..ImportedTask::default()
                };
                self.add(found, task.id.map(|id| format!("google {id}")), &list.title);
            }
        }
    }

    fn asana(&mut self, project: AsanaProject) {
        for (number, task) in project.data.0.into_iter().enumerate() {
            // Sections were such tasks.
            if task.name.ends_with(':') && task.notes.as_deref().is_none_or(str::is_empty) && task.due_on.is_none() {
                continue;
            }
            let projects = task.projects.unwrap_or_default().0;
            let project = projects.first().map_or("", |project| project.name.as_str());
            let found = ImportedTask {
                place: format!("data[{number}]"),
                title: task.name,
                description: with_line(task.notes, &project_line(project)),
                status: if task.completed.0 { TaskStatus::Completed } else { TaskStatus::Pending },
                due_at: self.time(task.due_at.as_deref().or(task.due_on.as_deref())),
                completed_at: self.time(task.completed_at.as_deref()).filter(|_| task.completed.0),
                created_at: self.time(task.created_at.as_deref()),
                ..ImportedTask::default()
            };
            self.add(found, task.gid.map(|id| format!("asana {id}")), project);
        }
    }

    fn add(&mut self, task: ImportedTask, id: Option<String>, source: &str) {
        self.file.tasks.push(self.keys.add(fitted(task), id, source));
    }

    /// A time; midnight in UTC is a day, which ends when the user's day ends.
    fn time(&self, text: Option<&str>) -> Option<DateTime<Utc>> {
        match cells::time(text?, DayOrder::Ymd, self.calendar, false) {
            Time::At(time) => Some(time),
            Time::NoSuchDay | Time::Unknown => None,
        }
    }
}
