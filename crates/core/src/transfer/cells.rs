//! What a cell of a table says: days and times, and whether a task is completed, as programs and people write them.

use chrono::{DateTime, Days, NaiveDate, NaiveTime};
use serde::Deserialize;
use utoipa::ToSchema;

pub use crate::tasks::time_words::Time;
use crate::tasks::{
    day_words::{YEARS, parse_day},
    time_words::with_clock,
};
use tallyboard_model::{calendar::Calendar, tasks::TaskStatus};

/// In which order a day is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum DayOrder {
    /// 2026-12-24. Other days are read where their numbers allow one order only.
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
}

/// Reads a time, or a day, which ends when the user's day ends. `is_ours`: the table is an export of this program, in which midnight
/// is a time; other programs write a day as midnight in UTC.
pub fn time(text: &str, order: DayOrder, calendar: &Calendar, is_ours: bool) -> Time {
    let text = text.trim();
    let with_offset =
        DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z"));
    if let Ok(time) = with_offset {
        let is_day = !is_ours && time.offset().utc_minus_local() == 0 && time.time() == NaiveTime::MIN;
        return Time::At(if is_day { calendar.end_of(time.date_naive()) } else { time.to_utc() });
    }
    let is_digit = |character: Option<char>| character.is_some_and(|character| character.is_ascii_digit());
    let text = match text.split_once('T') {
        Some((day, clock)) if is_digit(day.chars().next_back()) && is_digit(clock.chars().next()) => {
            format!("{day} {clock}")
        }
        _ => text.to_owned(),
    };
    with_clock(&text, calendar, |day| day_of(day, order, calendar))
}

/// A day; the inner `None` means there's no such day.
fn day_of(text: &str, order: DayOrder, calendar: &Calendar) -> Option<Option<NaiveDate>> {
    serial_day(text).map(Some).or_else(|| numeric_day(text, order)).or_else(|| parse_day(text, calendar.today_date()))
}

/// The number that a spreadsheet has for a day: days since 1899-12-30.
fn serial_day(text: &str) -> Option<NaiveDate> {
    let number: u64 = text.parse().ok().filter(|number| (20_000..=80_000).contains(number))?;
    NaiveDate::from_ymd_opt(1899, 12, 30)?.checked_add_days(Days::new(number))
}

/// Three numbers with `.`, `/` or `-` between. Where the order wasn't said, dots mean the day comes first, and slashes what the
/// numbers allow.
fn numeric_day(text: &str, order: DayOrder) -> Option<Option<NaiveDate>> {
    let sign = text.chars().find(|character| !character.is_ascii_digit())?;
    let parts: Vec<_> =
        text.split(['.', '/', '-']).map(|part| part.parse::<u32>().ok().map(|number| (number, part.len()))).collect();
    let [Some(first), Some(second), Some(third)] = parts[..] else { return None };
    let ((year, digits), month, day) = match order {
        _ if first.1 == 4 => (first, second.0, third.0),
        DayOrder::Dmy => (third, second.0, first.0),
        DayOrder::Mdy => (third, first.0, second.0),
        DayOrder::Ymd if sign == '.' || first.0 > 12 => (third, second.0, first.0),
        DayOrder::Ymd if second.0 > 12 => (third, first.0, second.0),
        DayOrder::Ymd => return None,
    };
    let year = match digits {
        4 => year.try_into().ok()?,
        2 if sign != '-' => 2000 + i32::try_from(year).ok()?,
        _ => return None,
    };
    YEARS.contains(&year).then(|| NaiveDate::from_ymd_opt(year, month, day))
}

/// Whether a cell is Outlook's way to write no date: `0/0/00`.
pub fn is_no_day(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| matches!(byte, b'0' | b'.' | b'/' | b'-')) && text.contains('0')
}

/// Whether a cell says yes, or when: everything that isn't a word for no.
pub fn is_said(text: &str) -> bool {
    let text = text.trim().to_lowercase();
    !matches!(text.as_str(), "" | "0" | "no" | "n" | "false" | "null" | "none" | "-" | "nein" | "falsch")
        && !text.starts_with("0001-01-01")
}

/// Whether the status of a task is a word for deleted.
pub fn is_deleted(text: &str) -> bool {
    matches!(text.trim().to_lowercase().as_str(), "deleted" | "trash" | "trashed" | "removed" | "gelöscht")
}

