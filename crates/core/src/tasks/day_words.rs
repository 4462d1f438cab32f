//! Days as people write them, in English and German: the one parser for every line in which a day can be.
//!
//! What could be something else is left alone: docs/GUIDE.md has the rules, and the tests titles from ordinary life.

use std::ops::RangeInclusive;

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};
use tallyboard_model::{calendar::monday_of, input::comparable};

/// The years that a task can be due in. Others are typing errors, and some programs can't read them.
pub const YEARS: RangeInclusive<i32> = 1970..=2200;

/// A day at the end of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FoundDay<'t> {
    /// The text before it.
    pub before: &'t str,
    /// The words that name it.
    pub words: &'t str,
    /// The day; `None` if there's no such day, as in `31 feb`.
    pub day: Option<NaiveDate>,
}

/// How many words name a day at most: `on 5 October 2026`.
const MAX_WORDS: usize = 4;

/// Words before a day that belong to it.
const MARKERS: [&str; 14] = [
    "on",
    "by",
    "due",
    "this",
    "next",
    "until",
    "am",
    "bis",
    "zum",
    "diesen",
    "nächsten",
    "kommenden",
    "naechsten",
    "den",
];
/// Words after which a weekday, or a number, is part of a name or a rule.
const NAMES: [&str; 24] = [
    "guten",
    "gute",
    "every",
    "each",
    "last",
    "black",
    "good",
    "easter",
    "ash",
    "cyber",
    "jeden",
    "jede",
    "letzten",
    "chapter",
    "section",
    "version",
    "step",
    "part",
    "page",
    "kapitel",
    "abschnitt",
    "teil",
    "seite",
    "punkt",
];

/// Words after which “next week” is what the task is about, as in “Plan next week”.
const ABOUT_A_WEEK: [&str; 14] =
    ["for", "of", "about", "plan", "discuss", "prepare", "until", "the", "für", "über", "plane", "der", "die", "bis"];

/// Finds a day at the end of a text.
pub fn find_day(text: &str, today: NaiveDate) -> Option<FoundDay<'_>> {
    let text = text.trim();
    // The longest comes first: `5 October 2026` ends with a number that isn't a day.
    let starts: Vec<usize> = words(text).map(|(start, _)| start).collect();
    let first = starts.len().saturating_sub(MAX_WORDS);
    starts[first..].iter().find_map(|start| {
        let (before, words) = (text[..*start].trim_end(), &text[*start..]);
        let last = comparable(before.rsplit(char::is_whitespace).next().unwrap_or_default());
        if NAMES.contains(&last.as_str()) || (ABOUT_A_WEEK.contains(&last.as_str()) && is_next_week(words)) {
            return None;
        }
        let day = parse_day(words, today)?;
        Some(FoundDay { before, words, day })
    })
}

/// The words of a text, with the place where each begins.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split_whitespace().map(move |word| (word.as_ptr() as usize - text.as_ptr() as usize, word))
}

/// The day that all of a text names; the inner `None` means there's no such day.
pub fn parse_day(text: &str, today: NaiveDate) -> Option<Option<NaiveDate>> {
    let text = comparable(text.trim());
    let mut words: Vec<&str> = text.split_whitespace().collect();
    if is_next_week(&text) {
        return Some(monday_of(today).checked_add_days(Days::new(7)));
    }
    let is_marked = words.len() > 1 && MARKERS.contains(&words[0]);
    if is_marked {
        words.remove(0);
    }
    if let [word] = words[..]
        && let Some(day) = numeric(word, today)
    {
        return Some(day);
    }
    // The end of a sentence.
    let last = words.last_mut()?;
    *last = last.trim_end_matches(['.', '!', '?', ',', ';']);
    match words[..] {
        ["today" | "tonight" | "heute"] | ["heute", "abend"] => Some(Some(today)),
        ["in", count, unit] => in_some_time(count, unit, today),
        ["tomorrow" | "morgen"] => Some(today.checked_add_days(Days::new(1))),
        ["übermorgen"] | ["day", "after", "tomorrow"] => Some(today.checked_add_days(Days::new(2))),
        [word] => weekday(word, is_marked).map(|weekday| Some(next(weekday, today))),
        _ => with_month(&words, today),
    }
}

