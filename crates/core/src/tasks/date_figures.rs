//! Dates in figures and with the name of a month: `24.12.`, `24/12/2026`, `5 October`, `Oct 5 2027`.

use std::ops::RangeInclusive;

use chrono::{Datelike, Months, NaiveDate};
use chrono_tz::Tz;

/// The years that a task can be due in. Others are typing errors, and some programs can't read them.
pub const YEARS: RangeInclusive<i32> = 1970..=2200;

/// What `5/6` is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slashes {
    /// 5 June.
    DayFirst,
    /// May 6.
    MonthFirst,
    /// Either, so it isn't a date; `24/12` is one.
    Unknown,
}

/// The time zones of the United States; those that end with `/` are groups.
const UNITED_STATES: [&str; 26] = [
    "America/Adak",
    "America/Anchorage",
    "America/Atka",
    "America/Boise",
    "America/Chicago",
    "America/Denver",
    "America/Detroit",
    "America/Fort_Wayne",
    "America/Indiana/",
    "America/Indianapolis",
    "America/Juneau",
    "America/Kentucky/",
    "America/Knox_IN",
    "America/Los_Angeles",
    "America/Louisville",
    "America/Menominee",
    "America/Metlakatla",
    "America/New_York",
    "America/Nome",
    "America/North_Dakota/",
    "America/Phoenix",
    "America/Shiprock",
    "America/Sitka",
    "America/Yakutat",
    "Pacific/Honolulu",
    "US/",
];

impl Slashes {
    /// The order of the region around a time zone. The United States alone write the month first.
    pub fn in_zone(zone: Tz) -> Self {
        let is_american = UNITED_STATES.iter().any(|name| match name.strip_suffix('/') {
            Some(_) => zone.name().starts_with(name),
            None => zone.name() == *name,
        });
        if is_american { Self::MonthFirst } else { Self::DayFirst }
    }

    /// The day and the month of `first/second`; `None` if it isn't clear which is which.
    fn order(self, first: u32, second: u32) -> Option<(u32, u32)> {
        match self {
            _ if first > 12 || first == second => Some((first, second)),
            _ if second > 12 => Some((second, first)),
            Self::DayFirst => Some((first, second)),
            Self::MonthFirst => Some((second, first)),
            Self::Unknown => None,
        }
    }
}

/// Whether a word is more likely part of a title than a date: `1/2`, `9/10`, `24/7`.
pub fn is_fraction(word: &str) -> bool {
    let Some((first, second)) = word.split_once('/') else { return false };
    match (number(first, 31), number(second, 31)) {
        (Some(24), Some(7)) => true,
        (Some(part), Some(whole)) => part <= whole && [2, 3, 4, 5, 8, 10].contains(&whole),
        _ => false,
    }
}

/// `2026-12-24`, `24.12.`, `24.12.2026`, `24.12.26`, `24/12`, `24/12/2026`, `12/24/2026`; the inner `None` means there's no such
/// day. `24.12` is a date only if `may_lack_dot`.
pub fn numeric(word: &str, today: NaiveDate, slashes: Slashes, may_lack_dot: bool) -> Option<Option<NaiveDate>> {
    // What ends a sentence; the dot of `24.12.` stays.
    let word = word.trim_end_matches(['!', '?', ',', ';']);
    let undotted = word.trim_end_matches('.');
    if let [year, month, day] = undotted.split('-').collect::<Vec<_>>()[..] {
        return Some(NaiveDate::from_ymd_opt(full_year(year)?, number(month, 12)?, number(day, 31)?));
    }
    let in_future = |year: &str, month: u32, day: u32| {
        let year = 2000 + i32::try_from(number(year, 99).filter(|_| year.len() == 2)?).ok()?;
        NaiveDate::from_ymd_opt(year, month, day).filter(|day| *day >= today).map(Some)
    };
    match undotted.split('/').collect::<Vec<_>>()[..] {
        [first, second] => {
            let (day, month) = slashes.order(number(first, 31)?, number(second, 31)?)?;
            return next_such(day, month, today).map(Some);
        }
        [first, second, year] => {
            let (first, second) = (number(first, 31)?, number(second, 31)?);
            let (day, month) = slashes.order(first, second)?;
            let Some(full) = full_year(year) else { return in_future(year, month, day) };
            let day = NaiveDate::from_ymd_opt(full, month, day);
            // What could be two days may be something else altogether.
            let is_clear = first > 12 || second > 12 || first == second;
            return (is_clear || day >= Some(today)).then_some(day);
        }
        _ => {}
    }
    match word.split('.').collect::<Vec<_>>()[..] {
        [day, month, ""] => Some(next_such(number(day, 31)?, number(month, 12)?, today)),
        [day, month] if may_lack_dot => next_such(number(day, 31)?, number(month, 12)?, today).map(Some),
        [day, month, year] | [day, month, year, ""] if year.len() == 4 => {
            Some(NaiveDate::from_ymd_opt(full_year(year)?, number(month, 12)?, number(day, 31)?))
        }
        // `10.4.12` may be a version: it only counts as a day in the future.
        [day, month, year] => in_future(year, number(month, 12)?, number(day, 31)?),
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

/// `5 oct`, `oct 5`, `5 october 2026`, `october 5, 2026`, `5. oktober`; the inner `None` means there's no such day.
pub fn with_month(words: &[&str], today: NaiveDate) -> Option<Option<NaiveDate>> {
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
mod tests {
    use super::*;

    #[test]
    fn the_united_states_write_the_month_first() {
        for (zone, slashes) in [
            (Tz::America__New_York, Slashes::MonthFirst),
            (Tz::America__Indiana__Knox, Slashes::MonthFirst),
            (Tz::US__Pacific, Slashes::MonthFirst),
            (Tz::Pacific__Honolulu, Slashes::MonthFirst),
            (Tz::America__Toronto, Slashes::DayFirst),
            (Tz::Europe__London, Slashes::DayFirst),
            (Tz::UTC, Slashes::DayFirst),
        ] {
            assert_eq!(Slashes::in_zone(zone), slashes, "{zone}");
        }
    }
}
