//! Reads what Vikunja's export writes: a zip file whose `data.json` has the projects, each with its tasks.
//! <https://kolaente.dev/vikunja/vikunja/src/branch/main/pkg/models/export.go>

use std::io::{Cursor, Read};

use chrono::{DateTime, Datelike, Utc};
use serde::Deserialize;
use zip::{ZipArchive, result::ZipError};

use super::{
    items::{Items, OTHERS, TASKS, counted},
    plain_text::plain_text,
    read::{Keys, MAX_FILE_BYTES, ReadFile},
};
use crate::tasks::imported::ImportedTask;
use tallyboard_model::{
    error::{Error, Result},
    language::t_with,
    tasks::TaskStatus,
};

/// The file with the projects and tasks.
const DATA: &str = "data.json";
/// The largest `data.json`, in bytes: a small zip file may unpack to any size.
const MAX_DATA_BYTES: u64 = MAX_FILE_BYTES as u64;

/// A project. Fields that mean nothing here are left out.
#[derive(Deserialize)]
struct Project {
    #[serde(default)]
    title: String,
    /// Null where there is none.
    tasks: Option<Items<Task, TASKS>>,
}

#[derive(Deserialize)]
struct Task {
    id: Option<i64>,
    #[serde(default)]
    title: String,
    /// HTML.
    description: Option<String>,
    #[serde(default)]
    done: bool,
    done_at: Option<DateTime<Utc>>,
    due_date: Option<DateTime<Utc>>,
    created: Option<DateTime<Utc>>,
}

/// Reads the zip file of an export.
pub fn zip(bytes: &[u8]) -> Result<ReadFile> {
    let data = unpack(bytes)?;
    let projects: Items<Project, OTHERS> = counted(|| {
        serde_json::from_slice(&data)
            .map_err(|error| Error::invalid(DATA, "is not what Vikunja writes").detail(error.to_string()))
    })?;
    let (mut keys, mut tasks) = (Keys::default(), Vec::new());
    for (place, project) in projects.0.into_iter().enumerate() {
        for (number, task) in project.tasks.unwrap_or_default().0.into_iter().enumerate() {
            let id = task.id.map(|id| format!("vikunja {id}"));
            let place = format!("[{place}].tasks[{number}]");
            tasks.push(keys.add(imported(task, &project.title, place), id));
        }
    }
    Ok(ReadFile { tasks, ..ReadFile::default() })
}

fn unpack(bytes: &[u8]) -> Result<Vec<u8>> {
    let broken = |_| Error::invalid("file", "is not a whole zip file");
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(broken)?;
    let file = archive.by_name(DATA).map_err(|error| match error {
        ZipError::FileNotFound => Error::invalid("file", "has no data.json: choose the one that Vikunja's export made"),
        _ => Error::invalid("file", "cannot be unpacked"),
    })?;
    let mut data = Vec::new();
    file.take(MAX_DATA_BYTES + 1).read_to_end(&mut data).map_err(|_| Error::invalid("file", "cannot be unpacked"))?;
    if data.len() as u64 > MAX_DATA_BYTES {
        return Err(Error::invalid(DATA, "is larger than 8 MiB: export fewer projects at a time"));
    }
    Ok(data)
}

fn imported(task: Task, project: &str, place: String) -> ImportedTask {
    let words = [task.description.as_deref().map(plain_text), Some(project_line(project))];
    let words: Vec<_> = words.into_iter().flatten().filter(|text| !text.is_empty()).collect();
    let status = if task.done { TaskStatus::Completed } else { TaskStatus::Pending };
    ImportedTask {
        place,
        title: task.title,
        description: (!words.is_empty()).then(|| words.join("\n")),
        status,
        due_at: task.due_date.filter(is_time),
        completed_at: task.done_at.filter(|time| task.done && is_time(time)),
        created_at: task.created.filter(is_time),
        ..ImportedTask::default()
    }
}

/// Vikunja writes the year 1 where there is no time.
fn is_time(time: &DateTime<Utc>) -> bool {
    time.year() > 1
}

/// There are no projects here: the name stays as words.
fn project_line(project: &str) -> String {
    let name = project.trim();
    if name.is_empty() || name == "Inbox" { String::new() } else { t_with("Project: {name}", &[("name", &name)]) }
}
