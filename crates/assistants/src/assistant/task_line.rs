//! A new task in one line: `Buy milk tomorrow 18:00 @Household`.
//!
//! Pure, and without a database: a table of examples tests it.

use std::ops::Range;

use chrono::{NaiveDate, NaiveTime};

use tallyboard_core::tasks::{
    day_words::{DayContext, FoundDay},
    time_words::{DayAndTime, find_time},
};
use tallyboard_model::{error::Error, language::t_with, quick_add::LITERAL};

/// A title, and behind it a day and a team in any order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaskLine {
    /// The title.
    pub title: String,
    /// When it's due.
    pub due: Option<DayAndTime>,
    /// The name of a team, or its beginning.
    pub team: Option<String>,
    /// Where the line has the words of the day, in bytes.
    pub day_at: Option<Range<usize>>,
    /// Where it has the team.
    pub team_at: Option<Range<usize>>,
}

impl TaskLine {
    /// Reads a line.
    ///
    /// # Errors
    /// 422 when it names a day that doesn't exist.
    pub fn read(text: &str, context: DayContext) -> Result<Self, Error> {
        let (mut title, mut team) = split_team(text.trim());
        let (mut due, mut day_at) = (None, None);
        for part in [team.as_mut(), Some(&mut title)].into_iter().flatten() {
            // A day alone is a title: there's nothing else that it could be.
            let found = find_time(part, context).filter(|(found, _)| due.is_none() && !found.before.is_empty());
            if let Some((FoundDay { before, words, day }, time)) = found {
                due = Some(due_of(words, day, time)?);
                day_at = Some(place(text, words));
                *part = before;
            }
        }
        let team_at = team.map(|name| place(text, name)).map(|Range { start, end }| start - '@'.len_utf8()..end);
        let title = unquoted(title).replace(LITERAL, "").trim().to_owned();
        Ok(Self { title, due, team: team.map(str::to_owned), day_at, team_at })
    }
}

/// When a task is due whose words name this day.
///
/// # Errors
/// 422 when there's no such day.
pub fn due_of(words: &str, day: Option<NaiveDate>, time: Option<NaiveTime>) -> Result<DayAndTime, Error> {
    let no_such_day = || Error::invalid("text", t_with("“{day}” isn't a valid date", &[("day", &words)]));
    Ok(DayAndTime { day: day.ok_or_else(no_such_day)?, time })
}

/// Where a part of a text is in it.
fn place(text: &str, part: &str) -> Range<usize> {
    let start = part.as_ptr() as usize - text.as_ptr() as usize;
    start..start + part.len()
}

const QUOTES: &str = "\"“”„«»";

/// In quotes, words are a title and nothing else.
pub fn unquoted(text: &str) -> String {
    let is_quote = |character: char| QUOTES.contains(character);
    let inner = text.strip_prefix(is_quote).and_then(|text| text.strip_suffix(is_quote));
    inner.filter(|inner| !inner.contains(is_quote)).unwrap_or(text).trim().to_owned()
}

