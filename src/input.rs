//! Checks of what people send: trims text, counts characters, and gathers every complaint, so
//! that one answer names them all.

use chrono_tz::Tz;

use crate::error::{Error, Result};

/// Gathers complaints about fields.
pub struct Checks(Error);

impl Checks {
    /// Nothing to complain about yet.
    pub fn new() -> Self {
        Self(Error::validation())
    }

    /// Complains about `field`.
    pub fn refuse(&mut self, field: &str, why: impl Into<String>) {
        self.0.fields.entry(field.to_owned()).or_insert_with(|| why.into());
    }

    /// Text of `min` to `max` characters, after trimming.
    pub fn text(&mut self, field: &str, text: &str, min: usize, max: usize) -> String {
        let text = text.trim();
        let length = text.chars().count();
        if text.contains('\0') {
            self.refuse(field, "may not contain the character U+0000");
        } else if length < min {
            self.refuse(
                field,
                if min == 1 { "may not be empty".to_owned() } else { format!("at least {min} characters") },
            );
        } else if length > max {
            self.refuse(field, format!("at most {max} characters, this has {length}"));
        }
        text.to_owned()
    }

    /// Text that may be left out; nothing but space counts as left out.
    pub fn optional_text(&mut self, field: &str, text: Option<&str>, max: usize) -> Option<String> {
        text.map(|text| self.text(field, text, 0, max)).filter(|text| !text.is_empty())
    }

    /// An address that mail could go to, in lower case: addresses are one without regard to case.
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
            self.refuse(field, "has to look like an address, for example ada@example.org");
        }
        email
    }

    /// A time zone by its IANA name.
    pub fn time_zone(&mut self, field: &str, name: &str) -> String {
        match name.trim().parse::<Tz>() {
            Ok(zone) => zone.name().to_owned(),
            Err(_) => {
                self.refuse(field, "has to be an IANA time zone, for example Europe/Berlin");
                String::new()
            }
        }
    }

    /// Ends the checks: an error when there was any complaint.
    pub fn finish(self) -> Result<()> {
        if self.0.fields.is_empty() { Ok(()) } else { Err(self.0) }
    }
}

impl Default for Checks {
    fn default() -> Self {
        Self::new()
    }
}
