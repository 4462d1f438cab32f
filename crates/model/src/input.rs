//! Validation of input: trims text, counts characters, and collects all errors, so that one answer names all
//! invalid fields.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::{
    error::{Error, Result},
    language::{t, t_with},
};

/// How far the clock of the server that wrote a file may be ahead of this one's.
const CLOCK_DIFFERENCE: TimeDelta = TimeDelta::minutes(5);
/// How many problems of a file are named.
const MAX_PROBLEMS: usize = 20;

/// Collects the errors of fields.
pub struct Validator(Error);

impl Validator {
    /// No errors yet.
    pub fn new() -> Self {
        Self(Error::validation())
    }

    /// Adds an error; the first one of a field counts.
    pub fn reject(&mut self, field: &str, why: impl Into<String>) {
        self.0.fields.entry(field.to_owned()).or_insert_with(|| why.into());
    }

    /// Text of `min` to `max` characters, after trimming.
    pub fn text(&mut self, field: &str, text: &str, min: usize, max: usize) -> String {
        let text = text.trim();
        let length = text.chars().count();
        if text.contains('\0') {
            self.reject(field, "may not contain the character U+0000");
        } else if length < min {
            self.reject(
                field,
                if min == 1 {
                    t("may not be empty").to_owned()
                } else {
                    t_with("at least {min} characters", &[("min", &min)])
                },
            );
        } else if length > max {
            self.reject(
                field,
                t_with("at most {max} characters, this has {length}", &[("max", &max), ("length", &length)]),
            );
        }
        text.to_owned()
    }

    /// Text that may be absent; white space alone counts as absent.
    pub fn optional_text(&mut self, field: &str, text: Option<&str>, max: usize) -> Option<String> {
        text.map(|text| self.text(field, text, 0, max)).filter(|text| !text.is_empty())
    }

    /// An email address, in lower case, because addresses are compared without regard to case.
    pub fn email(&mut self, field: &str, email: &str) -> String {
        let email = self.text(field, email, 3, 254).to_lowercase();
        let looks_right = email.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty()
                && !domain.contains('@')
                && !domain.starts_with('.')
                && !domain.ends_with('.')
                && !domain.contains("..")
                && domain.chars().all(|c| c.is_alphanumeric() || c == '.' || c == '-')
                && !domain.is_empty()
        });
        if !looks_right || email.chars().any(|c| c.is_whitespace() || c.is_control()) {
            self.reject(field, "has to look like an address, for example ada@example.org");
        }
        email
    }

    /// A time zone by its IANA name.
    pub fn time_zone(&mut self, field: &str, name: &str) -> String {
        match name.trim().parse::<Tz>() {
            Ok(zone) => zone.name().to_owned(),
            Err(_) => {
                self.reject(field, "has to be an IANA time zone, for example Europe/Berlin");
                String::new()
            }
        }
    }

    /// A time at which something was done. The counters of the dashboard count quarters of an hour since 1970.
    pub fn past_time(&mut self, field: &str, time: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        if time.is_some_and(|time| time < DateTime::UNIX_EPOCH || time > now + CLOCK_DIFFERENCE) {
            self.reject(field, "has to be between 1970 and now");
        }
        time.map(|time| time.trunc_subsecs(6))
    }

    /// An error with all invalid fields, if there is any.
    pub fn finish(self) -> Result<()> {
        if self.0.fields.is_empty() { Ok(()) } else { Err(self.0) }
    }
}

impl Default for Validator {
    fn default() -> Self {
        Self::new()
    }
}

/// What is wrong with a file, by its places: the first problems of it.
#[derive(Default)]
pub struct FileProblems(Validator);

impl FileProblems {
    /// Collects further problems; `None` once enough are known.
    pub fn validator(&mut self) -> Option<&mut Validator> {
        (self.0.0.fields.len() < MAX_PROBLEMS).then_some(&mut self.0)
    }

    /// An error with the problems, if there is any.
    pub fn finish(mut self) -> Result<()> {
        let is_full = self.validator().is_none();
        self.0.finish().map_err(
            |error| {
                if is_full { error.detail("These are the first; there may be more") } else { error }
            },
        )
    }
}