/// Whether all of a text says “next week”, which is its Monday.
fn is_next_week(text: &str) -> bool {
    let text = comparable(text);
    let words: Vec<_> = text.trim_end_matches(['.', '!', '?', ',', ';']).split_whitespace().collect();
    matches!(words[..], ["next", "week"] | ["nächste" | "kommende" | "naechste", "woche"])
}

/// `in 3 days`, `in 2 weeks`, `in a month`, `in 3 Tagen`; the inner `None` means it's too far away.
fn in_some_time(count: &str, unit: &str, today: NaiveDate) -> Option<Option<NaiveDate>> {
    let count = match count {
        "a" | "an" | "one" | "einem" | "einer" => 1,
        "two" | "zwei" => 2,
        "three" | "drei" => 3,
        _ => {
            let is_number = (1..=3).contains(&count.len()) && count.bytes().all(|byte| byte.is_ascii_digit());
            is_number.then(|| count.parse().ok()).flatten().filter(|count| *count > 0)?
        }
    };
    let day = match unit {
        "day" | "days" | "tag" | "tagen" => today.checked_add_days(Days::new(count)),
        "week" | "weeks" | "woche" | "wochen" => today.checked_add_days(Days::new(count * 7)),
        "month" | "months" | "monat" | "monaten" => today.checked_add_months(Months::new(count.try_into().ok()?)),
        _ => return None,
    };
    Some(day.filter(|day| YEARS.contains(&day.year())))
}

/// The next such weekday after today.
fn next(weekday: Weekday, today: NaiveDate) -> NaiveDate {
    let ahead = (7 + weekday.num_days_from_monday() - today.weekday().num_days_from_monday()) % 7;
    today + Days::new(if ahead == 0 { 7 } else { ahead.into() })
}

/// A weekday. Short names that are words themselves, as in “sit in the sun”, need `on`, `next` or the like before them.
fn weekday(word: &str, is_marked: bool) -> Option<Weekday> {
    Some(match word {
        "monday" | "montag" | "mon" => Weekday::Mon,
        "tuesday" | "dienstag" | "tue" | "tues" => Weekday::Tue,
        "wednesday" | "mittwoch" => Weekday::Wed,
        "thursday" | "donnerstag" | "thu" | "thur" | "thurs" => Weekday::Thu,
        "friday" | "freitag" | "fri" => Weekday::Fri,
        "saturday" | "samstag" | "sonnabend" => Weekday::Sat,
        "sunday" | "sonntag" => Weekday::Sun,
        "wed" if is_marked => Weekday::Wed,
        "sat" if is_marked => Weekday::Sat,
        "sun" if is_marked => Weekday::Sun,
        _ => return None,
    })
}

/// `2026-12-24`, `24.12.`, `24.12.2026`, `24.12.26`, `24/12/2026`, `12/24/2026`.
fn numeric(word: &str, today: NaiveDate) -> Option<Option<NaiveDate>> {
    // What ends a sentence; the dot of `24.12.` stays.
    let word = word.trim_end_matches(['!', '?', ',', ';']);
    let parts: Vec<_> = word.trim_end_matches('.').split('-').collect();
    if let [year, month, day] = parts[..] {
        return Some(NaiveDate::from_ymd_opt(full_year(year)?, number(month, 12)?, number(day, 31)?));
    }
    if let [first, second, year] = word.trim_end_matches('.').split('/').collect::<Vec<_>>()[..] {
        let (first, second, year) = (number(first, 31)?, number(second, 31)?, full_year(year)?);
        // `5/6/2026` could be either day.
        let is_known = first == second || first > 12 || second > 12;
        let (day, month) = if second > 12 { (second, first) } else { (first, second) };
        return is_known.then(|| NaiveDate::from_ymd_opt(year, month, day));
    }
    let parts: Vec<_> = word.split('.').collect();
    match parts[..] {
        [day, month, ""] => Some(next_such(number(day, 31)?, number(month, 12)?, today)),
        [day, month, year] | [day, month, year, ""] if year.len() == 4 => {
            Some(NaiveDate::from_ymd_opt(full_year(year)?, number(month, 12)?, number(day, 31)?))
        }
        // `10.4.12` may be a version: it only counts as a day in the future.
        [day, month, year] if year.len() == 2 => {
            let year = 2000 + i32::try_from(number(year, 99)?).ok()?;
            let day = NaiveDate::from_ymd_opt(year, number(month, 12)?, number(day, 31)?);
            day.filter(|day| *day >= today).map(Some)
        }
        _ => None,
    }
}

