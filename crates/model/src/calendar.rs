//! Days and weeks of a time zone, as UTC times.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Deserializer, Serializer};

/// The calendar of a time zone at one moment.
#[derive(Clone, Copy, Debug)]
pub struct Calendar {
    zone: Tz,
    today: NaiveDate,
}

/// A time range: from `start` up to, but not including, `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeRange {
    /// The first moment inside.
    pub start: DateTime<Utc>,
    /// The first moment after it.
    pub end: DateTime<Utc>,
}

impl Calendar {
    /// The calendar in `zone` at `now`.
    pub fn at(now: DateTime<Utc>, zone: Tz) -> Self {
        Self { zone, today: now.with_timezone(&zone).date_naive() }
    }

    /// The time zone.
    pub fn zone(&self) -> Tz {
        self.zone
    }

    /// The date of today.
    pub fn today_date(&self) -> NaiveDate {
        self.today
    }

    /// Today.
    pub fn today(&self) -> TimeRange {
        self.days(self.today, 1)
    }

    /// The `count` days after today.
    pub fn next_days(&self, count: u64) -> TimeRange {
        TimeRange { start: self.today().end, end: self.days(self.today, count + 1).end }
    }

    /// This ISO week, from Monday.
    pub fn this_week(&self) -> TimeRange {
        self.days(monday_of(self.today), 7)
    }

    /// The moment at which clocks show this hour of a date; the next moment where they skip it.
    pub fn hour_of(&self, date: NaiveDate, hour: u32) -> DateTime<Utc> {
        self.first_moment(date.and_time(NaiveTime::MIN) + TimeDelta::hours(hour.into()))
    }

    /// The first moment at which clocks show this time of a date; the next moment where they skip it.
    pub fn at_clock(&self, date: NaiveDate, time: NaiveTime) -> DateTime<Utc> {
        self.first_moment(date.and_time(time))
    }

    /// The last `count` dates, ending with today.
    pub fn last_days(&self, count: u32) -> Vec<NaiveDate> {
        (0..count).rev().filter_map(|back| self.today.checked_sub_days(Days::new(back.into()))).collect()
    }

    /// The range from the first of these days to the last.
    pub fn range(&self, days: &[NaiveDate]) -> TimeRange {
        self.days(days.first().copied().unwrap_or(self.today), days.len() as u64)
    }

    /// The last second of a date: when a task that is due on it is due.
    pub fn end_of(&self, date: NaiveDate) -> DateTime<Utc> {
        self.days(date, 1).end - TimeDelta::seconds(1)
    }

    /// The date at `time`.
    pub fn date_of(&self, time: DateTime<Utc>) -> NaiveDate {
        time.with_timezone(&self.zone).date_naive()
    }

    fn days(&self, first: NaiveDate, count: u64) -> TimeRange {
        let after = first.checked_add_days(Days::new(count)).unwrap_or(first);
        TimeRange { start: self.start_of(first), end: self.start_of(after) }
    }

    /// The first moment of a date. Some zones skip midnight when clocks go forward.
    fn start_of(&self, date: NaiveDate) -> DateTime<Utc> {
        self.first_moment(date.and_time(NaiveTime::MIN))
    }

    /// The first moment at which clocks show this time, or a later one where they skip it.
    fn first_moment(&self, local: NaiveDateTime) -> DateTime<Utc> {
        (0..=8)
            .find_map(|halves| self.zone.from_local_datetime(&(local + TimeDelta::minutes(30 * halves))).earliest())
            .map_or_else(|| local.and_utc(), |start| start.to_utc())
    }
}

/// The Monday of the ISO week of a date.
pub fn monday_of(date: NaiveDate) -> NaiveDate {
    date - Days::new(date.weekday().num_days_from_monday().into())
}

/// Serializes a time as chrono does, in RFC 3339, but as one text: serde_json would escape and copy chrono's pieces one by
/// one (a tenth of the time of a list of 50 tasks).
pub fn serialize_time<S: Serializer>(time: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&time.to_rfc3339_opts(SecondsFormat::AutoSi, true))
}

