//! Reads files with tasks: the JSON of an export, and tables (CSV) of this and other programs.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use csv::{ReaderBuilder, StringRecord, Trim};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::formats::VERSION;
use crate::{
    calendar::Calendar,
    error::{Error, Result},
    http::parse_json,
    id::{TaskId, TeamId},
    tasks::{TaskStatus, imported::ImportedTask},
};

/// How many tasks a file may have: as many as one transaction inserts in its time.
pub const MAX_TASKS: usize = 10_000;

/// What a file has.
#[derive(Default)]
pub struct ReadFile {
    pub tasks: Vec<ImportedTask>,
    /// Columns of a table that mean nothing here.
    pub ignored_columns: Vec<String>,
    /// Conversations are not imported.
    pub conversations: usize,
}

/// The JSON of an export.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExportFile {
    /// `tallyboard`.
    #[schema(pattern = "^tallyboard$")]
    format: String,
    /// 1.
    #[schema(minimum = 1, maximum = 1)]
    version: u32,
    #[serde(rename = "exported_at")]
    _exported_at: Option<DateTime<Utc>>,
    /// Not imported.
    #[serde(rename = "goals", default)]
    #[schema(value_type = Object)]
    _goals: Map<String, Value>,
    /// Not imported.
    #[serde(rename = "saved_lists", default)]
    #[schema(value_type = Vec<Object>)]
    _saved_lists: Vec<Map<String, Value>>,
    /// Not imported: a task stays in its team when you are in it, and may add tasks to it.
    #[serde(rename = "teams", default)]
    #[schema(value_type = Vec<Object>)]
    _teams: Vec<Map<String, Value>>,
    /// As the API answers them.
    tasks: Vec<FileTask>,
    /// Counted, and not imported.
    #[serde(default)]
    #[schema(value_type = Vec<Object>)]
    conversations: Vec<Map<String, Value>>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FileTask {
    id: Option<TaskId>,
    #[schema(min_length = 1, max_length = 200, pattern = r"^[^\x00]*[^\s\x00][^\x00]*$")]
    title: String,
    #[schema(max_length = 1000)]
    description: Option<String>,
    #[serde(default)]
    status: TaskStatus,
    due_at: Option<DateTime<Utc>>,
    completed_at: Option<DateTime<Utc>>,
    created_at: Option<DateTime<Utc>>,
    team_id: Option<TeamId>,
    #[serde(rename = "user_id")]
    _user_id: Option<String>,
    #[serde(rename = "updated_at")]
    _updated_at: Option<String>,
    #[serde(rename = "access")]
    _access: Option<String>,
    /// Not imported: nobody sees a task before its owner shares it.
    #[serde(rename = "shares", default)]
    #[schema(value_type = Vec<Object>)]
    _shares: Vec<Map<String, Value>>,
}

/// Reads the JSON of an export.
pub fn json(bytes: &[u8]) -> Result<ReadFile> {
    let file: ExportFile = parse_json(bytes)?;
    if file.format != "tallyboard" {
        return Err(Error::invalid("format", "has to be tallyboard"));
    }
    if file.version != VERSION {
        return Err(Error::invalid("version", format!("this server reads version {VERSION}")));
    }
    check_count(file.tasks.len())?;
    let mut keys = Keys::default();
    let tasks = file.tasks.into_iter().enumerate().map(|(place, task)| {
        let FileTask { id, title, description, status, due_at, completed_at, created_at, team_id, .. } = task;
        let place = format!("tasks[{place}]");
        let found = ImportedTask {
            place,
            id,
            title,
            description,
            status,
            due_at,
            completed_at,
            created_at,
            team_id,
            ..Default::default()
        };
        keys.add(found, id.map(|id| id.to_string()))
    });
    Ok(ReadFile { tasks: tasks.collect(), conversations: file.conversations.len(), ..ReadFile::default() })
}

/// Refuses a file with more tasks than one transaction inserts.
pub fn check_count(count: usize) -> Result<()> {
    if count <= MAX_TASKS {
        return Ok(());
    }
    Err(Error::invalid("tasks", format!("at most {MAX_TASKS} in a file, this has {count}: split it")))
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

/// What a column of a table means.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Column {
    Id,
    Title,
    Description,
    Status,
    Due,
    Completed,
    Created,
    Team,
    /// What a row of Todoist's backup is: a task, a section, a comment.
    Kind,
}

/// The column of a heading, as this and other programs name it.
fn column(heading: &str) -> Option<Column> {
    Some(match heading.trim().to_lowercase().replace([' ', '-'], "_").as_str() {
        "id" => Column::Id,
        "title" | "content" | "task" | "name" | "summary" => Column::Title,
        "description" | "notes" | "note" => Column::Description,
        "status" | "done" | "completed" | "state" => Column::Status,
        "due_at" | "due" | "due_date" | "date" | "deadline" => Column::Due,
        "completed_at" => Column::Completed,
        "created_at" | "created" => Column::Created,
        "team_id" => Column::Team,
        "type" => Column::Kind,
        _ => return None,
    })
}

