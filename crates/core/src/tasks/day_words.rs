//! Days as people write them, in English and German: the one parser for every line in which a day can be.
//!
//! What could be something else is left alone: docs/GUIDE.md has the rules, and the tests titles from ordinary life.

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};

pub use super::date_figures::{Slashes, YEARS};
use super::date_figures::{is_fraction, numeric, with_month};
use tallyboard_model::{
    calendar::{Calendar, monday_of},
    input::comparable,
};

/// What the words of a day depend on.
#[derive(Clone, Copy, Debug)]
pub struct DayContext {
    /// Today.
    pub today: NaiveDate,
    /// What `5/6` is.
    pub slashes: Slashes,
}

impl DayContext {
    /// For what a person types.
    pub fn of(calendar: &Calendar) -> Self {
        Self { today: calendar.today_date(), slashes: Slashes::in_zone(calendar.zone()) }
    }
}

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

/// How many words name a day at most: `due by the day after tomorrow`.
const MAX_WORDS: usize = 6;

/// Words before a day that belong to it: at most one of each list, in this order.
const MARKERS: [&[&str]; 3] = [
    &["due", "fällig", "bis"],
    &["on", "by", "until", "till", "am", "zum", "den"],
    &["this", "next", "diesen", "nächsten", "kommenden", "naechsten"],
];
/// Those of them behind which a date may lack its last dot: `am 24.12`.
const GERMAN_MARKERS: [&str; 5] = ["fällig", "bis", "am", "zum", "den"];

/// Words after which a number belongs to the title.
const NUMBERED: [&str; 22] = [
    "chapter",
    "section",
    "version",
    "step",
    "part",
    "page",
    "episode",
    "season",
    "volume",
    "score",
    "rate",
    "room",
    "kapitel",
    "abschnitt",
    "teil",
    "seite",
    "punkt",
    "folge",
    "staffel",
    "band",
    "raum",
    "note",
];
/// Words with which a weekday is a name, or a greeting: `Black Friday`.
const NAMES: [&str; 7] = ["black", "good", "easter", "ash", "cyber", "guten", "gute"];
/// Words after which any day belongs to the title: it's part of a rule, has passed, or the title couldn't end there.
const PART_OF_TITLE: [&str; 63] = [
    "every", "each", "last", "other", "first", "second", "third", "1st", "2nd", "3rd", "jeden", "jede", "jeder",
    "alle", "letzten", "ersten", "zweiten", "dritten", "for", "of", "about", "the", "a", "an", "before", "after",
    "from", "since", "than", "to", "and", "or", "with", "without", "between", "around", "against", "at", "in", "für",
    "über", "von", "vom", "vor", "nach", "seit", "ab", "auf", "gegen", "ohne", "der", "die", "das", "dem", "des",
    "ein", "einen", "und", "oder", "zu", "mit", "zwischen", "als",
];
/// Words after which “next week” is what the task is about, as in “Plan next week”.
const ABOUT_A_WEEK: [&str; 4] = ["plan", "discuss", "prepare", "plane"];

/// Finds a day at the end of a text.
pub fn find_day(text: &str, context: DayContext) -> Option<FoundDay<'_>> {
    let text = text.trim();
    // The longest comes first: `5 October 2026` ends with a number that isn't a day.
    let starts: Vec<usize> = words(text).map(|(start, _)| start).collect();
    let first = starts.len().saturating_sub(MAX_WORDS);
    let found = starts[first..].iter().find_map(|start| {
        let (before, words) = (text[..*start].trim_end(), &text[*start..]);
        Some(FoundDay { before, words, day: parse_in(words, context)? })
    })?;
    (!is_part_of_title(found.before, found.words)).then_some(found)
}

/// Whether the words of a day belong to the title before them.
fn is_part_of_title(before: &str, words: &str) -> bool {
    let before = comparable(before);
    let last = before.split_whitespace().next_back().unwrap_or_default();
    let words = comparable(words.trim_end_matches(['.', '!', '?', ',', ';']));
    let first = words.split_whitespace().next().unwrap_or_default();
    let is_name = weekday(first, true).is_some() || first == "morgen";
    PART_OF_TITLE.contains(&last)
        || (NAMES.contains(&last) && is_name)
        || (NUMBERED.contains(&last) && first.starts_with(|letter: char| letter.is_ascii_digit()))
        || (ABOUT_A_WEEK.contains(&last) && is_next_week(&split(&words)))
        || is_fraction(&words)
}

/// The words of a text, with the place where each begins.
pub(super) fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split_whitespace().map(move |word| (word.as_ptr() as usize - text.as_ptr() as usize, word))
}

fn split(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

/// The day that all of a text names; the inner `None` means there's no such day. `5/6` isn't a day: it could be two.
pub fn parse_day(text: &str, today: NaiveDate) -> Option<Option<NaiveDate>> {
    parse_in(text, DayContext { today, slashes: Slashes::Unknown })
}

fn parse_in(text: &str, DayContext { today, slashes }: DayContext) -> Option<Option<NaiveDate>> {
    let text = comparable(text.trim());
    let mut words = split(&text);
    let (mut is_marked, mut is_german) = (false, false);
    for (index, markers) in MARKERS.iter().enumerate() {
        if index == 2 && is_next_week(&words) {
            return Some(monday_of(today).checked_add_days(Days::new(7)));
        }
        if words.len() > 1 && markers.contains(&words[0]) {
            is_marked = true;
            is_german |= GERMAN_MARKERS.contains(&words.remove(0));
        }
    }
    if let [word] = words[..]
        && let Some(day) = numeric(word, today, slashes, is_german)
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
        ["übermorgen" | "uebermorgen"] | ["day", "after", "tomorrow"] | ["the", "day", "after", "tomorrow"] => {
            Some(today.checked_add_days(Days::new(2)))
        }
        [word] => weekday(word, is_marked).map(|weekday| Some(next(weekday, today))),
        _ => with_month(&words, today),
    }
}

