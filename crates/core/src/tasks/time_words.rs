//! A day with or without a time of day, as people and programs write them.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

use super::day_words::parse_day;
use tallyboard_model::calendar::Calendar;

/// The meaning of words about a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Time {
    /// A time.
    At(DateTime<Utc>),
    /// A day of the calendar that doesn't exist, such as 30 February.
    NoSuchDay,
    /// Something else.
    Unknown,
}

/// Reads `tomorrow`, `24.12. 18:00` or `next friday at 6 pm`. A day alone ends when the user's day ends.
pub fn parse_time(text: &str, calendar: &Calendar) -> Time {
    with_clock(text, calendar, |day| parse_day(day, calendar.today_date()))
}

/// Reads a day, for which `day_of` has the words, and a time of day that may follow it.
pub fn with_clock(text: &str, calendar: &Calendar, day_of: impl Fn(&str) -> Option<Option<NaiveDate>>) -> Time {
    let words: Vec<_> = text.split_whitespace().collect();
    // In `6:00 PM` the time has two words.
    for count in (0..=2.min(words.len().saturating_sub(1))).rev() {
        let (mut day, time) = words.split_at(words.len() - count);
        let clock = if count == 0 { None } else { Some(clock(&time.join(" "))) };
        if clock == Some(None) {
            continue;
        }
        if let (Some(_), Some((&("at" | "um" | "@"), before))) = (clock, day.split_last()) {
            day = before;
        }
        match (day_of(&day.join(" ")), clock.flatten()) {
            (Some(None), _) => return Time::NoSuchDay,
            (Some(Some(day)), Some(time)) => return Time::At(calendar.at_clock(day, time)),
            (Some(Some(day)), None) => return Time::At(calendar.end_of(day)),
            (None, _) => {}
        }
    }
    Time::Unknown
}

/// `18:00`, `6:00 PM`, `6pm`, `18 Uhr`.
fn clock(text: &str) -> Option<NaiveTime> {
    let text = text.to_uppercase();
    let (digits, half) = match text.strip_suffix("UHR") {
        Some(digits) => (digits.trim_end(), ""),
        None => ["AM", "PM"]
            .iter()
            .find_map(|half| Some((text.strip_suffix(half)?.trim_end(), *half)))
            .unwrap_or((&text, "")),
    };
    let is_hour = digits.len() <= 2 && digits.bytes().all(|byte| byte.is_ascii_digit()) && digits.len() < text.len();
    let text = if is_hour { format!("{digits}:00 {half}") } else { format!("{digits} {half}") };
    ["%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M:%S %p"]
        .into_iter()
        .find_map(|form| NaiveTime::parse_from_str(text.trim_end(), form).ok())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_day_may_have_a_time() {
        // A Thursday.
        let calendar = Calendar::at("2026-11-26T12:00:00Z".parse().unwrap(), chrono_tz::Tz::Europe__Berlin);
        for (text, said) in [
            ("tomorrow", "2026-11-27T22:59:59+00:00"),
            ("tomorrow 18:00", "2026-11-27T17:00:00+00:00"),
            ("next friday at 6 pm", "2026-11-27T17:00:00+00:00"),
            ("tomorrow at 6pm", "2026-11-27T17:00:00+00:00"),
            ("morgen um 18 Uhr", "2026-11-27T17:00:00+00:00"),
            ("24.12.", "2026-12-24T22:59:59+00:00"),
            ("24/12/2026 18:30:15", "2026-12-24T17:30:15+00:00"),
            ("in 3 Tagen", "2026-11-29T22:59:59+00:00"),
            ("Oct 5", "2027-10-05T21:59:59+00:00"),
        ] {
            assert_eq!(parse_time(text, &calendar), Time::At(said.parse().unwrap()), "{text}");
        }
        assert_eq!(parse_time("31 feb 18:00", &calendar), Time::NoSuchDay);
        for text in ["", "18:00", "soon", "tomorrow 25:00", "tomorrow pm", "0001-01-01", "46380"] {
            assert_eq!(parse_time(text, &calendar), Time::Unknown, "{text}");
        }
    }
}
