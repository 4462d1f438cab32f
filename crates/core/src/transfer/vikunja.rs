//! Reads what Vikunja's export writes: a zip file whose `data.json` has the projects, each with its tasks.
//! <https://kolaente.dev/vikunja/vikunja/src/branch/main/pkg/models/export.go>

use chrono::{DateTime, Datelike, Utc};
use serde::Deserialize;

use super::{
    flag::Flag,
    items::{Items, OTHERS, TASKS, counted},
    plain_text::plain_text,
    read::{Keys, ReadFile, fitted, project_line, with_line},
};
use crate::tasks::imported::ImportedTask;
use tallyboard_model::{
    error::{Error, Result},
    tasks::TaskStatus,
};

/// The file with the projects and tasks.
pub const DATA: &str = "data.json";
/// A project. Fields that mean nothing here are left out.
#[derive(Deserialize)]
struct Project {
    #[serde(default)]
    title: String,
    /// Null where there is none.
    tasks: Option<Items<Task, TASKS>>,
    /// Before version 0.21 a namespace had lists, and these the tasks.
    lists: Option<Items<Project, OTHERS>>,
    #[serde(default)]
    deleted_at: Flag,
    #[serde(default)]
    is_deleted: Flag,
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
    #[serde(default)]
    deleted_at: Flag,
    #[serde(default)]
    is_deleted: Flag,
}

/// Reads the file with the projects.
pub fn read(data: &[u8]) -> Result<ReadFile> {
    let projects: Items<Project, OTHERS> = counted(|| {
        serde_json::from_slice(data)
            .map_err(|error| Error::invalid(DATA, "isn't a Vikunja export").detail(error.to_string()))
    })?;
    let (mut keys, mut file) = (Keys::default(), ReadFile::default());
    for (place, project) in projects.0.into_iter().enumerate() {
        add_project(&mut file, &mut keys, project, &format!("[{place}]"), false);
    }
    Ok(file)
}

/// Adds a project's tasks. Those in the trash, themselves or with their project, are counted and left out.
fn add_project(file: &mut ReadFile, keys: &mut Keys, project: Project, place: &str, is_in_deleted: bool) {
    let is_deleted = is_in_deleted || project.deleted_at.0 || project.is_deleted.0;
    for (number, task) in project.tasks.unwrap_or_default().0.into_iter().enumerate() {
        if is_deleted || task.deleted_at.0 || task.is_deleted.0 {
            file.deleted += 1;
            continue;
        }
        // Every server counts from 1.
        let of_server = task.created.filter(is_time).map_or_else(|| task.title.clone(), |time| time.to_rfc3339());
        let id = task.id.map(|id| format!("vikunja {id}\0{of_server}"));
        let place = format!("{place}.tasks[{number}]");
        file.tasks.push(keys.add(fitted(imported(task, &project.title, place)), id, &project.title));
    }
    for (number, list) in project.lists.unwrap_or_default().0.into_iter().enumerate() {
        add_project(file, keys, list, &format!("{place}.lists[{number}]"), is_deleted);
    }
}

fn imported(task: Task, project: &str, place: String) -> ImportedTask {
    let status = if task.done { TaskStatus::Completed } else { TaskStatus::Pending };
    ImportedTask {
        place,
        title: task.title,
        description: with_line(task.description.as_deref().map(plain_text), &project_line(project)),
        status,
        due_at: task.due_date.filter(is_time),
        completed_at: task.done_at.filter(|time| task.done && is_time(time)),
        created_at: task.created.filter(is_time),
        ..ImportedTask::default()
    }
}

/// Vikunja writes the year 1 for a missing time.
fn is_time(time: &DateTime<Utc>) -> bool {
    time.year() > 1
}
