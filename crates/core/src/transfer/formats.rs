//! Tasks as other programs read them: a table for spreadsheets, entries for calendars.

use chrono::{DateTime, SecondsFormat, Utc};
use csv::{Terminator, WriterBuilder};
use icalendar::{Component, Event, EventLike};

use tallyboard_model::{
    calendar::Calendar,
    error::{Error, Result},
    tasks::Task,
};

/// The version of the JSON; it rises when a reader of the old one would misread the new one.
pub const VERSION: u32 = 1;

const COLUMNS: [&str; 9] =
    ["id", "title", "description", "status", "due_at", "completed_at", "created_at", "updated_at", "team_id"];

/// The first line of a table.
pub fn table_head() -> Result<Vec<u8>> {
    table(&[COLUMNS.map(str::to_owned)])
}

/// Tasks as lines of a table (RFC 4180).
pub fn table_rows(tasks: &[Task]) -> Result<Vec<u8>> {
    let time = |time: Option<DateTime<Utc>>| {
        time.map(|time| time.to_rfc3339_opts(SecondsFormat::AutoSi, true)).unwrap_or_default()
    };
    let row = |task: &Task| {
        [
            task.id.to_string(),
            without_formula(&task.title),
            without_formula(task.description.as_deref().unwrap_or_default()),
            task.status.as_str().to_owned(),
            time(task.due_at),
            time(task.completed_at),
            time(Some(task.created_at)),
            time(Some(task.updated_at)),
            task.team_id.map(|team| team.to_string()).unwrap_or_default(),
        ]
    };
    table(&tasks.iter().map(row).collect::<Vec<_>>())
}

fn table(rows: &[[String; 9]]) -> Result<Vec<u8>> {
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::new());
    for row in rows {
        writer.write_record(row).map_err(Error::internal)?;
    }
    writer.into_inner().map_err(|error| Error::internal(error.into_error()))
}

/// A spreadsheet would run a text that begins like a formula; behind an apostrophe it is text.
/// Source: OWASP, CSV Injection.
fn without_formula(text: &str) -> String {
    // One that begins with an apostrophe gets another, so that reading takes off the right one.
    let is_formula = text.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r']);
    if is_formula { format!("'{text}") } else { text.to_owned() }
}

/// The beginning of a calendar (RFC 5545), with the hint to read it again every hour (RFC 7986).
pub const CALENDAR_HEAD: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Tallyboard//Tallyboard//EN\r\n\
    X-WR-CALNAME:Tallyboard\r\nREFRESH-INTERVAL;VALUE=DURATION:PT1H\r\nX-PUBLISHED-TTL:PT1H\r\n";
/// Its end.
pub const CALENDAR_TAIL: &str = "END:VCALENDAR\r\n";

/// A task as an entry of the whole day on which it is due; `None` without a due date.
pub fn calendar_entry(task: &Task, calendar: &Calendar) -> Option<String> {
    let day = calendar.date_of(task.due_at?);
    let mut entry = Event::new();
    // The end of a day is the day after it (RFC 5545, section 3.6.1).
    entry
        .uid(&format!("{}@tallyboard", task.id))
        .timestamp(task.updated_at)
        .last_modified(task.updated_at)
        .summary(&content_text(&task.title))
        .starts(day)
        .ends(day.succ_opt()?)
        .add_property("TRANSP", "TRANSPARENT");
    if let Some(text) = &task.description {
        entry.description(&content_text(text));
    }
    let text: String = entry.done().try_into().ok()?;
    Some(folded(&text))
}

/// The longest line of a calendar, in bytes (RFC 5545, section 3.1).
const MAX_LINE: usize = 75;

/// Lines with the breaks that the section asks for: the library counts one byte too few after the first of a line.
fn folded(text: &str) -> String {
    let mut all = String::new();
    for line in text.replace("\r\n ", "").split_terminator("\r\n") {
        let (mut rest, mut most) = (line, MAX_LINE);
        while rest.len() > most {
            let (begin, end) = rest.split_at(rest.floor_char_boundary(most));
            all += begin;
            all += "\r\n ";
            // The space belongs to the line.
            (rest, most) = (end, MAX_LINE - 1);
        }
        all += rest;
        all += "\r\n";
    }
    all
}

/// Text as a calendar can have it: its lines end with LF, which is written as `\n`, and it has no other control characters
/// (RFC 5545, section 3.3.11).
fn content_text(text: &str) -> String {
    let lines = text.replace("\r\n", "\n").replace('\r', "\n");
    lines.chars().filter(|character| !character.is_control() || matches!(character, '\n' | '\t')).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn lines_have_at_most_75_bytes() {
        for text in ["x".repeat(75), "x".repeat(76), "x".repeat(400), "ü".repeat(200), "👩\u{200d}👧 ".repeat(40)]
        {
            let folded = folded(&format!("A:{text}\r\nB:b\r\n"));
            assert!(folded.split("\r\n").all(|line| line.len() <= 75), "{folded}");
            assert_eq!(folded.replace("\r\n ", ""), format!("A:{text}\r\nB:b\r\n"));
        }
    }

    #[test]
    fn a_formula_is_text() {
        for (text, cell) in [
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("-2", "'-2"),
            ("1=1", "1=1"),
            ("'=x", "''=x"),
            ("'x", "'x"),
            ("", ""),
        ] {
            assert_eq!(without_formula(text), cell);
        }
    }
}
