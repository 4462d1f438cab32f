//! A day with or without a time of day, as people and programs write them.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

use super::day_words::{DayContext, FoundDay, find_day, parse_day, words};
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

/// A day on which a task is due, and the time of day if there's one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayAndTime {
    /// The day.
    pub day: NaiveDate,
    /// The time.
    pub time: Option<NaiveTime>,
}

impl DayAndTime {
    /// The moment; a day alone ends when the user's day ends.
    pub fn in_calendar(self, calendar: &Calendar) -> DateTime<Utc> {
        self.time.map_or_else(|| calendar.end_of(self.day), |time| calendar.at_clock(self.day, time))
    }
}

/// Finds a day at the end of a text, and a time that may follow it: `Buy milk tomorrow at 18:00`.
pub fn find_time(text: &str, context: DayContext) -> Option<(FoundDay<'_>, Option<NaiveTime>)> {
    let text = text.trim();
    let starts: Vec<_> = words(text).map(|(start, _)| start).collect();
    // In `6:00 PM` the time has two words.
    let with_time = (1..=2.min(starts.len())).rev().find_map(|count| {
        let start = starts[starts.len() - count];
        let time = clock(text[start..].trim_end_matches(['.', '!', '?', ',', ';']))?;
        let day = text[..start].trim_end();
        let day = ["at", "um", "@"].iter().find_map(|word| before_word(day, word)).unwrap_or(day);
        let found = find_day(day, context)?;
        Some((FoundDay { words: &text[found.words.as_ptr() as usize - text.as_ptr() as usize..], ..found }, Some(time)))
    });
    with_time.or_else(|| find_day(text, context).map(|found| (found, None)))
}

/// The text before a word that ends it.
fn before_word<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    let (before, last) = text.rsplit_once(char::is_whitespace)?;
    last.eq_ignore_ascii_case(word).then(|| before.trim_end())
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

/// `18:00`, `6:00 PM`, `6pm`, `18 Uhr`, `18.30 Uhr`.
fn clock(text: &str) -> Option<NaiveTime> {
    let text = text.to_uppercase();
    let spoken = text.strip_suffix("UHR").map(|digits| digits.trim_end().replace('.', ":"));
    let (digits, half) = match &spoken {
        Some(digits) => (digits.as_str(), ""),
        None => ["AM", "PM"]
            .iter()
            .find_map(|half| Some((text.strip_suffix(half)?.trim_end(), *half)))
            .unwrap_or((&text, "")),
    };
    // “Monday 1:1” is a meeting.
    if digits.split(':').skip(1).any(|part| part.len() != 2) {
        return None;
    }
    let is_hour = digits.len() <= 2 && digits.bytes().all(|byte| byte.is_ascii_digit()) && digits.len() < text.len();
    let text = if is_hour { format!("{digits}:00 {half}") } else { format!("{digits} {half}") };
    ["%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M:%S %p"]
        .into_iter()
        .find_map(|form| NaiveTime::parse_from_str(text.trim_end(), form).ok())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{super::day_words::Slashes, *};

    #[test]
    fn a_time_is_found_behind_its_day() {
        let context = DayContext { today: "2026-11-26".parse().unwrap(), slashes: Slashes::DayFirst };
        for (text, before, words, day, time) in [
            ("Call Bob tomorrow 18:00", "Call Bob", "tomorrow 18:00", "2026-11-27", "18:00:00"),
            ("Call Bob next monday at 6 pm", "Call Bob", "next monday at 6 pm", "2026-11-30", "18:00:00"),
            ("Call Bob on 24/12 at 9:30am.", "Call Bob", "on 24/12 at 9:30am.", "2026-12-24", "09:30:00"),
            ("Call Bob dec 12 @ 12:30", "Call Bob", "dec 12 @ 12:30", "2026-12-12", "12:30:00"),
            ("Call Bob in 3 days at 7:05 PM", "Call Bob", "in 3 days at 7:05 PM", "2026-11-29", "19:05:00"),
            ("Bob anrufen am Freitag um 18 Uhr", "Bob anrufen", "am Freitag um 18 Uhr", "2026-11-27", "18:00:00"),
            ("Bob anrufen morgen um 18.30 Uhr", "Bob anrufen", "morgen um 18.30 Uhr", "2026-11-27", "18:30:00"),
            ("Bob anrufen 24.12. 8:15 Uhr!", "Bob anrufen", "24.12. 8:15 Uhr!", "2026-12-24", "08:15:00"),
            ("Bob anrufen in 2 Wochen 10:00", "Bob anrufen", "in 2 Wochen 10:00", "2026-12-10", "10:00:00"),
            ("Call Bob tomorrow", "Call Bob", "tomorrow", "2026-11-27", ""),
        ] {
            let (found, at) = find_time(text, context).unwrap();
            assert_eq!((found.before, found.words), (before, words), "{text}");
            assert_eq!(
                (found.day.unwrap().to_string(), at.map(|at| at.to_string()).unwrap_or_default()),
                (day.into(), time.into())
            );
        }
        for text in ["Call at 18:00", "Lunch @ 12:30", "Prepare Monday 1:1", "Meet friday 25:00", "Read friday 18"] {
            assert_eq!(find_time(text, context), None, "{text}");
        }
        for title in include_str!("titles_without_a_day.txt").lines() {
            assert_eq!(find_time(title, context), None, "{title}");
        }
    }

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