/// A number of one or two digits, from 1 to `most`.
fn number(text: &str, most: u32) -> Option<u32> {
    let is_number = (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten().filter(|number| (1..=most).contains(number))
}

/// A year of four digits in which a task can be due.
fn full_year(text: &str) -> Option<i32> {
    let is_number = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten().filter(|year| YEARS.contains(year))
}

/// `5 oct`, `oct 5`, `5 october 2026`, `october 5, 2026`, `5. oktober`.
fn with_month(words: &[&str], today: NaiveDate) -> Option<Option<NaiveDate>> {
    let (first, second, year) = match *words {
        [first, second] => (first, second, None),
        [first, second, year] => (first, second, Some(full_year(year)?)),
        _ => return None,
    };
    let day_of = |word: &str| {
        let digits = word.trim_end_matches(['.', ',']);
        let digits = ["st", "nd", "rd", "th"].iter().find_map(|end| digits.strip_suffix(end)).unwrap_or(digits);
        number(digits, 31)
    };
    let (day, month) = match (day_of(first), month(second)) {
        (Some(day), Some(month)) => (day, month),
        _ => (day_of(second)?, month(first)?),
    };
    Some(match year {
        Some(year) => NaiveDate::from_ymd_opt(year, month, day),
        None => next_such(day, month, today),
    })
}

fn month(word: &str) -> Option<u32> {
    let word = word.trim_end_matches(['.', ',']);
    Some(match word {
        "jan" | "january" | "januar" => 1,
        "feb" | "february" | "februar" => 2,
        "mar" | "march" | "mär" | "märz" => 3,
        "apr" | "april" => 4,
        "may" | "mai" => 5,
        "jun" | "june" | "juni" => 6,
        "jul" | "july" | "juli" => 7,
        "aug" | "august" => 8,
        "sep" | "sept" | "september" => 9,
        "oct" | "okt" | "october" | "oktober" => 10,
        "nov" | "november" => 11,
        "dec" | "dez" | "december" | "dezember" => 12,
        _ => return None,
    })
}

/// This day of the year, today or next; `None` if no year has it. 29 February may take some years.
fn next_such(day: u32, month: u32, today: NaiveDate) -> Option<NaiveDate> {
    let years = (0..=8).filter_map(|ahead| Some(today.checked_add_months(Months::new(12 * ahead))?.year()));
    years.filter_map(|year| NaiveDate::from_ymd_opt(year, month, day)).find(|day| *day >= today)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;

    /// A Thursday.
    fn today() -> NaiveDate {
        "2026-11-26".parse().unwrap()
    }

    #[test]
    fn a_day_is_found_at_the_end() {
        for (text, before, day) in [
            ("Buy milk today", "Buy milk", "2026-11-26"),
            ("Buy milk tomorrow.", "Buy milk", "2026-11-27"),
            ("Buy milk tomorrow!", "Buy milk", "2026-11-27"),
            ("Buy milk day after tomorrow", "Buy milk", "2026-11-28"),
            ("Buy milk Fri", "Buy milk", "2026-11-27"),
            ("Buy milk thu", "Buy milk", "2026-12-03"),
            ("Buy milk on friday", "Buy milk", "2026-11-27"),
            ("Buy milk next Friday", "Buy milk", "2026-11-27"),
            ("Buy milk by sun", "Buy milk", "2026-11-29"),
            ("Buy milk due sat", "Buy milk", "2026-11-28"),
            ("Milch kaufen heute", "Milch kaufen", "2026-11-26"),
            ("Milch kaufen morgen", "Milch kaufen", "2026-11-27"),
            ("Milch kaufen übermorgen", "Milch kaufen", "2026-11-28"),
            ("Milch kaufen am Montag", "Milch kaufen", "2026-11-30"),
            ("Milch kaufen Sonntag", "Milch kaufen", "2026-11-29"),
            ("Milch kaufen nächsten Dienstag", "Milch kaufen", "2026-12-01"),
            ("Pay rent 2026-12-24", "Pay rent", "2026-12-24"),
            ("Pay rent 2026-12-24.", "Pay rent", "2026-12-24"),
            ("Pay rent 24.12.", "Pay rent", "2026-12-24"),
            ("Pay rent 1.2.", "Pay rent", "2027-02-01"),
            ("Pay rent 24.12.2026", "Pay rent", "2026-12-24"),
            ("Pay rent 24.12.26", "Pay rent", "2026-12-24"),
            ("Pay rent on 5 October 2027", "Pay rent", "2027-10-05"),
            ("Pay rent Oct 5 2027", "Pay rent", "2027-10-05"),
            ("Pay rent October 5, 2027", "Pay rent", "2027-10-05"),
            ("Pay rent 27 Nov", "Pay rent", "2026-11-27"),
            ("Pay rent 5 May", "Pay rent", "2027-05-05"),
            ("Pay rent 1st March", "Pay rent", "2027-03-01"),
            ("Miete zahlen am 5. Oktober", "Miete zahlen", "2027-10-05"),
            ("Leap day 29 feb", "Leap day", "2028-02-29"),
            ("Call Ada in 3 days", "Call Ada", "2026-11-29"),
            ("Call Ada in 2 weeks.", "Call Ada", "2026-12-10"),
            ("Call Ada in a week", "Call Ada", "2026-12-03"),
            ("Call Ada in 3 months", "Call Ada", "2027-02-26"),
            ("Ada anrufen in 3 Tagen", "Ada anrufen", "2026-11-29"),
            ("Ada anrufen in einer Woche", "Ada anrufen", "2026-12-03"),
            ("Call Ada next week", "Call Ada", "2026-11-30"),
            ("Ada anrufen nächste Woche!", "Ada anrufen", "2026-11-30"),
            ("Call Ada tonight", "Call Ada", "2026-11-26"),
            ("Ada anrufen heute Abend", "Ada anrufen", "2026-11-26"),
            ("Pay rent 24/12/2026", "Pay rent", "2026-12-24"),
            ("Pay rent 12/24/2026", "Pay rent", "2026-12-24"),
            ("Milch kaufen u\u{308}bermorgen", "Milch kaufen", "2026-11-28"),
            ("Ada anrufen na\u{308}chste Woche", "Ada anrufen", "2026-11-30"),
            ("tomorrow", "", "2026-11-27"),
        ] {
            let found = find_day(text, today()).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((found.before, found.day), (before, Some(day.parse().unwrap())), "{text}");
        }
    }

    #[test]
    fn a_day_that_does_not_exist_is_an_error() {
        for text in ["Pay 31 feb", "Pay 2026-02-30", "Pay 30.2.", "Pay 31.4.2027", "Pay on april 31", "Pay 30/2/2027"] {
            assert_eq!(find_day(text, today()).map(|found| found.day), Some(None), "{text}");
        }
    }

    /// Titles that name no day, from ordinary life.
    #[test]
    fn ambiguous_words_are_left_alone() {
        for title in include_str!("titles_without_a_day.txt").lines().filter(|line| !line.is_empty()) {
            assert_eq!(find_day(title, today()), None, "{title}");
        }
    }
}
