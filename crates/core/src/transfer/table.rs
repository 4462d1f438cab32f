//! Reads tables (CSV) of this and other programs. Which column means what is guessed from the first line, or said.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use csv::{Reader, ReaderBuilder, StringRecord, Trim};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    items::{TASKS, check_count},
    read::{Keys, ReadFile},
    width::{MAX_COLUMNS, check_width},
};
use crate::tasks::imported::ImportedTask;
use tallyboard_model::{
    calendar::Calendar,
    error::{Error, Result},
    language::{t, t_with, text},
    tasks::TaskStatus,
};

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
    let is_todoist = ["TYPE", "CONTENT"].into_iter().all(|name| headings.iter().any(|heading| heading == name));
    // Other programs have types of tasks.
    headings.iter().map(|heading| column(heading).filter(|column| *column != Column::Kind || is_todoist)).collect()
}

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

/// In which order a day is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum DayOrder {
    /// 2026-12-24.
    #[default]
    Ymd,
    /// 24.12.2026, or with `/` or `-`.
    Dmy,
    /// 12/24/2026, or with `.` or `-`.
    Mdy,
}

impl DayOrder {
    /// All of them, by their names, with an example.
    pub const CHOICES: [(Self, &str, &str); 3] =
        [(Self::Ymd, "ymd", "2026-12-24"), (Self::Dmy, "dmy", "24.12.2026"), (Self::Mdy, "mdy", "12/24/2026")];

    /// A day, and what follows it. The year first is understood in each order.
    fn day(self, text: &str) -> Option<(NaiveDate, &str)> {
        let end = text.find([' ', 'T']).unwrap_or(text.len());
        let (day, rest) = text.split_at(end);
        let parts: Vec<_> = day.split(['.', '/', '-']).collect();
        let [first, second, third] = parts[..] else { return None };
        let (year, month, day) = match self {
            _ if first.len() == 4 => (first, second, third),
            Self::Ymd => return None,
            Self::Dmy => (third, second, first),
            Self::Mdy => (third, first, second),
        };
        // `26` would be a year of the Romans.
        let year = Some(year).filter(|year| year.len() == 4)?;
        let day = NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)?;
        Some((day, rest.trim_start_matches(['T', ' '])))
    }
}

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
/// A name that is none, or comes twice; or no title.
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
    let (headings, mut reader) = open(bytes)?;
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

/// The first line of a table, and a reader of the others.
fn open(bytes: &[u8]) -> Result<(StringRecord, Reader<&[u8]>)> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let line = bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count() + 1;
        Error::invalid(&format!("line {line}"), "is not UTF-8: save the table in that encoding")
    })?;
    let text = text.trim_start_matches('\u{feff}');
    let heading = text.lines().next().unwrap_or_default();
    let delimiter =
        [b',', b';', b'\t'].into_iter().max_by_key(|sign| heading.bytes().filter(|byte| byte == sign).count());
    let delimiter = delimiter.unwrap_or(b',');
    check_width(text.as_bytes(), delimiter)?;
    let mut reader = ReaderBuilder::new().delimiter(delimiter).trim(Trim::Headers).from_reader(text.as_bytes());
    let headings = reader.headers().map_err(|error| broken(&error))?.clone();
    Ok((headings, reader))
}

/// What the first line of a table says.
fn columns_of(headings: &StringRecord) -> Result<Columns> {
    let columns = columns_by_heading(headings);
    for (place, heading) in headings.iter().enumerate() {
        if columns[place].is_some() && columns[..place].contains(&columns[place]) {
            return Err(Error::invalid(
                "line 1",
                t_with("has two columns like `{heading}`", &[("heading", &shown(heading))]),
            ));
        }
    }
    if !columns.contains(&Some(Column::Title)) {
        return Err(Error::invalid("line 1", "has to name the columns, one of them `title`"));
    }
    Ok(columns)
}

