//! Reads what Vikunja's export writes: a zip file whose `data.json` has the projects, each with its tasks.
//! <https://kolaente.dev/vikunja/vikunja/src/branch/main/pkg/models/export.go>

use std::io::{Cursor, Read};

use chrono::{DateTime, Datelike, Utc};
use serde::Deserialize;
use zip::{ZipArchive, result::ZipError};

use super::read::{Keys, ReadFile, check_count};
use crate::tasks::imported::ImportedTask;
use tallyboard_model::{
    error::{Error, Result},
    html,
    language::t_with,
    tasks::TaskStatus,
};

/// The file with the projects and tasks.
const DATA: &str = "data.json";
/// The largest `data.json`, in bytes: a small zip file may unpack to any size.
const MAX_DATA_BYTES: u64 = 64 * 1024 * 1024;

/// A project. Fields that mean nothing here are left out.
#[derive(Deserialize)]
struct Project {
    #[serde(default)]
    title: String,
    /// Null where there is none.
    tasks: Option<Vec<Task>>,
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
    let projects: Vec<Project> = serde_json::from_slice(&data)
        .map_err(|error| Error::invalid(DATA, "is not what Vikunja writes").detail(error.to_string()))?;
    let (mut keys, mut tasks) = (Keys::default(), Vec::new());
    for (place, project) in projects.into_iter().enumerate() {
        for (number, task) in project.tasks.unwrap_or_default().into_iter().enumerate() {
            let id = task.id.map(|id| format!("vikunja {id}"));
            let place = format!("[{place}].tasks[{number}]");
            tasks.push(keys.add(imported(task, &project.title, place), id));
            check_count(tasks.len())?;
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
        return Err(Error::invalid(DATA, "is larger than 64 MB: export fewer projects at a time"));
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

/// The words of a description, one line for each of its paragraphs and items.
fn plain_text(description: &str) -> String {
    let mut text = description.to_owned();
    for end in ["</p>", "</li>", "</h1>", "</h2>", "</h3>", "<br>", "<br/>", "<br />"] {
        text = text.replace(end, &format!("{end}\n"));
    }
    let without_tags = ammonia::Builder::empty().clean(&text).to_string();
    let lines: Vec<_> = without_tags.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    html::unescape(&lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_becomes_lines_of_words() {
        let html = "<p>Two &amp; a half <strong>litres</strong></p><ul><li>fresh</li><li>1 &lt; 2</li></ul><script>x()</script>";
        assert_eq!(plain_text(html), "Two & a half litres\nfresh\n1 < 2");
        assert_eq!(plain_text("plain words"), "plain words");
        assert_eq!(plain_text("<p></p>"), "");
    }
}