/// The team of a line: `@` at the beginning of a word, and right behind it a name, which may have spaces.
fn split_team(text: &str) -> (&str, Option<&str>) {
    let Some(at) = text.rfind('@').filter(|at| *at == 0 || text[..*at].ends_with(char::is_whitespace)) else {
        return (text, None);
    };
    let name = &text[at + 1..];
    // In quotes it belongs to the title; `@ 12:30` and `@12:30` are times.
    let is_time = name.split_once(':').is_some_and(|(hour, _)| hour.bytes().all(|byte| byte.is_ascii_digit()));
    let is_of_title = name.contains(|character: char| QUOTES.contains(character) || character == LITERAL);
    if is_of_title || name.starts_with(char::is_whitespace) || is_time {
        return (text, None);
    }
    (text[..at].trim(), Some(name.trim()).filter(|name| !name.is_empty()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use chrono::Days;
    use tallyboard_core::tasks::day_words::Slashes;

    use super::*;

    /// A Thursday.
    fn today() -> NaiveDate {
        "2026-11-26".parse().unwrap()
    }

    fn read(text: &str) -> TaskLine {
        TaskLine::read(text, DayContext { today: today(), slashes: Slashes::DayFirst }).unwrap()
    }

    fn day(text: &str) -> Option<NaiveDate> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn a_task_is_added_with_a_day_and_a_team_in_any_order() {
        for (text, title, due, team) in [
            ("Buy milk", "Buy milk", None, None),
            (" Buy   milk ", "Buy   milk", None, None),
            ("Buy milk tomorrow", "Buy milk", day("2026-11-27"), None),
            ("Buy milk Fri", "Buy milk", day("2026-11-27"), None),
            ("Buy milk thu", "Buy milk", day("2026-12-03"), None),
            ("Buy milk monday", "Buy milk", day("2026-11-30"), None),
            ("Buy milk 2026-12-24", "Buy milk", day("2026-12-24"), None),
            ("Buy milk @Household", "Buy milk", None, Some("Household")),
            ("Buy milk @Our Household", "Buy milk", None, Some("Our Household")),
            ("Buy milk tomorrow @Our Household", "Buy milk", day("2026-11-27"), Some("Our Household")),
            ("Buy milk @Our Household tomorrow", "Buy milk", day("2026-11-27"), Some("Our Household")),
            ("\"Call Fri\"", "Call Fri", None, None),
            ("\"Call Fri\" tomorrow", "Call Fri", day("2026-11-27"), None),
            ("\"Ask @home\"", "Ask @home", None, None),
            ("Write to ada@example.org", "Write to ada@example.org", None, None),
            // A day alone is a title: there is nothing else that it could be.
            ("tomorrow", "tomorrow", None, None),
            ("Pay 2026", "Pay 2026", None, None),
            ("Sit in the sun", "Sit in the sun", None, None),
            ("Feed the cat on sun", "Feed the cat", day("2026-11-29"), None),
            ("“Call Fri” tomorrow", "Call Fri", day("2026-11-27"), None),
            ("„Call Fri“", "Call Fri", None, None),
            ("Lunch @ 12:30", "Lunch @ 12:30", None, None),
            ("Lunch @12:30", "Lunch @12:30", None, None),
            ("Lunch @Team Monday", "Lunch", day("2026-11-30"), Some("Team")),
            ("Würstchen für später", "Würstchen für später", None, None),
            ("Buy milk in 3 days", "Buy milk", day("2026-11-29"), None),
            ("Milch kaufen nächste Woche @Wir", "Milch kaufen", day("2026-11-30"), Some("Wir")),
            ("Call Bob next monday", "Call Bob", day("2026-11-30"), None),
            ("Tomorrow @Household by friday", "Tomorrow", day("2026-11-27"), Some("Household")),
            ("on friday", "on friday", None, None),
            ("Call Ada tomorrow\u{2060}", "Call Ada tomorrow", None, None),
            ("Call Ada next friday\u{2060} tomorrow", "Call Ada next friday", day("2026-11-27"), None),
            ("Call Ada tomorrow 18:00\u{2060} @Household", "Call Ada tomorrow 18:00", None, Some("Household")),
            ("Call Ada @Household\u{2060} tomorrow", "Call Ada @Household", day("2026-11-27"), None),
            ("Buy milk tonight", "Buy milk", day("2026-11-26"), None),
            ("Buy milk 24/12/2026", "Buy milk", day("2026-12-24"), None),
        ] {
            let line = read(text);
            let read = (line.title.as_str(), line.due.map(|due| due.day), line.team.as_deref());
            assert_eq!(read, (title, due, team), "{text}");
        }
    }

    #[test]
    fn the_recognised_words_have_a_place() {
        for (text, day, team) in [
            (" Ärger  tomorrow 18:00 @Our Household", "tomorrow 18:00", "@Our Household"),
            ("Miete @Wir  am Freitag um 8 Uhr ", "am Freitag um 8 Uhr", "@Wir"),
            ("Buy milk", "", ""),
            ("tomorrow", "", ""),
            ("Call\u{2060} Bob fri", "fri", ""),
        ] {
            let line = read(text);
            let part = |at: Option<Range<usize>>| at.map(|at| &text[at]).unwrap_or_default();
            assert_eq!((part(line.day_at), part(line.team_at)), (day, team), "{text}");
        }
    }

    /// Writes a line that says the same.
    fn written(line: &TaskLine, context: DayContext) -> String {
        let due = line.due.map(|DayAndTime { day, time }| {
            format!(" {day}{}", time.map(|time| format!(" at {}", time.format("%H:%M"))).unwrap_or_default())
        });
        let (due, team) = (due.unwrap_or_default(), line.team.clone().unwrap_or_default());
        let has_day = find_time(&team, context).is_some_and(|(found, _)| !found.before.is_empty());
        let team = if team.is_empty() { team } else { format!(" @{team}") };
        // The last day counts.
        let behind = if has_day { format!("{team}{due}") } else { format!("{due}{team}") };
        format!("{}{LITERAL}{behind}", line.title)
    }

    #[test]
    fn what_was_understood_reads_the_same_when_written_again() {
        let pieces = [
            "Buy milk",
            "tomorrow",
            "on",
            "by",
            "next",
            "friday",
            "18:00",
            "at 6 pm",
            "um 18 Uhr",
            "24/12",
            "5/6/2027",
            "24.12.",
            "in 3 days",
            "in 2 Wochen",
            "nächste Woche",
            "12. Dez",
            "übermorgen",
            "@Our Household",
            "@Wir",
            "@",
            "\"",
            "“Call",
            "Fri”",
            "Ärger",
            "\u{2060}",
            "1/2",
            "for",
            "every",
            "2026-12-24",
            "morgen",
            "due",
            "am",
            "🙂",
            "Monday 1:1",
            "@12:30",
        ];
        // A linear congruential generator, so that a failure comes back.
        let mut state = 20_261_126_u64;
        let mut random = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(state >> 33).unwrap() % below
        };
        let mut with_day = 0;
        for round in 0..20_000 {
            let words: Vec<_> = (0..=random(7)).map(|_| pieces[random(pieces.len())]).collect();
            let text = words.join(" ");
            let context = DayContext { today: today() + Days::new(round % 800), slashes: Slashes::DayFirst };
            let line = TaskLine::read(&text, context).unwrap();
            let again = TaskLine::read(&written(&line, context), context).unwrap();
            let meaning = |line: &TaskLine| (line.title.clone(), line.due, line.team.clone());
            if !line.title.is_empty() {
                assert_eq!(meaning(&again), meaning(&line), "{text:?}, written as {:?}", written(&line, context));
            }
            with_day += usize::from(line.due.is_some());
        }
        assert!(with_day > 5000, "only {with_day} lines had a day");
    }
}
