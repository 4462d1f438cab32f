//! Validation of input: trims text, counts characters, and collects all errors, so that one answer names all
//! invalid fields.

use std::borrow::Cow;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use chrono_tz::Tz;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use crate::{
    error::{Error, Result},
    language::{t, t_with},
};

/// How far the clock of the server that wrote a file may be ahead of this one's.
const CLOCK_DIFFERENCE: TimeDelta = TimeDelta::minutes(5);
/// How many problems of a file are named.
const MAX_PROBLEMS: usize = 20;

/// Characters that texts may not contain: controls other than the ends of lines and tabs, and those that turn the direction of what
/// follows, by which a text can look like another. Marks of direction, and joiners inside words and emoji, stay.
fn is_forbidden(character: char) -> bool {
    let is_layout = matches!(character, '\n' | '\t');
    (character.is_control() && !is_layout) || matches!(character, '\u{202A}'..='\u{202E}')
}

/// Characters that are invisible on their own (Unicode's Default_Ignorable_Code_Point, and blanks).
fn is_invisible(character: char) -> bool {
    character.is_whitespace()
        || matches!(
            character,
            '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
                | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{2800}' | '\u{3164}'
                | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{E0000}'..='\u{E0FFF}'
        )
}

/// Text in Unicode's composed form (NFC), in which it's stored and compared: an `é` is one character and not an `e` with an
/// accent, as macOS writes it in names of files.
pub fn composed(text: &str) -> Cow<'_, str> {
    match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => Cow::Borrowed(text),
        _ => Cow::Owned(text.nfc().collect()),
    }
}

/// Text in the decomposed form (NFD), as older versions may have stored it.
pub fn decomposed(text: &str) -> String {
    text.nfd().collect()
}

