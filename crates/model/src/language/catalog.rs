//! Texts in the language of the work that is being done.

use std::{borrow::Cow, collections::BTreeMap, sync::LazyLock};

use super::{Language, current, pseudo};
use crate::html::json_in_script;

/// The texts of one language, by the English ones.
type Catalog = BTreeMap<String, String>;

/// The texts that the browser needs are apart: a page sends them along.
#[derive(Default, serde::Deserialize)]
struct Catalogs {
    server: Catalog,
    islands: Catalog,
    scripts: Catalog,
    others: Catalog,
}

// A test reads the file: what does not parse is not built into a release.
static GERMAN: LazyLock<Catalogs> =
    LazyLock::new(|| toml::from_str(include_str!("../../../../locales/de.toml")).unwrap_or_default());

impl Catalogs {
    fn find(&self, english: &str) -> Option<&str> {
        let catalogs = [&self.server, &self.islands, &self.scripts, &self.others];
        catalogs.into_iter().find_map(|catalog| catalog.get(english)).map(String::as_str)
    }
}

/// A text of the code in the language of the work that is being done.
pub fn t(english: &'static str) -> &'static str {
    match current() {
        Language::English => english,
        Language::German => GERMAN.find(english).unwrap_or(english),
        Language::Accented | Language::Mirrored => pseudo::t(english),
    }
}

/// A text that was chosen in English elsewhere, as an error of the API; what the catalogs do not know stays as it is.
pub fn translated(english: &str) -> String {
    known(current(), english).map_or_else(|| english.to_owned(), Cow::into_owned)
}

/// A text of the catalogs in a language; `None` for English, and for what they do not know.
fn known(language: Language, english: &str) -> Option<Cow<'static, str>> {
    let german = GERMAN.find(english)?;
    match language {
        Language::English => None,
        Language::German => Some(german.into()),
        Language::Accented | Language::Mirrored => Some(pseudo::accented(english).into()),
    }
}

/// The texts of a page's scripts and, when it has any, of its islands: as a JSON object, safe to embed in a script. `None`
/// for English, which scripts and islands have themselves.
pub fn texts_for_browser(has_islands: bool) -> Option<Cow<'static, str>> {
    static FOR_SCRIPTS: LazyLock<String> = LazyLock::new(|| texts_in(Language::German, false));
    static FOR_ISLANDS: LazyLock<String> = LazyLock::new(|| texts_in(Language::German, true));
    match current() {
        Language::English => None,
        Language::German => Some(Cow::Borrowed(if has_islands { &FOR_ISLANDS } else { &FOR_SCRIPTS })),
        other => Some(Cow::Owned(texts_in(other, has_islands))),
    }
}

fn texts_in(language: Language, has_islands: bool) -> String {
    let texts = GERMAN.scripts.keys().chain(GERMAN.islands.keys().filter(|_| has_islands));
    let texts: BTreeMap<_, _> = texts.filter_map(|english| Some((english, known(language, english)?))).collect();
    json_in_script(&texts).unwrap_or_default()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::language::with;

    /// The names in braces of a text.
    fn placeholders(text: &str) -> Vec<&str> {
        let mut names: Vec<_> =
            text.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(name, _)| name).collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn each_text_is_there_in_german_with_its_placeholders() {
        let catalogs: Catalogs = toml::from_str(include_str!("../../../../locales/de.toml")).unwrap();
        for (english, german) in catalogs.server.iter().chain(&catalogs.islands).chain(&catalogs.scripts) {
            assert!(!german.trim().is_empty(), "no translation of {english:?}");
            assert_eq!(placeholders(english), placeholders(german), "{english:?}");
            let ends = |text: &str| (text.starts_with(' '), text.ends_with(' '));
            assert_eq!(ends(english), ends(german), "spaces around {english:?}");
        }
    }

    #[test]
    fn a_text_is_said_in_the_language_of_the_work() {
        assert_eq!(t("Save"), "Save");
        assert_eq!(with(Language::German, || t("Save")), "Speichern");
        assert_eq!(with(Language::Accented, || t("Save")), "[Šávé~]");
        assert_eq!(with(Language::German, || t("no text of this crate")), "no text of this crate");
    }

    #[test]
    fn an_error_is_translated_when_its_words_are_known() {
        let said = |language, words: &str| with(language, || translated(words));
        assert_eq!(said(Language::German, "may not be empty"), "darf nicht leer sein");
        assert_eq!(said(Language::German, "of another program"), "of another program");
        assert_eq!(said(Language::Accented, "of another program"), "of another program");
        assert_eq!(said(Language::English, "may not be empty"), "may not be empty");
    }
}
