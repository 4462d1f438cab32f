//! The language of what people read: pages, mails, answers in Chat.
//!
//! English texts are in the code, where they're used, as `t("Save")`; each other language has a file in `locales/` that
//! says them again. `scripts/texts.py` finds the texts, and a test fails when a language lacks one. The API, the MCP server,
//! the command line and the log speak English alone.

use std::fmt::{Display, Write};

use serde::{Deserialize, Serialize};

#[cfg(feature = "server")]
mod accept;
/// Texts in the browser.
#[cfg(not(feature = "server"))]
mod browser;
#[cfg(feature = "server")]
mod catalog;
#[cfg(feature = "server")]
pub mod current;
#[cfg(feature = "server")]
mod dates;
#[cfg(feature = "server")]
mod pseudo;

#[cfg(feature = "server")]
pub use accept::preferred;
#[cfg(not(feature = "server"))]
pub use browser::t;
#[cfg(feature = "server")]
pub use catalog::{t, texts_for_browser, translated};
#[cfg(feature = "server")]
pub use current::{choose, current, in_current_scope, scope, with};
#[cfg(feature = "server")]
pub use dates::{day_and_month, decimal, long_date, short_date, to_the_minute, weekday_and_day, weekday_name};

/// A language that this server speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// The language of the code.
    English,
    /// `locales/de.toml`.
    German,
    /// English with accents, in brackets, to find texts that are not translated; for browsers that ask for `en-XA`.
    Accented,
    /// The same, written from right to left; for browsers that ask for `ar-XB`.
    Mirrored,
}

impl Language {
    /// Its BCP 47 tag.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::Accented => "en-XA",
            Self::Mirrored => "ar-XB",
        }
    }

    /// The direction in which it is written, as HTML names it.
    pub fn direction(self) -> &'static str {
        if self == Self::Mirrored { "rtl" } else { "ltr" }
    }
}

/// The language that somebody has chosen for their account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub enum LanguageChoice {
    /// The one that the browser asks for; mails are in English.
    #[default]
    #[serde(rename = "browser")]
    Browser,
    /// English.
    #[serde(rename = "en")]
    English,
    /// German.
    #[serde(rename = "de")]
    German,
}

impl LanguageChoice {
    /// All choices.
    pub const ALL: [Self; 3] = [Self::Browser, Self::English, Self::German];

    /// The name in the API and in the database.
    pub fn as_str(self) -> &'static str {
        self.language().map_or("browser", Language::tag)
    }

    /// The choice of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|choice| choice.as_str() == name)
    }

    /// The language, unless the browser decides.
    pub fn language(self) -> Option<Language> {
        match self {
            Self::Browser => None,
            Self::English => Some(Language::English),
            Self::German => Some(Language::German),
        }
    }

    /// The choice of the language that is spoken now, for a new account.
    pub fn of(language: Language) -> Self {
        match language {
            Language::English => Self::English,
            Language::German => Self::German,
            Language::Accented | Language::Mirrored => Self::Browser,
        }
    }
}

/// A text with values at its `{names}`.
pub fn t_with(english: &'static str, values: &[(&str, &dyn Display)]) -> String {
    fill(t(english), values)
}

/// A text that counts: `one` for one thing, `other` for any other number, which is the value at `{n}`.
pub fn t_count(n: u64, one: &'static str, other: &'static str) -> String {
    fill(t(if n == 1 { one } else { other }), &[("n", &n)])
}

/// A text of a constant, which [`t`] translates where it is used: names it for `scripts/texts.py`.
pub const fn text(english: &'static str) -> &'static str {
    english
}

/// A value is not looked into: braces in it stay.
fn fill(text: &str, values: &[(&str, &dyn Display)]) -> String {
    let mut filled = String::with_capacity(text.len() + 64);
    let mut rest = text;
    while let Some((before, name, after)) = placeholder(rest) {
        filled.push_str(before);
        if let Some((_, value)) = values.iter().find(|(known, _)| *known == name) {
            let start = filled.len();
            // Writing to a string cannot fail.
            let _ = write!(filled, "{value}");
            if filled[start..].contains(is_right_to_left) {
                filled.insert(start, FIRST_STRONG_ISOLATE);
                filled.push(POP_DIRECTIONAL_ISOLATE);
            }
        }
        rest = after;
    }
    filled + rest
}

/// What `<bdi>` does in HTML, for a value inside a sentence: its direction doesn't reorder the words around it.
const FIRST_STRONG_ISOLATE: char = '\u{2068}';
const POP_DIRECTIONAL_ISOLATE: char = '\u{2069}';

/// Whether a character is of a script that's written from right to left: Hebrew, Arabic, Syriac, Thaana, N'Ko and others.
fn is_right_to_left(character: char) -> bool {
    matches!(character,
        '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}'
        | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}

fn placeholder(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('{')?;
    let (name, after) = rest.split_once('}')?;
    Some((before, name, after))
}

#[cfg(all(test, feature = "server"))]
mod tests {
    use super::*;

    #[test]
    fn a_name_from_right_to_left_stands_alone() {
        let said = |name: &str| fill("{name} invites you (3)", &[("name", &name)]);
        assert_eq!(said("יעל"), "\u{2068}יעל\u{2069} invites you (3)");
        assert_eq!(said("Zoë 😀"), "Zoë 😀 invites you (3)");
    }

    #[test]
    fn a_value_is_not_taken_for_a_placeholder() {
        let said = t_with("Shared by {name} as {may}", &[("name", &"{may}"), ("may", &"editor")]);
        assert_eq!(said, "Shared by {may} as editor");
        assert_eq!(t_with("{n} of {", &[("n", &1)]), "1 of {");
    }

    #[test]
    fn a_count_of_one_has_its_own_text() {
        let count = |n| t_count(n, "{n} task", "{n} tasks");
        assert_eq!([count(0), count(1), count(2)], ["0 tasks", "1 task", "2 tasks"]);
        let german = with(Language::German, || [count(1), count(2)]);
        assert_eq!(german, ["1 Aufgabe", "2 Aufgaben"]);
    }

    #[test]
    fn the_names_of_choices_are_those_of_the_api() {
        let names = ["browser", "en", "de"];
        for (choice, name) in LanguageChoice::ALL.into_iter().zip(names) {
            assert_eq!(serde_json::to_value(choice).ok(), Some(name.into()));
            assert_eq!((LanguageChoice::parse(name), choice.as_str()), (Some(choice), name));
        }
        assert_eq!(LanguageChoice::parse("fr"), None);
    }
}
