//! Reads tables (CSV) of this and other programs. Which column means what is guessed from the first line, or said.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use csv::{Reader, ReaderBuilder, StringRecord};

use super::{
    cells::{self, Time},
    items::{TASKS, check_count},
    read::{Keys, ReadFile, fitted},
    width::{MAX_COLUMNS, check_width},
};
use crate::tasks::imported::ImportedTask;
use tallyboard_db::now;
use tallyboard_model::{
    calendar::Calendar,
    error::{Error, Result},
    language::{t, t_with, text},
    tasks::TaskStatus,
};

pub use super::cells::DayOrder;

/// What a column of a table means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // the names say it
pub enum Column {
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

/// What the headings of a table mean, as this and other programs name them.
fn columns_by_heading(headings: &StringRecord) -> Columns {
    let has = |wanted: &str| headings.iter().any(|heading| heading.trim().eq_ignore_ascii_case(wanted));
    let is_todoist = ["TYPE", "CONTENT"].into_iter().all(|name| headings.iter().any(|heading| heading == name));
    let meaning = |heading: &str| match column(heading) {
        // Other programs have types of tasks.
        Some(Column::Kind) => is_todoist.then_some(Column::Kind),
        // Todoist's title is TickTick's description.
        Some(Column::Title) if heading.trim().eq_ignore_ascii_case("content") && has("title") => {
            Some(Column::Description)
        }
        column => column,
    };
    headings.iter().map(meaning).collect()
}

fn column(heading: &str) -> Option<Column> {
    Some(match heading.trim().to_lowercase().replace([' ', '-'], "_").as_str() {
        "id" | "taskid" | "task_id" => Column::Id,
        "title" | "content" | "task" | "task_name" | "name" | "summary" | "subject" | "titel" | "betreff" => {
            Column::Title
        }
        "description" | "notes" | "note" | "beschreibung" | "notiz" | "notizen" => Column::Description,
        "status" | "done" | "completed" | "state" | "%_complete" | "erledigt" => Column::Status,
        "due_at" | "due" | "due_date" | "date" | "deadline" | "fällig" | "fällig_am" | "fälligkeitsdatum" => {
            Column::Due
        }
        "completed_at" | "completed_time" | "completion_date" | "date_completed" | "erledigt_am" => Column::Completed,
        "created_at" | "created" | "created_time" | "erstellt" | "erstellt_am" => Column::Created,
        "team_id" => Column::Team,
        "type" => Column::Kind,
        _ => return None,
    })
}

impl Column {
    /// Those that somebody can choose, by their names, with words for people.
    pub const CHOICES: [(Self, &str, &str); 8] = [
        (Self::Title, "title", text("Title")),
        (Self::Description, "description", text("Description")),
        (Self::Due, "due_at", text("Due")),
        (Self::Status, "status", text("Completed or not")),
        (Self::Completed, "completed_at", text("Completed at")),
        (Self::Created, "created_at", text("Created at")),
        (Self::Team, "team_id", text("Team (its id)")),
        (Self::Id, "id", text("Id")),
    ];
}

/// How much of a heading or a sample is shown, in characters.
const MAX_SHOWN: usize = 100;

/// The name of a column that means nothing here.
pub const NO_COLUMN: &str = "-";

/// What the columns of a table mean, in their order; `None` means nothing here.
type Columns = Vec<Option<Column>>;

/// How a table is to be read.
#[derive(Clone, Debug, Default)]
pub struct TableLayout {
    /// What the columns mean; guessed from the first line when it is not said.
    pub columns: Option<Columns>,
    /// In which order its days are written.
    pub day_order: DayOrder,
}

/// The columns of a layout by their names.
///
/// # Errors
/// 422 for an unknown name, for one that's given twice, and when none is the title.
pub fn parse_columns<'n>(names: impl IntoIterator<Item = &'n str>) -> Result<Columns> {
    let column = |name: &str| {
        let known = Column::CHOICES.iter().find(|(_, known, _)| *known == name).map(|(column, ..)| *column);
        if known.is_some() || name == NO_COLUMN {
            return Ok(known);
        }
        let names: Vec<_> = Column::CHOICES.iter().map(|(_, name, _)| *name).collect();
        Err(Error::invalid(
            "columns",
            t_with("has to name {names}, or {none} for nothing", &[("names", &names.join(", ")), ("none", &NO_COLUMN)]),
        ))
    };
    // One more shows that there are too many.
    let columns = names.into_iter().take(MAX_COLUMNS + 1).map(column).collect::<Result<Columns>>()?;
    if columns.len() > MAX_COLUMNS {
        return Err(Error::invalid("columns", t_with("at most {most}", &[("most", &MAX_COLUMNS)])));
    }
    for (wanted, name, _) in Column::CHOICES {
        let count = columns.iter().filter(|column| **column == Some(wanted)).count();
        if count > 1 {
            return Err(Error::invalid("columns", t_with("names {name} twice", &[("name", &name)])));
        }
        if count == 0 && wanted == Column::Title {
            return Err(Error::invalid("columns", "has to name the title"));
        }
    }
    Ok(columns)
}