/// Whether these words say “next week”, which is its Monday.
fn is_next_week(words: &[&str]) -> bool {
    let [next, week] = *words else { return false };
    let week = week.trim_end_matches(['.', '!', '?', ',', ';']);
    matches!((next, week), ("next", "week") | ("nächste" | "kommende" | "naechste" | "nächster", "woche"))
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

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;

    const ALL: [Slashes; 3] = [Slashes::DayFirst, Slashes::MonthFirst, Slashes::Unknown];

    /// A Thursday.
    fn in_order(slashes: Slashes) -> DayContext {
        DayContext { today: "2026-11-26".parse().unwrap(), slashes }
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
            ("Call Bob next monday", "Call Bob", "2026-11-30"),
            ("Fly on monday", "Fly", "2026-11-30"),
            ("Meet by friday", "Meet", "2026-11-27"),
            ("Meet until friday", "Meet", "2026-11-27"),
            ("Meet till tomorrow", "Meet", "2026-11-27"),
            ("Rent due on monday", "Rent", "2026-11-30"),
            ("Rent due tomorrow", "Rent", "2026-11-27"),
            ("Rent due by next friday!", "Rent", "2026-11-27"),
            ("Report due by the day after tomorrow", "Report", "2026-11-28"),
            ("Report by next week", "Report", "2026-11-30"),
            ("Report due in 2 weeks", "Report", "2026-12-10"),
            ("Pay rent by 12 dec", "Pay rent", "2026-12-12"),
            ("Pay rent 12 dec", "Pay rent", "2026-12-12"),
            ("Pay rent dec 12", "Pay rent", "2026-12-12"),
            ("Pay rent 25 nov", "Pay rent", "2027-11-25"),
            ("Pay rent 24/12", "Pay rent", "2026-12-24"),
            ("Pay rent 12/24", "Pay rent", "2026-12-24"),
            ("Pay rent on 12/12", "Pay rent", "2026-12-12"),
            ("Pay rent 24/12/26", "Pay rent", "2026-12-24"),
            ("Pay rent 25.11.", "Pay rent", "2027-11-25"),
            ("Update the landing page tomorrow", "Update the landing page", "2026-11-27"),
            ("Book a room friday", "Book a room", "2026-11-27"),
            ("Look good tomorrow", "Look good", "2026-11-27"),
            ("Anruf am Freitag", "Anruf", "2026-11-27"),
            ("Bericht bis Freitag", "Bericht", "2026-11-27"),
            ("Bericht bis zum 24.12.", "Bericht", "2026-12-24"),
            ("Bericht am 24.12", "Bericht", "2026-12-24"),
            ("Miete fällig am nächsten Montag", "Miete", "2026-11-30"),
            ("Bericht bis nächste Woche", "Bericht", "2026-11-30"),
            ("Bericht bis übermorgen", "Bericht", "2026-11-28"),
            ("Ada anrufen in 2 Wochen", "Ada anrufen", "2026-12-10"),
            ("Miete 12. Dez", "Miete", "2026-12-12"),
            ("Miete 12. Dez.", "Miete", "2026-12-12"),
            ("Miete am 12. Dezember", "Miete", "2026-12-12"),
            ("tomorrow", "", "2026-11-27"),
        ] {
            for slashes in ALL {
                let found = find_day(text, in_order(slashes)).unwrap_or_else(|| panic!("{text}"));
                assert_eq!((found.before, found.day), (before, Some(day.parse().unwrap())), "{text}");
            }
        }
    }

    #[test]
    fn the_region_says_which_number_is_the_month() {
        for (text, day_first, month_first) in [
            ("Pay rent 5/6", "2027-06-05", "2027-05-06"),
            ("Pay rent on 1/2", "2027-02-01", "2027-01-02"),
            ("Pay rent by 4/12", "2026-12-04", "2027-04-12"),
            ("Pay rent 5/6/2027", "2027-06-05", "2027-05-06"),
            ("Pay rent 5/6/27!", "2027-06-05", "2027-05-06"),
        ] {
            let day =
                |slashes| find_day(text, in_order(slashes)).map(|found| (found.before, found.day.unwrap().to_string()));
            assert_eq!(day(Slashes::DayFirst), Some(("Pay rent", day_first.to_owned())), "{text}");
            assert_eq!(day(Slashes::MonthFirst), Some(("Pay rent", month_first.to_owned())), "{text}");
            assert_eq!(day(Slashes::Unknown), None, "{text}");
        }
    }

    #[test]
    fn a_day_that_does_not_exist_is_an_error() {
        for text in ["Pay 31 feb", "Pay 2026-02-30", "Pay 30.2.", "Pay 31.4.2027", "Pay on april 31", "Pay 30/2/2027"] {
            for slashes in ALL {
                assert_eq!(find_day(text, in_order(slashes)).map(|found| found.day), Some(None), "{text}");
            }
        }
    }

    /// Titles that name no day, from ordinary life.
    #[test]
    fn ambiguous_words_are_left_alone() {
        for title in include_str!("titles_without_a_day.txt").lines().filter(|line| !line.is_empty()) {
            for slashes in ALL {
                assert_eq!(find_day(title, in_order(slashes)), None, "{title}");
            }
        }
    }
}
