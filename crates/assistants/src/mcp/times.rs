//! Times as assistants say and read them: in the user's time zone.

use chrono::{DateTime, FixedOffset, NaiveDateTime, Offset, TimeZone, Utc};
use chrono_tz::Tz;

use tallyboard_core::tasks::time_words::{Time, parse_time};
use tallyboard_db::now;
use tallyboard_model::{
    calendar::Calendar,
    error::{Error, Result},
};

/// A time with the offset of the user's time zone: `2026-12-24T17:00:00+01:00`.
pub fn local(time: DateTime<Utc>, zone: Tz) -> DateTime<FixedOffset> {
    let offset = zone.offset_from_utc_datetime(&time.naive_utc()).fix();
    time.with_timezone(&offset)
}

/// Reads a time: with an offset, without one (then in `zone`), or a day alone, as a date or in words (the end of that day in
/// `zone`).
pub fn parse(field: &str, text: &str, zone: Tz) -> Result<DateTime<Utc>> {
    parse_at(field, text, &Calendar::at(now(), zone))
}

fn parse_at(field: &str, text: &str, calendar: &Calendar) -> Result<DateTime<Utc>> {
    let (text, zone) = (text.trim(), calendar.zone());
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Ok(time.to_utc());
    }
    let local = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok());
    let Some(local) = local else {
        return match parse_time(text, calendar) {
            Time::At(time) => Ok(time),
            Time::NoSuchDay => Err(Error::invalid(field, format!("“{text}” isn't a valid date"))),
            Time::Unknown => Err(Error::invalid(
                field,
                "has to be a date like 2026-12-24, a time like 2026-12-24T17:00 in the user's time zone, one with an \
                 offset like 2026-12-24T17:00:00+01:00, or words like `tomorrow`, `next friday` or `in 3 days`",
            )),
        };
    };
    // In the hour that a clock shows twice, the first; an hour that a clock skips does not exist.
    zone.from_local_datetime(&local).earliest().map(|time| time.to_utc()).ok_or_else(|| {
        Error::invalid(field, format!("does not exist in {zone}: clocks go forward then; take an hour later"))
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_the_users_time_zone() {
        let calendar = Calendar::at("2026-11-26T12:00:00Z".parse().unwrap(), Tz::Europe__Berlin);
        let parse = |text| parse_at("due_at", text, &calendar).map(|time| time.to_rfc3339()).map_err(|_| ());
        for (text, utc) in [
            ("2026-12-24T17:00:00Z", Ok("2026-12-24T17:00:00+00:00")),
            ("2026-12-24T17:00:00-05:00", Ok("2026-12-24T22:00:00+00:00")),
            ("2026-12-24T17:00", Ok("2026-12-24T16:00:00+00:00")),
            ("2026-07-01 09:30", Ok("2026-07-01T07:30:00+00:00")),
            ("2026-12-24", Ok("2026-12-24T22:59:59+00:00")),
            // Clocks go back at 3: the hour from 2 to 3 is there twice.
            ("2026-10-25T02:30", Ok("2026-10-25T00:30:00+00:00")),
            ("2026-03-29T02:30", Err(())),
            ("tomorrow", Ok("2026-11-27T22:59:59+00:00")),
            ("next friday", Ok("2026-11-27T22:59:59+00:00")),
            ("24.12.", Ok("2026-12-24T22:59:59+00:00")),
            ("übermorgen 18:00", Ok("2026-11-28T17:00:00+00:00")),
            ("31 feb", Err(())),
            ("2026-02-30", Err(())),
            ("0026-12-24", Err(())),
            ("soon", Err(())),
            ("", Err(())),
        ] {
            assert_eq!(parse(text), utc.map(str::to_owned), "{text}");
        }
    }

    #[test]
    fn times_are_said_with_the_offset_of_their_day() {
        let said = |time: &str| local(time.parse().unwrap(), Tz::Europe__Berlin).to_rfc3339();
        assert_eq!(said("2026-12-24T16:00:00Z"), "2026-12-24T17:00:00+01:00");
        assert_eq!(said("2026-07-01T07:30:00Z"), "2026-07-01T09:30:00+02:00");
    }
}