/// How many rows show what is in a column.
const SAMPLE_ROWS: usize = 3;

/// What somebody has to see of a table to say what its columns mean.
pub struct TableSample {
    /// The first line.
    pub headings: Vec<String>,
    /// What its columns seem to mean.
    pub guessed: Columns,
    /// The first rows after it.
    pub rows: Vec<Vec<String>>,
}

/// The beginning of a table.
pub fn sample(bytes: &[u8]) -> Result<TableSample> {
    let Table { headings, mut reader, .. } = open(bytes)?;
    let words = |record: &StringRecord| record.iter().map(shown).collect::<Vec<_>>();
    // What is wrong with a row is said when the table is read.
    let rows = reader.records().take(SAMPLE_ROWS).flatten().map(|record| words(&record)).collect();
    let mut guessed: Columns = Vec::new();
    for column in columns_by_heading(&headings) {
        guessed.push(column.filter(|column| !guessed.contains(&Some(*column))));
    }
    Ok(TableSample { headings: words(&headings), guessed, rows })
}

/// What a page or an error shows of a cell.
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
fn open(bytes: &[u8]) -> Result<Table<'_>> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let line = bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count() + 1;
        Error::invalid(&format!("line {line}"), "is not UTF-8: save the table in that encoding")
    })?;
    let mut text = text.trim_start_matches('\u{feff}');
    let mut skipped_lines = 0;
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    // Excel says its separator.
    let said = first.trim_end().strip_prefix("sep=").and_then(|sign| sign.bytes().next());
    if said.is_some() {
        (text, skipped_lines) = (rest, 1);
    }
    let begin = &text[..text.floor_char_boundary(TRIED)];
    let heading = begin.lines().next().unwrap_or_default();
    let candidates = [b',', b';', b'\t'];
    let by_headings = candidates.into_iter().filter_map(|sign| Some((heading_place(begin, sign)?, sign)));
    let best = by_headings.max_by_key(|((_, width), _)| *width);
    let by_count = || candidates.into_iter().max_by_key(|sign| heading.bytes().filter(|byte| byte == sign).count());
    let delimiter = said.or(best.map(|(_, sign)| sign)).or_else(by_count).unwrap_or(b',');
    check_width(text.as_bytes(), delimiter)?;
    let place = heading_place(begin, delimiter).map_or(0, |(place, _)| place);
    let mut reader = reader(text, delimiter);
    let mut headings = StringRecord::new();
    for _ in 0..=place {
        reader.read_record(&mut headings).map_err(|error| broken(&error))?;
    }
    headings.trim();
    Ok(Table { headings, reader, skipped_lines })
}

/// What the headings of a table say.
fn columns_of(headings: &StringRecord) -> Result<Columns> {
    let columns = columns_by_heading(headings);
    if columns.contains(&Some(Column::Title)) {
        return Ok(columns);
    }
    Err(Error::invalid("line 1", "has to name the columns, one of them `title`"))
}