/// Reads a table, whose first line has the headings of its columns. A day without a time ends when the user's day ends.
pub fn csv(bytes: &[u8], layout: &TableLayout, calendar: &Calendar) -> Result<ReadFile> {
    let (headings, mut reader) = open(bytes)?;
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
    let columns: HashMap<_, _> =
        columns.into_iter().enumerate().filter_map(|(place, column)| Some((column?, place))).collect();
    let (mut keys, mut tasks) = (Keys::default(), Vec::new());
    for record in reader.records() {
        let record = record.map_err(|error| broken(&error))?;
        let line = record.position().map_or(0, csv::Position::line);
        let row = Row { columns: &columns, record: &record, line, day_order: layout.day_order };
        if row.is_task() {
            let task = row.task(calendar)?;
            tasks.push(keys.add(task, row.value(Column::Id).map(str::to_owned)));
            check_count(TASKS, tasks.len())?;
        }
    }
    Ok(ReadFile { tasks, ignored_columns, ..ReadFile::default() })
}

fn broken(error: &csv::Error) -> Error {
    let line = error.position().map_or(1, csv::Position::line);
    let why = match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => t_with(
            "has {len} values, the first line names {expected_len} columns",
            &[("len", &len), ("expected_len", &expected_len)],
        ),
        _ => t("is not a row of a table").to_owned(),
    };
    Error::invalid(&format!("line {line}"), why)
}

struct Row<'r> {
    columns: &'r HashMap<Column, usize>,
    record: &'r StringRecord,
    line: u64,
    day_order: DayOrder,
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
        let cell = |column| self.value(column).map(without_apostrophe);
        let due_at = self.time(Column::Due, "due_at", calendar);
        let (due_at, description) = match (due_at, self.value(Column::Due)) {
            // Todoist writes rules like `every monday`, which are kept as words.
            (Err(_), Some(rule)) if self.columns.contains_key(&Column::Kind) => {
                let words = [cell(Column::Description), Some(t_with("Date: {rule}", &[("rule", &rule)]))];
                (None, Some(words.into_iter().flatten().collect::<Vec<_>>().join("\n")))
            }
            (due_at, _) => (due_at?, cell(Column::Description)),
        };
        let id = self.value(Column::Id).and_then(|id| id.parse().ok());
        let team_id =
            self.value(Column::Team).map(|id| id.parse().map_err(|_| self.wrong("team_id", text("is not an id"))));
        Ok(ImportedTask {
            place: format!("line {}", self.line),
            id,
            title: cell(Column::Title).unwrap_or_default(),
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
            _ => Err(self.wrong("status", text("has to be pending or completed"))),
        }
    }

    fn time(&self, column: Column, name: &str, calendar: &Calendar) -> Result<Option<DateTime<Utc>>> {
        let Some(text) = self.value(column) else { return Ok(None) };
        if let Ok(time) = DateTime::parse_from_rfc3339(text) {
            return Ok(Some(time.to_utc()));
        }
        let parsed = self.day_order.day(text).and_then(|(day, clock)| match clock {
            "" => Some(calendar.end_of(day)),
            clock => {
                let time =
                    ["%H:%M", "%H:%M:%S"].into_iter().find_map(|form| NaiveTime::parse_from_str(clock, form).ok())?;
                Some(calendar.at_clock(day, time))
            }
        });
        if parsed.is_some() {
            return Ok(parsed);
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

/// The export writes an apostrophe before what a spreadsheet would run as a formula.
fn without_apostrophe(text: &str) -> String {
    let inner = text.strip_prefix('\'').filter(|inner| inner.starts_with(['=', '+', '-', '@', '\t', '\r']));
    inner.unwrap_or(text).to_owned()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_read_in_the_order_that_was_said() {
        let day = |order: DayOrder, text| order.day(text).map(|(day, rest)| (day.to_string(), rest));
        let christmas = |rest| Some(("2026-12-24".to_owned(), rest));
        assert_eq!(day(DayOrder::Dmy, "24.12.2026"), christmas(""));
        assert_eq!(day(DayOrder::Dmy, "24/12/2026 18:00"), christmas("18:00"));
        assert_eq!(day(DayOrder::Mdy, "12/24/2026"), christmas(""));
        assert_eq!(day(DayOrder::Mdy, "2026-12-24T18:00"), christmas("18:00"));
        for (order, text) in [
            (DayOrder::Ymd, "24.12.2026"),
            (DayOrder::Mdy, "24.12.2026"),
            (DayOrder::Dmy, "24.12.26"),
            (DayOrder::Dmy, "24.12"),
            (DayOrder::Dmy, "soon"),
            (DayOrder::Dmy, ""),
        ] {
            assert_eq!(day(order, text), None, "{text}");
        }
    }
}
