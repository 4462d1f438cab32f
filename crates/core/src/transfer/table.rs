//! Reads tables (CSV) of this and other programs. Which column means what is guessed from the first line, or said.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use csv::{Reader, ReaderBuilder, StringRecord};

use super::{
    cells::{self, Time},
    columns::{Columns, columns_by_heading, columns_of},
    encoding::decoded,
    items::{TASKS, check_count},
    read::{Keys, ReadFile, fitted, with_line},
    width::check_width,
};
use crate::tasks::imported::ImportedTask;
use tallyboard_db::now;
use tallyboard_model::{
    calendar::Calendar,
    error::{Error, Result},
    input::comparable,
    language::{t, t_with, text},
    tasks::TaskStatus,
};

pub use super::{
    cells::DayOrder,
    columns::{Column, NO_COLUMN, parse_columns},
};

/// How much of a heading or a sample is shown, in characters.
const MAX_SHOWN: usize = 100;

/// Options for reading a table.
#[derive(Clone, Debug, Default)]
pub struct TableLayout {
    /// What the columns mean; guessed from the first line if absent.
    pub columns: Option<Columns>,
    /// In which order its days are written.
    pub day_order: DayOrder,
    /// The name of its file, where it's known. Todoist names it after the project.
    pub file_name: String,
    /// Whether the table is one of several of an archive, so that its name always tells its tasks from theirs.
    pub is_one_of_several: bool,
}

/// The project after which a file is named: Todoist writes its number behind it, browsers how often it was downloaded.
pub fn project_of(file_name: &str) -> &str {
    let name = file_name.rsplit(['/', '\\']).next().unwrap_or_default();
    let mut name = name.rsplit_once('.').map_or(name, |(name, _)| name).trim();
    for (open, close) in [(" (", ')'), (" [", ']')] {
        let numbered = name.strip_suffix(close).and_then(|name| name.rsplit_once(open));
        name = numbered
            .filter(|(_, number)| number.bytes().all(|byte| byte.is_ascii_digit()))
            .map_or(name, |(name, _)| name);
    }
    name
}

/// How many rows show what is in a column.
const SAMPLE_ROWS: usize = 3;

/// The sample of a table for mapping its columns.
pub struct TableSample {
    /// The first line.
    pub headings: Vec<String>,
    /// The guessed meanings of its columns.
    pub guessed: Columns,
    /// The first rows after it.
    pub rows: Vec<Vec<String>>,
}

/// The beginning of a table.
pub fn sample(bytes: &[u8]) -> Result<TableSample> {
    let text = decoded(bytes)?;
    let Table { headings, mut reader, .. } = open(&text)?;
    let words = |record: &StringRecord| record.iter().map(shown).collect::<Vec<_>>();
    // A row's errors are reported when the table is read.
    let rows = reader.records().take(SAMPLE_ROWS).flatten().map(|record| words(&record)).collect();
    let mut guessed: Columns = Vec::new();
    for column in columns_by_heading(&headings) {
        guessed.push(column.filter(|column| !guessed.contains(&Some(*column))));
    }
    Ok(TableSample { headings: words(&headings), guessed, rows })
}

/// A cell as a page or an error shows it.
fn shown(text: &str) -> String {
    match text.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// A table whose headings were read.
struct Table<'t> {
    headings: StringRecord,
    /// The rows after them.
    reader: Reader<&'t [u8]>,
    /// How many lines were taken off before the reader began to count.
    skipped_lines: u64,
}

/// How many lines may come before the headings: TickTick says there what its numbers mean.
const MAX_PREAMBLE: usize = 20;
/// How much of a table is tried with each separator, in bytes.
const TRIED: usize = 64 * 1024;

fn reader(text: &str, delimiter: u8) -> Reader<&[u8]> {
    ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(text.as_bytes())
}

/// The place of the record with the headings: the first one that names a title, among others or alone in its table.
fn heading_place(text: &str, delimiter: u8) -> Option<(usize, usize)> {
    let mut records = reader(text, delimiter).into_records().take(MAX_PREAMBLE).enumerate();
    records.find_map(|(place, record)| {
        let record = record.ok()?;
        columns_by_heading(&record).contains(&Some(Column::Title)).then_some((place, record.len()))
    })
}