/// Reads a table, whose first line has the headings of its columns. A day without a time ends when the user's day ends.
pub fn csv(bytes: &[u8], layout: &TableLayout, calendar: &Calendar) -> Result<ReadFile> {
    let Table { headings, mut reader, skipped_lines } = open(bytes)?;
    let columns = match &layout.columns {
        Some(columns) if columns.len() != headings.len() => {
            let why = t_with(
                "has {names} names, the table has {columns} columns",
                &[("names", &columns.len()), ("columns", &headings.len())],
            );
            return Err(Error::invalid("columns", why));
        }
        // What a row of Todoist's backup is cannot be chosen.
        Some(columns) => {
            let kind = |guessed: Option<Column>| guessed.filter(|column| *column == Column::Kind);
            columns_by_heading(&headings).into_iter().map(kind).zip(columns).map(|(kind, said)| said.or(kind)).collect()
        }
        None => columns_of(&headings)?,
    };
    let ignored = headings.iter().zip(&columns).filter(|(_, column)| column.is_none());
    let ignored_columns = ignored.map(|(heading, _)| shown(heading)).collect();
    let mut places: HashMap<Column, Vec<usize>> = HashMap::new();
    for (place, column) in columns.into_iter().enumerate() {
        if let Some(column) = column {
            places.entry(column).or_default().push(place);
        }
    }
    let is_ours = ["updated_at", "team_id"].into_iter().all(|name| headings.iter().any(|heading| heading == name));
    let (mut keys, mut tasks, mut kept_as_words) = (Keys::default(), Vec::new(), 0);
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
        if row.is_task() {
            let (task, is_kept_as_words) = row.task(calendar)?;
            let task = fitted(task);
            kept_as_words += usize::from(is_kept_as_words);
            let id = row.value(Column::Id);
            // Programs count from 1: only with its title does an id name one task.
            let id = id.map(|id| if task.id.is_some() { id.to_owned() } else { format!("{id}\0{}", task.title) });
            tasks.push(keys.add(task, id));
            check_count(TASKS, tasks.len())?;
        }
    }
    Ok(ReadFile { tasks, ignored_columns, kept_as_words, ..ReadFile::default() })
}

fn broken(error: &csv::Error) -> Error {
    let line = error.position().map_or(1, csv::Position::line);
    Error::invalid(&format!("line {line}"), t("is not a row of a table"))
}

struct Row<'r> {
    /// Where the values of each meaning are.
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

    /// The task, and whether its day is kept as words, because it's a rule.
    fn task(&self, calendar: &Calendar) -> Result<(ImportedTask, bool)> {
        let cell = |column| self.value(column).map(without_apostrophe);
        let due_at = self.time(Column::Due, "due_at", calendar);
        let (due_at, description, is_kept_as_words) = match (due_at, self.value(Column::Due)) {
            // Todoist writes rules like `every monday`, which are kept as words.
            (Err(_), Some(rule)) if self.places.contains_key(&Column::Kind) => {
                let words = [cell(Column::Description), Some(t_with("Date: {rule}", &[("rule", &rule)]))];
                (None, Some(words.into_iter().flatten().collect::<Vec<_>>().join("\n")), true)
            }
            (due_at, _) => (due_at?, cell(Column::Description), false),
        };
        let id = self.value(Column::Id).and_then(|id| id.parse().ok());
        let team_id =
            self.value(Column::Team).map(|id| id.parse().map_err(|_| self.wrong("team_id", text("is not an id"))));
        let completed_at = self.time(Column::Completed, "completed_at", calendar)?;
        let status = match self.value(Column::Status) {
            Some(word) => {
                cells::status(word).ok_or_else(|| self.wrong("status", text("has to be pending or completed")))?
            }
            // Some programs say it by the day alone.
            None if completed_at.is_some() => TaskStatus::Completed,
            None => TaskStatus::Pending,
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
        let mut read =
            self.values(column).map(|text| cells::time(text, self.day_order, calendar, self.is_ours)).peekable();
        let Some(first) = read.peek().copied() else { return Ok(None) };
        if let Some(time) = read.find_map(|read| if let Time::At(time) = read { Some(time) } else { None }) {
            return Ok(Some(time));
        }
        if first == Time::NoSuchDay {
            return Err(self.wrong(name, t("is no day of the calendar")));
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

/// What was done today, as a table says that has days alone, was done by now.
fn not_after_now(time: DateTime<Utc>, calendar: &Calendar) -> DateTime<Utc> {
    if calendar.date_of(time) == calendar.today_date() { time.min(now()) } else { time }
}

/// The export writes an apostrophe before what a spreadsheet would run as a formula, and before such an apostrophe.
fn without_apostrophe(text: &str) -> String {
    let is_formula = text.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r']);
    text.strip_prefix('\'').filter(|_| is_formula).unwrap_or(text).to_owned()
}