/// Text for comparing: composed and in lower case.
pub fn comparable(text: &str) -> String {
    composed(&text.to_lowercase()).into_owned()
}

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

    /// One line of text: `min` to `max` characters, after trimming. A tab becomes a space.
    pub fn line(&mut self, field: &str, text: &str, min: usize, max: usize) -> String {
        let text = text.trim().replace('\t', " ");
        if text.contains(['\n', '\r', '\u{2028}', '\u{2029}']) {
            self.reject(field, t("has to be one line"));
        }
        self.checked(field, text, min, max)
    }

    /// Text that may have several lines: `min` to `max` characters, after trimming. Its lines end with LF.
    pub fn lines(&mut self, field: &str, text: &str, min: usize, max: usize) -> String {
        let text = text.replace("\r\n", "\n").replace('\r', "\n").trim().to_owned();
        self.checked(field, text, min, max)
    }

    /// A [`line`](Self::line) that may be absent; white space alone counts as absent.
    pub fn optional_line(&mut self, field: &str, text: Option<&str>, max: usize) -> Option<String> {
        text.map(|text| self.line(field, text, 0, max)).filter(|text| !text.is_empty())
    }

    /// [`lines`](Self::lines) that may be absent; white space alone counts as absent.
    pub fn optional_lines(&mut self, field: &str, text: Option<&str>, max: usize) -> Option<String> {
        text.map(|text| self.lines(field, text, 0, max)).filter(|text| !text.is_empty())
    }

    fn checked(&mut self, field: &str, text: String, min: usize, max: usize) -> String {
        let text = match composed(&text) {
            Cow::Borrowed(_) => text,
            Cow::Owned(composed) => composed,
        };
        // A reader would see nothing.
        let text = if text.chars().all(is_invisible) { String::new() } else { text };
        let length = text.chars().count();
        if let Some(character) = text.chars().find(|character| is_forbidden(*character)) {
            let character = format!("U+{:04X}", u32::from(character));
            self.reject(field, t_with("may not contain the character {character}", &[("character", &character)]));
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
        text
    }

    /// The email address of an account, in lower case, because addresses are compared without regard to case.
    pub fn email(&mut self, field: &str, email: &str) -> String {
        let email = comparable(&self.line(field, email, 3, 254));
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

    /// An [`email`](Self::email) address that is new here. Every mail server has to be able to deliver to it, without the
    /// extension for other scripts (RFC 6531) and without quotes.
    pub fn new_email(&mut self, field: &str, email: &str) -> String {
        let email = self.email(field, email);
        let (local, domain) = email.split_once('@').unwrap_or_default();
        if !domain.is_ascii() {
            self.reject(
                field,
                "has a domain with special letters: write it in its xn-- form, for example xn--mnchen-3ya.de",
            );
        }
        let is_sendable = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+/=?^_`{|}~.-".contains(c);
        if !local.chars().all(is_sendable) || local.starts_with('.') || local.ends_with('.') || local.contains("..") {
            self.reject(
                field,
                "may have only the letters a to z, digits, single dots and signs like + - _ before the @",
            );
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

    /// The time of an action. The counters of the dashboard count quarters of an hour since 1970.
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

/// The first problems of a file, by position.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> std::result::Result<String, String> {
        let mut validator = Validator::new();
        let line = validator.line("name", text, 1, 100);
        validator.finish().map(|()| line).map_err(|error| error.fields["name"].clone())
    }

    fn lines(text: &str) -> std::result::Result<String, String> {
        let mut validator = Validator::new();
        let lines = validator.lines("name", text, 1, 100);
        validator.finish().map(|()| lines).map_err(|error| error.fields["name"].clone())
    }

    #[test]
    fn names_of_every_script_and_emoji_stay_as_they_are() {
        for name in [
            "محمد عبد الله",
            "فاطمة\u{200C}زهرا",
            "שָׁלוֹם כהן",
            "Ada \u{200F}(עדה)\u{200E}",
            "می\u{200C}خواهم",
            "क्\u{200D}ष",
            "👩\u{200D}👩\u{200D}👧 family",
            "❤\u{FE0F} list",
            "Zoë O’Neill-Łuczak",
            "李小龍",
        ] {
            assert_eq!(line(name).as_deref(), Ok(name));
            assert_eq!(lines(name).as_deref(), Ok(name));
        }
    }

    #[test]
    fn a_new_address_is_one_that_mail_reaches() {
        let new = |email: &str| {
            let mut validator = Validator::new();
            let email = validator.new_email("email", email);
            validator.finish().map(|()| email).map_err(|error| error.fields["email"].clone())
        };
        for email in ["ada@example.org", "Ada.L+tasks@sub.example.org", "o'neill_1@xn--mnchen-3ya.de", "a@localhost"] {
            assert_eq!(new(email), Ok(email.to_lowercase()), "{email}");
        }
        for email in ["jürgen@example.org", "\"a\"@example.org", "a..b@example.org", ".a@example.org", "a.@example.org"]
        {
            assert!(new(email).is_err_and(|why| why.contains("before the @")), "{email}");
        }
        for email in ["ada@münchen.de", "ada@例え.jp", "ada@exаmple.org"] {
            assert!(new(email).is_err_and(|why| why.contains("xn--")), "{email}");
        }
        assert!(new("nobody").is_err_and(|why| why.contains("has to look like an address")));
    }

    #[test]
    fn text_is_stored_in_its_composed_form() {
        assert_eq!(line("Cafe\u{301}").as_deref(), Ok("Café"));
        assert_eq!(lines("u\u{308}ber\nCafe\u{301}").as_deref(), Ok("über\nCafé"));
        // It's counted as it's stored.
        let mut validator = Validator::new();
        validator.line("name", &"e\u{301}".repeat(200), 1, 200);
        assert!(validator.finish().is_ok());
        assert_eq!(Validator::new().email("email", "RENE\u{301}@example.org"), "rené@example.org");
        assert_eq!((comparable("CAFE\u{301}"), decomposed("é")), ("café".to_owned(), "e\u{301}".to_owned()));
    }

    #[test]
    fn invisible_and_direction_changing_characters_are_refused() {
        for text in
            ["a\u{0}b", "a\u{7}b", "a\u{1B}[31m", "a\u{7F}", "a\u{9B}b", "a\u{202E}b", "\u{202A}a", "a\u{202D}b"]
        {
            assert!(line(text).is_err_and(|why| why.contains("may not contain the character U+")), "{text:?}");
            assert!(lines(text).is_err_and(|why| why.contains("may not contain the character U+")), "{text:?}");
        }
        for text in ["", " ", "\u{200B}", "\u{FEFF}\u{200D}", "\u{3164}", "\u{2800}", "\u{202E}", "\n\t"] {
            assert_eq!(line(text), Err("may not be empty".to_owned()), "{text:?}");
            assert_eq!(lines(text), Err("may not be empty".to_owned()), "{text:?}");
        }
    }

    #[test]
    fn ends_of_lines_are_lf_and_one_line_has_none() {
        assert_eq!(lines("a\r\nb\rc\n\td \r\n").as_deref(), Ok("a\nb\nc\n\td"));
        assert_eq!(line("a\tb\n").as_deref(), Ok("a b"));
        for text in ["a\nb", "a\rb", "Bank\r\n\r\nPlease verify", "a\u{2028}b"] {
            assert_eq!(line(text), Err("has to be one line".to_owned()), "{text:?}");
        }
    }
}