/// Whether a cell says that a task is completed; `None` if it's neither.
pub fn status(text: &str) -> Option<TaskStatus> {
    let text = text.trim().to_lowercase();
    if let Some(percent) = text.strip_suffix('%').and_then(|number| number.trim().parse::<f64>().ok()) {
        return Some(if percent >= 100.0 { TaskStatus::Completed } else { TaskStatus::Pending });
    }
    // Outlook writes a part of one, or a percentage.
    let number = text.replace(',', ".").parse::<f64>().ok().filter(|number| number.is_finite());
    if let Some(number) = number.filter(|number| *number >= 10.0 || number.fract() != 0.0) {
        return Some(if number >= 100.0 { TaskStatus::Completed } else { TaskStatus::Pending });
    }
    match text.as_str() {
        ""
        | "pending"
        | "open"
        | "todo"
        | "to do"
        | "no"
        | "false"
        | "0"
        | "normal"
        | "needsaction"
        | "needs action"
        | "notstarted"
        | "not started"
        | "inprogress"
        | "in progress"
        | "in-process"
        | "doing"
        | "waiting"
        | "waiting on someone else"
        | "deferred"
        | "nein"
        | "falsch"
        | "offen"
        | "unerledigt"
        | "nicht begonnen"
        | "in bearbeitung"
        | "wartet auf jemand anderen"
        | "zurückgestellt" => Some(TaskStatus::Pending),
        // TickTick writes 2 for archived.
        "completed" | "complete" | "done" | "yes" | "true" | "x" | "1" | "2" | "ja" | "wahr" | "erledigt"
        | "fertig" | "abgeschlossen" | "archived" | "cancelled" | "canceled" | "won't do" | "abgebrochen" | "✓"
        | "✔" => Some(TaskStatus::Completed),
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn said(text: &str, order: DayOrder) -> String {
        let calendar = Calendar::at("2026-11-26T12:00:00Z".parse().unwrap(), chrono_tz::Tz::Europe__Berlin);
        match time(text, order, &calendar, false) {
            Time::At(time) => time.to_rfc3339(),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn times_are_read_as_programs_write_them() {
        for (text, utc) in [
            ("2026-12-24", "2026-12-24T22:59:59+00:00"),
            ("2026-12-24 18:00", "2026-12-24T17:00:00+00:00"),
            ("2026-12-24T18:00:00Z", "2026-12-24T18:00:00+00:00"),
            ("2026-12-24T18:00:00+0000", "2026-12-24T18:00:00+00:00"),
            ("2026-12-24T18:00:00.000+0000", "2026-12-24T18:00:00+00:00"),
            // A day as midnight in UTC, which is the day before in New York.
            ("2026-12-24T00:00:00Z", "2026-12-24T22:59:59+00:00"),
            ("24.12.2026", "2026-12-24T22:59:59+00:00"),
            ("24.12.26", "2026-12-24T22:59:59+00:00"),
            ("24/12/2026", "2026-12-24T22:59:59+00:00"),
            ("12/24/2026 6:00 PM", "2026-12-24T17:00:00+00:00"),
            ("46380", "2026-12-24T22:59:59+00:00"),
            ("Oct 5 2026", "2026-10-05T21:59:59+00:00"),
            ("27 Nov", "2026-11-27T22:59:59+00:00"),
            ("tomorrow 18:00", "2026-11-27T17:00:00+00:00"),
            ("2026-02-30", "NoSuchDay"),
            ("30.02.2026 10:00", "NoSuchDay"),
            // Either could come first.
            ("5/6/2026", "Unknown"),
            ("every day", "Unknown"),
            ("24.12.2026 25:00", "Unknown"),
            ("soon", "Unknown"),
            ("", "Unknown"),
        ] {
            assert_eq!(said(text, DayOrder::Ymd), utc, "{text}");
        }
        assert_eq!(said("5/6/2026", DayOrder::Dmy), "2026-06-05T21:59:59+00:00");
        assert_eq!(said("5/6/2026", DayOrder::Mdy), "2026-05-06T21:59:59+00:00");
        assert_eq!(said("12/24/2026", DayOrder::Dmy), "NoSuchDay");
    }

    #[test]
    fn words_say_whether_a_task_is_completed() {
        for text in ["", "Open", "needsAction", "WAITING", "0", "50%", "0.5", "75", "Deferred", "falsch", "Nein"] {
            assert_eq!(status(text), Some(TaskStatus::Pending), "{text}");
        }
        for text in ["Done", "Erledigt", "WAHR", "1", "2", "100", "100%", "x", "ja", "Completed", "Cancelled"] {
            assert_eq!(status(text), Some(TaskStatus::Completed), "{text}");
        }
        assert_eq!(status("purple"), None);
        assert_eq!(status("NaN"), None);
        assert!(["x", "2026-01-02", "TRUE", "1"].into_iter().all(is_said));
        assert!(["", "0", "False", "null", "0001-01-01T00:00:00Z"].into_iter().all(|text| !is_said(text)));
        assert!(is_no_day("0/0/00") && is_no_day("00.00.0000") && !is_no_day("2026-12-24") && !is_no_day(""));
    }
}