/// Reads a table, whose first line names the columns. A day without a time ends when the user's day ends.
pub fn csv(bytes: &[u8], calendar: &Calendar) -> Result<ReadFile> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let line = bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count() + 1;
        Error::invalid(&format!("line {line}"), "is not UTF-8: save the table in that encoding")
    })?;
    let text = text.trim_start_matches('\u{feff}');
    let heading = text.lines().next().unwrap_or_default();
    let delimiter =
        [b',', b';', b'\t'].into_iter().max_by_key(|sign| heading.bytes().filter(|byte| byte == sign).count());
    let mut reader =
        ReaderBuilder::new().delimiter(delimiter.unwrap_or(b',')).trim(Trim::Headers).from_reader(text.as_bytes());
    let headings = reader.headers().map_err(|error| broken(&error))?.clone();
    let mut columns = HashMap::new();
    let mut ignored_columns = Vec::new();
    for (place, heading) in headings.iter().enumerate() {
        match column(heading) {
            Some(column) if columns.contains_key(&column) => {
                return Err(Error::invalid("line 1", format!("has two columns like `{heading}`")));
            }
            Some(column) => {
                columns.insert(column, place);
            }
            None => ignored_columns.push(heading.to_owned()),
        }
    }
    if !columns.contains_key(&Column::Title) {
        return Err(Error::invalid("line 1", "has to name the columns, one of them `title`"));
    }
    let (mut keys, mut tasks) = (Keys::default(), Vec::new());
    for record in reader.records() {
        let record = record.map_err(|error| broken(&error))?;
        let line = record.position().map_or(0, csv::Position::line);
        let row = Row { columns: &columns, record: &record, line };
        if row.is_task() {
            let task = row.task(calendar)?;
            tasks.push(keys.add(task, row.value(Column::Id).map(str::to_owned)));
            check_count(tasks.len())?;
        }
    }
    Ok(ReadFile { tasks, ignored_columns, conversations: 0 })
}

fn broken(error: &csv::Error) -> Error {
    let line = error.position().map_or(1, csv::Position::line);
    let why = match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("has {len} values, the first line names {expected_len} columns")
        }
        _ => "is not a row of a table".to_owned(),
    };
    Error::invalid(&format!("line {line}"), why)
}

struct Row<'r> {
    columns: &'r HashMap<Column, usize>,
    record: &'r StringRecord,
    line: u64,
}

impl Row<'_> {
    /// The value in a column; `None` when it is empty.
    fn value(&self, column: Column) -> Option<&str> {
        let value = self.record.get(*self.columns.get(&column)?)?.trim();
        (!value.is_empty()).then_some(value)
    }

    /// Todoist's backup has sections and comments between the tasks.
    fn is_task(&self) -> bool {
        let is_blank = self.record.iter().all(|value| value.trim().is_empty());
        let kind = self.value(Column::Kind);
        !is_blank && (!self.columns.contains_key(&Column::Kind) || kind == Some("task"))
    }

    fn task(&self, calendar: &Calendar) -> Result<ImportedTask> {
        let text = |column| self.value(column).map(without_apostrophe);
        let due_at = self.time(Column::Due, "due_at", calendar);
        let (due_at, description) = match (due_at, self.value(Column::Due)) {
            // Todoist writes rules like `every monday`, which are kept as words.
            (Err(_), Some(rule)) if self.columns.contains_key(&Column::Kind) => {
                let words = [text(Column::Description), Some(format!("Date: {rule}"))];
                (None, Some(words.into_iter().flatten().collect::<Vec<_>>().join("\n")))
            }
            (due_at, _) => (due_at?, text(Column::Description)),
        };
        let id = self.value(Column::Id).and_then(|id| id.parse().ok());
        let team_id = self.value(Column::Team).map(|id| id.parse().map_err(|_| self.wrong("team_id", "is not an id")));
        Ok(ImportedTask {
            place: format!("line {}", self.line),
            id,
            title: text(Column::Title).unwrap_or_default(),
            description,
            status: self.status()?,
            due_at,
            completed_at: self.time(Column::Completed, "completed_at", calendar)?,
            created_at: self.time(Column::Created, "created_at", calendar)?,
            team_id: team_id.transpose()?,
            ..ImportedTask::default()
        })
    }

    fn status(&self) -> Result<TaskStatus> {
        match self.value(Column::Status).unwrap_or_default().to_lowercase().as_str() {
            "" | "pending" | "open" | "todo" | "to do" | "no" | "false" | "0" => Ok(TaskStatus::Pending),
            "completed" | "complete" | "done" | "yes" | "true" | "x" | "1" => Ok(TaskStatus::Completed),
            _ => Err(self.wrong("status", "has to be pending or completed")),
        }
    }

    fn time(&self, column: Column, name: &str, calendar: &Calendar) -> Result<Option<DateTime<Utc>>> {
        let Some(text) = self.value(column) else { return Ok(None) };
        if let Ok(day) = text.parse::<NaiveDate>() {
            return Ok(Some(calendar.end_of(day)));
        }
        match DateTime::parse_from_rfc3339(text) {
            Ok(time) => Ok(Some(time.to_utc())),
            Err(_) => Err(self.wrong(name, "has to be a day like 2026-12-24 or a time like 2026-12-24T18:00:00Z")),
        }
    }

    fn wrong(&self, field: &str, why: &str) -> Error {
        Error::invalid(&format!("line {}: {field}", self.line), why)
    }
}

/// The export writes an apostrophe before what a spreadsheet would run as a formula.
fn without_apostrophe(text: &str) -> String {
    let inner = text.strip_prefix('\'').filter(|inner| inner.starts_with(['=', '+', '-', '@', '\t', '\r']));
    inner.unwrap_or(text).to_owned()
}
