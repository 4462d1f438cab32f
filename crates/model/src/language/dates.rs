//! Dates, times and numbers as people of a language write them.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use chrono_tz::Tz;

use super::{Language, current, t, t_with, text, translated};

const MONTHS: [&str; 12] = [
    text("January"),
    text("February"),
    text("March"),
    text("April"),
    text("May"),
    text("June"),
    text("July"),
    text("August"),
    text("September"),
    text("October"),
    text("November"),
    text("December"),
];

const SHORT_MONTHS: [&str; 12] = [
    text("Jan"),
    text("Feb"),
    text("Mar"),
    text("Apr"),
    // In full: the short form of May is the same word, which a catalog has once.
    text("May"),
    text("Jun"),
    text("Jul"),
    text("Aug"),
    text("Sep"),
    text("Oct"),
    text("Nov"),
    text("Dec"),
];

fn named(months: &[&'static str; 12], date: NaiveDate) -> &'static str {
    // A month is from 1 to 12.
    months.get(date.month0() as usize).map_or("", |month| t(month))
}

/// `24 December 2026`
pub fn long_date(date: NaiveDate) -> String {
    let (day, month, year) = (date.day(), named(&MONTHS, date), date.year());
    t_with("{day} {month} {year}", &[("day", &day), ("month", &month), ("year", &year)])
}

/// `24 Dec`
pub fn day_and_month(date: NaiveDate) -> String {
    t_with("{day} {month}", &[("day", &date.day()), ("month", &named(&SHORT_MONTHS, date))])
}

/// `2026-12-24`, or as the language writes dates in figures.
pub fn short_date(date: NaiveDate) -> String {
    match current() {
        Language::German => date.format("%d.%m.%Y").to_string(),
        _ => date.to_string(),
    }
}

/// `2026-12-24 18:05`, or as the language writes times.
pub fn to_the_minute(time: DateTime<Utc>, zone: Tz) -> String {
    let local = time.with_timezone(&zone);
    format!("{} {}", short_date(local.date_naive()), local.format("%H:%M"))
}

/// `Thursday`
pub fn weekday_name(date: NaiveDate) -> String {
    translated(&date.format("%A").to_string())
}

/// `Fri 4 Dec`, with the year unless it's that of `today`.
pub fn weekday_and_day(date: NaiveDate, today: NaiveDate) -> String {
    let weekday = weekday_name(date);
    let short = match current() {
        Language::English => weekday.chars().take(3).collect(),
        Language::German => weekday.chars().take(2).collect(),
        Language::Accented | Language::Mirrored => weekday,
    };
    let day = format!("{short} {}", day_and_month(date));
    if date.year() == today.year() { day } else { format!("{day} {}", date.year()) }
}

/// A number that was written with a decimal point, as `66.7 %`.
pub fn decimal(number: &str) -> String {
    match current() {
        Language::German => number.replace('.', ","),
        _ => number.to_owned(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::language::with;

    #[test]
    fn a_date_is_written_as_its_language_does() {
        let date: NaiveDate = "2026-12-04".parse().unwrap();
        let written = || (long_date(date), day_and_month(date), short_date(date), weekday_name(date));
        let (long, short, figures, weekday) = written();
        assert_eq!([&*long, &short, &figures, &weekday], ["4 December 2026", "4 Dec", "2026-12-04", "Friday"]);
        let (long, short, figures, weekday) = with(Language::German, written);
        assert_eq!([&*long, &short, &figures, &weekday], ["4. Dezember 2026", "4. Dez.", "04.12.2026", "Freitag"]);
    }

    #[test]
    fn a_day_that_is_near_has_its_weekday() {
        let (date, today) = ("2026-12-04".parse().unwrap(), "2026-11-26".parse().unwrap());
        let next_year = "2027-03-01".parse().unwrap();
        let written = || [weekday_and_day(date, today), weekday_and_day(next_year, today)];
        assert_eq!(written(), ["Fri 4 Dec", "Mon 1 Mar 2027"]);
        assert_eq!(with(Language::German, written), ["Fr 4. Dez.", "Mo 1. März 2027"]);
    }

    #[test]
    fn times_and_numbers_are_translated_too() {
        let time = "2026-12-04T17:05:59Z".parse().unwrap();
        let written = || (to_the_minute(time, Tz::Europe__Berlin), decimal("66.7 %"));
        assert_eq!(written(), ("2026-12-04 18:05".to_owned(), "66.7 %".to_owned()));
        assert_eq!(with(Language::German, written), ("04.12.2026 18:05".to_owned(), "66,7 %".to_owned()));
    }
}
