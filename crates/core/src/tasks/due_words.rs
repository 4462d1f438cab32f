//! A task's due date as text.

use chrono::{DateTime, Utc};

use tallyboard_model::{
    calendar::Calendar,
    language::{long_date, t, t_count, t_with},
    tasks::TaskStatus,
};

/// The day a task is due, in the user's time zone.
#[derive(Clone)]
pub struct ListedDue {
    /// `2026-12-31`
    pub on: String,
    /// For example `Due tomorrow`.
    pub words: String,
    /// Whether the day has passed and the task is still pending.
    pub late: bool,
}

/// Days that are near are named by their distance.
const NEAR_DAYS: i64 = 14;

/// When a task is due, as text: the day, and the time unless it's the end of the day.
pub fn listed_due(calendar: &Calendar, at: DateTime<Utc>, status: TaskStatus) -> ListedDue {
    let on = calendar.date_of(at);
    let days = (on - calendar.today_date()).num_days();
    let late = days < 0 && status == TaskStatus::Pending;
    let words = match days {
        _ if status == TaskStatus::Completed => t_with("Due {day}", &[("day", &long_date(on))]),
        ..0 => t_count(days.unsigned_abs(), "{n} day overdue", "{n} days overdue"),
        0 => t("Due today").to_owned(),
        1 => t("Due tomorrow").to_owned(),
        2..=NEAR_DAYS => t_with("Due in {days} days", &[("days", &days)]),
        _ => t_with("Due {day}", &[("day", &long_date(on))]),
    };
    let is_ahead = !late && status == TaskStatus::Pending;
    let words = match time_of(calendar, at).filter(|_| is_ahead) {
        Some(time) => format!("{words}, {time}"),
        None => words,
    };
    ListedDue { on: on.to_string(), words, late }
}

/// `18:00`; `None` at the end of a day.
pub fn time_of(calendar: &Calendar, at: DateTime<Utc>) -> Option<String> {
    let is_day = at >= calendar.end_of(calendar.date_of(at));
    (!is_day).then(|| at.with_timezone(&calendar.zone()).format("%H:%M").to_string())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use chrono_tz::Tz;

    use super::*;

    #[test]
    fn a_due_date_is_written_in_words() {
        let calendar = Calendar::at("2026-11-21T23:30:00Z".parse().unwrap(), Tz::Europe__Berlin);
        let said = |on: &str, status| {
            let due = listed_due(&calendar, calendar.end_of(on.parse().unwrap()), status);
            (due.words, due.late)
        };
        for (on, words, late) in [
            ("2026-11-19", "3 days overdue", true),
            ("2026-11-21", "1 day overdue", true),
            ("2026-11-22", "Due today", false),
            ("2026-11-23", "Due tomorrow", false),
            ("2026-12-06", "Due in 14 days", false),
            ("2027-01-31", "Due 31 January 2027", false),
        ] {
            assert_eq!(said(on, TaskStatus::Pending), (words.to_owned(), late));
        }
        let at = |time: &str| listed_due(&calendar, time.parse().unwrap(), TaskStatus::Pending).words;
        assert_eq!(at("2026-11-23T17:30:00Z"), "Due tomorrow, 18:30");
        assert_eq!(at("2026-11-20T17:30:00Z"), "2 days overdue");
        assert_eq!(said("2026-11-19", TaskStatus::Completed), ("Due 19 November 2026".to_owned(), false));
    }
}