/// The same for a time that may be missing.
pub fn serialize_optional_time<S: Serializer>(time: &Option<DateTime<Utc>>, serializer: S) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => serialize_time(time, serializer),
        None => serializer.serialize_none(),
    }
}

/// Reads a time in RFC 3339. What chrono derives accepts more and is slower: it was 13 % of a list of 50 tasks.
pub fn deserialize_time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DateTime<Utc>, D::Error> {
    parse_time(<&str>::deserialize(deserializer)?)
}

/// The same for a time that may be missing.
pub fn deserialize_optional_time<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<DateTime<Utc>>, D::Error> {
    Option::<&str>::deserialize(deserializer)?.map(parse_time).transpose()
}

fn parse_time<E: serde::de::Error>(text: &str) -> Result<DateTime<Utc>, E> {
    DateTime::parse_from_rfc3339(text).map(|time| time.to_utc()).map_err(E::custom)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn at(time: &str, zone: &str) -> Calendar {
        Calendar::at(time.parse().unwrap(), zone.parse().unwrap())
    }

    fn utc(time: &str) -> DateTime<Utc> {
        time.parse().unwrap()
    }

    #[test]
    fn a_far_time_zone_is_already_in_the_next_day() {
        let kiritimati = at("2026-11-20T10:00:00Z", "Pacific/Kiritimati");
        let day = TimeRange { start: utc("2026-11-20T10:00:00Z"), end: utc("2026-11-21T10:00:00Z") };
        assert_eq!(kiritimati.today(), day);
        assert_eq!(at("2026-11-20T09:59:59Z", "Pacific/Kiritimati").today().end, day.start);
    }

    #[test]
    fn a_week_begins_on_monday() {
        // 2026-11-22 is a Sunday.
        let week = at("2026-11-22T12:00:00Z", "UTC").this_week();
        assert_eq!(week, TimeRange { start: utc("2026-11-16T00:00:00Z"), end: utc("2026-11-23T00:00:00Z") });
    }

    #[test]
    fn a_day_without_midnight_begins_at_its_first_instant() {
        // Santiago's clocks went from 24:00 to 01:00 on 2026-09-06.
        let day = at("2026-09-06T12:00:00Z", "America/Santiago").today();
        assert_eq!(day, TimeRange { start: utc("2026-09-06T04:00:00Z"), end: utc("2026-09-07T03:00:00Z") });
    }

    #[test]
    fn an_hour_that_clocks_skip_is_the_next_moment() {
        let date = |text: &str| text.parse::<NaiveDate>().unwrap();
        let berlin = at("2026-11-20T12:00:00Z", "Europe/Berlin");
        assert_eq!(berlin.hour_of(date("2026-11-20"), 9), utc("2026-11-20T08:00:00Z"));
        assert_eq!(berlin.hour_of(date("2026-07-20"), 9), utc("2026-07-20T07:00:00Z"));
        assert_eq!(berlin.hour_of(date("2026-03-29"), 2), utc("2026-03-29T01:00:00Z"));
    }

    #[test]
    fn last_days_end_today_and_have_no_gaps() {
        let days = at("2026-03-01T12:00:00Z", "UTC").last_days(3);
        assert_eq!(
            days.iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["2026-02-27", "2026-02-28", "2026-03-01"]
        );
    }

    #[test]
    fn times_are_serialized_as_chrono_does() {
        for time in ["2026-11-20T10:00:00Z", "2026-11-20T10:00:00.120Z", "2026-11-20T10:00:00.123456Z"] {
            let time = utc(time);
            let mut json = Vec::new();
            serialize_time(&time, &mut serde_json::Serializer::new(&mut json)).unwrap();
            assert_eq!(json, serde_json::to_vec(&time).unwrap());
        }
    }
}
