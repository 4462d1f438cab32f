//! The language that a browser asks for.

use super::Language;

/// The first language of an `Accept-Language` header that this server speaks; English when there is none.
pub fn preferred(header: Option<&str>) -> Language {
    let mut asked: Vec<(&str, f32)> = header.unwrap_or_default().split(',').filter_map(weighted).collect();
    // Of equal weights, the first one stays first.
    asked.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    asked.iter().find_map(|(tag, _)| spoken(tag)).unwrap_or(Language::English)
}

/// A tag and its weight, without those that are not wanted at all.
fn weighted(part: &str) -> Option<(&str, f32)> {
    let (tag, parameters) = part.split_once(';').unwrap_or((part, ""));
    let weight = parameters.trim().strip_prefix("q=").map_or(Some(1.0), |weight| weight.parse().ok())?;
    (weight > 0.0).then_some((tag.trim(), weight))
}

fn spoken(tag: &str) -> Option<Language> {
    let pseudo = [Language::Accented, Language::Mirrored];
    if let Some(language) = pseudo.into_iter().find(|language| language.tag().eq_ignore_ascii_case(tag)) {
        return Some(language);
    }
    // A region is no other language here: de-AT is German.
    let language = tag.split('-').next().unwrap_or_default();
    [Language::English, Language::German].into_iter().find(|known| known.tag().eq_ignore_ascii_case(language))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_known_language_by_weight_is_taken() {
        for (header, language) in [
            (None, Language::English),
            (Some(""), Language::English),
            (Some("fr, es;q=0.9"), Language::English),
            (Some("de"), Language::German),
            (Some("de-AT,de;q=0.9,en;q=0.8"), Language::German),
            (Some("en-GB,en;q=0.9,de;q=0.8"), Language::English),
            (Some("en;q=0.5, DE;q=0.9"), Language::German),
            (Some("de;q=0, en"), Language::English),
            (Some("fr,de;q=0.1"), Language::German),
            (Some("de;q=nonsense,;;,en"), Language::English),
            (Some("en-XA"), Language::Accented),
            (Some("ar-xb"), Language::Mirrored),
            (Some("ar"), Language::English),
        ] {
            assert_eq!(preferred(header), language, "{header:?}");
        }
    }
}