/// Reads the headings of a table.
fn open(mut text: &str) -> Result<Table<'_>> {
    let mut skipped_lines = 0;
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    // Excel says its separator.
    let said = first.trim_end().strip_prefix("sep=").and_then(|sign| sign.bytes().next());
    if said.is_some() {
        (text, skipped_lines) = (rest, 1);
    }
    let begin = &text[..text.floor_char_boundary(TRIED)];
    let candidates = said.map_or_else(|| vec![b',', b';', b'\t'], |sign| vec![sign]);
    let by_headings = candidates.iter().filter_map(|sign| Some((heading_place(begin, *sign)?, *sign)));
    let (place, delimiter) = by_headings.max_by_key(|((_, width), _)| *width).map_or_else(
        || {
            let heading = begin.lines().next().unwrap_or_default();
            let count = |sign: &u8| heading.bytes().filter(|byte| byte == sign).count();
            (0, candidates.iter().copied().max_by_key(count).unwrap_or(b','))
        },
        |((place, _), delimiter)| (place, delimiter),
    );
    check_width(text.as_bytes(), delimiter)?;
    let mut reader = reader(text, delimiter);
    let mut headings = StringRecord::new();
    for _ in 0..=place {
        reader.read_record(&mut headings).map_err(|error| broken(&error))?;
    }
    headings.trim();
    Ok(Table { headings, reader, skipped_lines })
}

/// Reads a table, whose first line has the headings of its columns. A day without a time ends when the user's day ends.
pub fn csv(bytes: &[u8], layout: &TableLayout, calendar: &Calendar) -> Result<ReadFile> {
    let text = decoded(bytes)?;
    let Table { headings, mut reader, skipped_lines } = open(&text)?;
    let columns: Columns = match &layout.columns {
        Some(columns) if columns.len() != headings.len() => {
            let why = t_with(
                "has {names} names, the table has {columns} columns",
                &[("names", &columns.len()), ("columns", &headings.len())],
            );
            return Err(Error::invalid("columns", why));
        }
        Some(columns) => {
            let guessed =
                columns_by_heading(&headings).into_iter().map(|guessed| guessed.filter(|c| c.is_found_only()));
            guessed.zip(columns).map(|(guessed, said)| said.or(guessed)).collect()
        }
        None => columns_of(&headings)?,
    };
    // The name of a project isn't kept in a task.
    let ignored =
        headings.iter().zip(&columns).filter(|(_, column)| column.is_none_or(|column| column == Column::Project));
    let ignored_columns = ignored.map(|(heading, _)| shown(heading)).collect();
    let mut places: HashMap<Column, Vec<usize>> = HashMap::new();
    for (place, column) in columns.into_iter().enumerate() {
        if let Some(column) = column {
            places.entry(column).or_default().push(place);
        }
    }
    let is_ours = ["updated_at", "team_id"].into_iter().all(|name| headings.iter().any(|heading| heading == name));
    let is_named_by_file = layout.is_one_of_several || places.contains_key(&Column::Kind);
    let project = if is_named_by_file { comparable(project_of(&layout.file_name)) } else { String::new() };
    let (mut keys, mut file, mut section) =
        (Keys::default(), ReadFile { ignored_columns, ..ReadFile::default() }, String::new());
    for record in reader.records() {
        let record = record.map_err(|error| broken(&error))?;
        let line = record.position().map_or(0, csv::Position::line) + skipped_lines;
        if record.iter().skip(headings.len()).any(|value| !value.trim().is_empty()) {
            let why = t_with(
                "has {len} values, the first line names {expected_len} columns",
                &[("len", &record.len()), ("expected_len", &headings.len())],
            );
            return Err(Error::invalid(&format!("line {line}"), why));
        }
        let row = Row { places: &places, record: &record, line, day_order: layout.day_order, is_ours };
        if let Some(name) = row.section() {
            name.clone_into(&mut section);
        }
        if !row.is_task() {
            continue;
        }
        if row.is_deleted() {
            file.deleted += 1;
            continue;
        }
        let (task, is_kept_as_words) = row.task(calendar)?;
        let task = fitted(task);
        file.kept_as_words += usize::from(is_kept_as_words);
        let id = row.value(Column::Id);
        // Programs count from 1: only with its title does an id name one task.
        let id = id.map(|id| match task.id {
            Some(_) => id.to_owned(),
            None if layout.is_one_of_several => format!("{project}\0{id}\0{}", task.title),
            None => format!("{id}\0{}", task.title),
        });
        let source = [project.as_str(), &section].into_iter().chain(row.values(Column::Project));
        let source: Vec<_> = source.filter(|name| !name.is_empty()).collect();
        file.tasks.push(keys.add(task, id, &source.join("\0")));
        check_count(TASKS, file.tasks.len())?;
    }
    Ok(file)
}

fn broken(error: &csv::Error) -> Error {
    let line = error.position().map_or(1, csv::Position::line);
    Error::invalid(&format!("line {line}"), t("is not a row of a table"))
}

struct Row<'r> {
    /// The column of each meaning.
    places: &'r HashMap<Column, Vec<usize>>,
    record: &'r StringRecord,
    line: u64,
    day_order: DayOrder,
    is_ours: bool,
}

