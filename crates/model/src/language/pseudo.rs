//! Pseudo-languages: English that one can read and that no forgotten text looks like, a third longer, as many languages
//! are. They follow <https://unicode-org.github.io/icu/userguide/i18n>'s custom: `en-XA` and `ar-XB`.

use std::{
    collections::HashMap,
    sync::{LazyLock, PoisonError, RwLock},
};

/// The texts seen so far: at most as many as the code has.
static SAID: LazyLock<RwLock<HashMap<&'static str, &'static str>>> = LazyLock::new(RwLock::default);

/// A text of the code in the pseudo-language.
pub fn t(english: &'static str) -> &'static str {
    if let Some(said) = SAID.read().unwrap_or_else(PoisonError::into_inner).get(english) {
        return said;
    }
    let mut said = SAID.write().unwrap_or_else(PoisonError::into_inner);
    // Leaked once for each text.
    said.entry(english).or_insert_with(|| Box::leak(accented(english).into_boxed_str()))
}

/// A text with accents and in brackets; what's in braces or backquotes stays.
pub fn accented(english: &str) -> String {
    let mut accented = String::from("[");
    let mut closing = None;
    for letter in english.chars() {
        match (closing, letter) {
            (Some(end), _) if end == letter => closing = None,
            (Some(_), _) => {}
            (None, '{') => closing = Some('}'),
            (None, '`') => closing = Some('`'),
            (None, _) => {}
        }
        accented.push(if closing.is_some() { letter } else { with_accent(letter) });
    }
    // Not one long word: a line can break in it.
    let padding = (1..=english.chars().count() / 3).map(|place| if place % 8 == 0 { ' ' } else { '~' });
    accented.extend(padding);
    accented.push(']');
    accented
}

fn with_accent(letter: char) -> char {
    const PLAIN: &str = "aceilnorsuyzACEILNORSUYZ";
    const ACCENTED: &str = "áçéíłñóřšúýžÁÇÉÍŁÑÓŘŠÚÝŽ";
    let place = PLAIN.chars().position(|plain| plain == letter);
    place.and_then(|place| ACCENTED.chars().nth(place)).unwrap_or(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_and_code_stay() {
        assert_eq!(accented("Write `/help` to {name}"), "[Wříté `/help` tó {name}~~~~~~~]");
        assert_eq!((t("Save"), t("Save")), ("[Šávé~]", "[Šávé~]"));
    }
}
