//! Reads what Vikunja's export writes: a zip file whose `data.json` has the projects, each with its tasks.
//! <https://kolaente.dev/vikunja/vikunja/src/branch/main/pkg/models/export.go>

use chrono::{DateTime, Datelike, Utc};
use serde::Deserialize;

use super::{
    items::{Items, OTHERS, TASKS, counted},
    plain_text::plain_text,
    read::{Keys, ReadFile, fitted},
};
use crate::tasks::imported::ImportedTask;
use tallyboard_model::{
    error::{Error, Result},
    language::t_with,
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

/// Reads the file with the projects.
pub fn read(data: &[u8]) -> Result<ReadFile> {
    let projects: Items<Project, OTHERS> = counted(|| {
        serde_json::from_slice(data)
            .map_err(|error| Error::invalid(DATA, "is not what Vikunja writes").detail(error.to_string()))
    })?;
    let (mut keys, mut tasks) = (Keys::default(), Vec::new());
    for (place, project) in projects.0.into_iter().enumerate() {
        add_project(&mut tasks, &mut keys, project, &format!("[{place}]"));
    }
    Ok(ReadFile { tasks, ..ReadFile::default() })
}

fn add_project(tasks: &mut Vec<ImportedTask>, keys: &mut Keys, project: Project, place: &str) {
    for (number, task) in project.tasks.unwrap_or_default().0.into_iter().enumerate() {
        let id = task.id.map(|id| format!("vikunja {id}"));
        let place = format!("{place}.tasks[{number}]");
        tasks.push(keys.add(fitted(imported(task, &project.title, place)), id));
    }
    for (number, list) in project.lists.unwrap_or_default().0.into_iter().enumerate() {
        add_project(tasks, keys, list, &format!("{place}.lists[{number}]"));
    }
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
pub fn project_line(project: &str) -> String {
    let name = project.trim();
    if name.is_empty() || name == "Inbox" { String::new() } else { t_with("Project: {name}", &[("name", &name)]) }
}