impl Row<'_> {
    /// The values of a meaning that aren't empty.
    fn values(&self, column: Column) -> impl Iterator<Item = &str> {
        let places = self.places.get(&column).into_iter().flatten();
        places.filter_map(|place| self.record.get(*place)).map(str::trim).filter(|value| !value.is_empty())
    }

    /// The first of them.
    fn value(&self, column: Column) -> Option<&str> {
        self.values(column).next()
    }

    /// Todoist's backup has sections and comments between the tasks.
    fn is_task(&self) -> bool {
        let is_blank = self.record.iter().all(|value| value.trim().is_empty());
        let kind = self.value(Column::Kind);
        !is_blank && (!self.places.contains_key(&Column::Kind) || kind == Some("task"))
    }

    /// The name of a section of Todoist's backup.
    fn section(&self) -> Option<&str> {
        (self.value(Column::Kind) == Some("section")).then(|| self.value(Column::Title).unwrap_or_default())
    }

    /// Whether the task was deleted where it comes from.
    fn is_deleted(&self) -> bool {
        self.values(Column::Deleted).any(cells::is_said) || self.values(Column::Status).any(cells::is_deleted)
    }

    /// The task, and whether its day is kept as words, because it's a rule.
    fn task(&self, calendar: &Calendar) -> Result<(ImportedTask, bool)> {
        let cell = |column| self.value(column).map(without_apostrophe);
        let due_at = self.time(Column::Due, "due_at", calendar);
        let (due_at, description, is_kept_as_words) = match (due_at, self.value(Column::Due)) {
            // Todoist writes rules like `every monday`, which are kept as words.
            (Err(_), Some(rule)) if self.places.contains_key(&Column::Kind) => {
                let line = t_with("Date: {rule}", &[("rule", &rule)]);
                (None, with_line(cell(Column::Description), &line), true)
            }
            (due_at, _) => (due_at?, cell(Column::Description), false),
        };
        let id = self.value(Column::Id).and_then(|id| id.parse().ok());
        let team_id =
            self.value(Column::Team).map(|id| id.parse().map_err(|_| self.wrong("team_id", text("is not an id"))));
        let completed_at = self.time(Column::Completed, "completed_at", calendar)?;
        let mut said = self.values(Column::Status).map(cells::status).peekable();
        let status = if said.peek().is_none() {
            // Some programs say it by the day alone.
            if completed_at.is_some() { TaskStatus::Completed } else { TaskStatus::Pending }
        } else {
            // Outlook has a percentage beside it, Trello whether a card was archived: the most that's said counts.
            let status = said.flatten().max_by_key(|status| *status == TaskStatus::Completed);
            status.ok_or_else(|| self.wrong("status", text("has to be pending or completed")))?
        };
        let task = ImportedTask {
            place: format!("line {}", self.line),
            id,
            title: cell(Column::Title).unwrap_or_default(),
            description,
            status,
            due_at,
            completed_at: completed_at.map(|time| not_after_now(time, calendar)),
            created_at: self.time(Column::Created, "created_at", calendar)?.map(|time| not_after_now(time, calendar)),
            team_id: team_id.transpose()?,
            ..ImportedTask::default()
        };
        Ok((task, is_kept_as_words))
    }

    fn time(&self, column: Column, name: &str, calendar: &Calendar) -> Result<Option<DateTime<Utc>>> {
        let is_day = |text: &&str| !cells::is_no_day(text);
        let mut read = self
            .values(column)
            .filter(is_day)
            .map(|text| cells::time(text, self.day_order, calendar, self.is_ours))
            .peekable();
        let Some(first) = read.peek().copied() else { return Ok(None) };
        if let Some(time) = read.find_map(|read| if let Time::At(time) = read { Some(time) } else { None }) {
            return Ok(Some(time));
        }
        if first == Time::NoSuchDay {
            return Err(self.wrong(name, t("isn't a valid date")));
        }
        let day = DayOrder::CHOICES.iter().find(|(order, ..)| *order == self.day_order).map_or("", |(.., day)| *day);
        let why = t_with(
            "has to be a day like {day}, with a time like 18:00 or without, or a time like 2026-12-24T18:00:00Z",
            &[("day", &day)],
        );
        Err(self.wrong(name, &why))
    }

    fn wrong(&self, field: &str, why: &str) -> Error {
        Error::invalid(&format!("line {}: {field}", self.line), why)
    }
}

/// In a table without times, tasks completed today count as completed by now.
fn not_after_now(time: DateTime<Utc>, calendar: &Calendar) -> DateTime<Utc> {
    if calendar.date_of(time) == calendar.today_date() { time.min(now()) } else { time }
}

/// The export writes an apostrophe before what a spreadsheet would run as a formula, and before such an apostrophe.
fn without_apostrophe(text: &str) -> String {
    let is_formula = text.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r']);
    text.strip_prefix('\'').filter(|_| is_formula).unwrap_or(text).to_owned()
}
