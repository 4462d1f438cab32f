//! The words of a search in the languages of the databases.

use std::collections::HashSet;

use tallyboard_model::{
    input::{comparable, composed, decomposed},
    tasks::Task,
};

/// How many letters in a row an index knows.
const PIECE: usize = 3;
/// The most pieces of the words to look up in an index.
const MAX_PIECES: usize = 3;

/// The words as patterns. Texts are stored composed (NFC), but older versions stored them as they came: words that have
/// a decomposed form are looked for in both.
pub struct Pattern {
    pub forms: Vec<Form>,
    /// For comparing again.
    lower: String,
}

/// One of the words' forms.
pub struct Form {
    words: String,
    /// For LIKE on lower case.
    pub like: String,
    /// For a LIKE that ignores the case of ASCII letters only: whatever `like` finds, and more. Any other letter that
    /// has two cases is any character.
    pub wider: String,
}

impl Pattern {
    pub fn new(words: &str, is_postgres: bool) -> Self {
        let mut forms = vec![composed(words).into_owned(), decomposed(words)];
        forms.dedup();
        let forms = forms.into_iter().map(|words| Form::new(words, is_postgres)).collect();
        Self { forms, lower: lower(words) }
    }

    /// Whether SQLite's LIKE, which knows no other case than ASCII's, finds more than the words.
    pub fn is_widened(&self) -> bool {
        self.forms.iter().any(|form| form.wider != form.like.to_ascii_lowercase())
    }

    pub fn is_in(&self, task: &Task) -> bool {
        let contains = |text: &str| lower(text).contains(&self.lower);
        contains(&task.title) || task.description.as_deref().is_some_and(contains)
    }
}

impl Form {
    fn new(words: String, is_postgres: bool) -> Self {
        let wider = like_pattern(&words, |c| if is_postgres { wider_than_icu(c) } else { wider_than_unicode(c) });
        Self { like: like_pattern(&words, |_| None), wider: wider.to_ascii_lowercase(), words }
    }

    /// FTS5's query for tasks that may contain the words: quotes are doubled and nothing else is special.
    pub fn fts_query(&self, sample: &[String]) -> String {
        let pieces = self.rarest_pieces(sample, |_| true);
        let phrases: Vec<_> = pieces.iter().map(|piece| format!("\"{}\"", piece.replace('"', "\"\""))).collect();
        format!("({})", phrases.join(" AND "))
    }

    /// The pieces for pg_trgm, as LIKE patterns. It knows letters and digits only; the whole pattern is better than none.
    pub fn trgm_pieces(&self, sample: &[String]) -> [String; MAX_PIECES] {
        let pieces = self.rarest_pieces(sample, char::is_alphanumeric);
        let patterns: Vec<_> = pieces.iter().map(|piece| format!("%{piece}%")).collect();
        [0, 1, 2].map(|n| patterns.get(n).or(patterns.first()).unwrap_or(&self.like).clone())
    }

    /// The pieces of the words that are in the fewest texts of a sample: at least one if there are any of `letters`, and
    /// others that are in fewer than a tenth. An index takes long over pieces that are in every task.
    fn rarest_pieces(&self, sample: &[String], letters: impl Fn(char) -> bool) -> Vec<String> {
        let characters: Vec<char> = self.words.chars().collect();
        let mut seen = HashSet::new();
        let mut pieces: Vec<(usize, String)> = characters
            .windows(PIECE)
            .filter(|piece| piece.iter().all(|c| letters(*c)) && seen.insert(piece.to_vec()))
            .map(|piece| {
                let piece: String = piece.iter().collect();
                let looked_for = lower(&piece);
                (sample.iter().filter(|text| text.contains(&looked_for)).count(), piece)
            })
            .collect();
        pieces.sort_by_key(|(count, _)| *count);
        pieces.truncate(MAX_PIECES);
        let rare = sample.len() / 10;
        pieces
            .into_iter()
            .enumerate()
            .filter(|(n, (count, _))| *n == 0 || *count < rare)
            .map(|(_, (_, piece))| piece)
            .collect()
    }
}

/// A LIKE pattern for texts that contain the words; `wider` says what some characters become.
fn like_pattern(words: &str, wider: impl Fn(char) -> Option<&'static str>) -> String {
    let mut pattern = String::from("%");
    for c in words.chars() {
        if let Some(wildcard) = wider(c) {
            pattern.push_str(wildcard);
            continue;
        }
        if matches!(c, '\\' | '%' | '_') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

fn wider_than_unicode(c: char) -> Option<&'static str> {
    let has_two_cases = !c.to_lowercase().eq(c.to_uppercase());
    (has_two_cases && !c.is_ascii()).then_some("_")
}

/// PostgreSQL's ICU makes "i̇" of İ, two characters of one, and k of the sign for kelvins.
fn wider_than_icu(c: char) -> Option<&'static str> {
    match c {
        'İ' => Some("_%"),
        '\u{307}' => Some("%"),
        'i' | 'I' | 'k' | 'K' => Some("_"),
        _ => wider_than_unicode(c),
    }
}

/// A text's letters without their case. Signs that FTS5 takes for one letter are one here, too.
pub fn lower(text: &str) -> String {
    let one = |c| match c {
        'ς' => 'σ',
        'µ' => 'μ',
        'ϐ' => 'β',
        'ϵ' => 'ε',
        'ϑ' => 'θ',
        'ϰ' => 'κ',
        'ϖ' => 'π',
        'ϱ' => 'ρ',
        'ϕ' => 'φ',
        'ẛ' => 'ṡ',
        '\u{345}' => 'ι',
        other => other,
    };
    comparable(text).chars().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_are_letters_in_every_language() {
        let pattern = Pattern::new(r#"50%_\ "Ä" OR"#, false);
        let like: Vec<_> = pattern.forms.iter().map(|form| &form.like).collect();
        assert_eq!(like, ["%50\\%\\_\\\\ \"Ä\" OR%", "%50\\%\\_\\\\ \"A\u{308}\" OR%"]);
        assert_eq!(pattern.forms[0].wider, r#"%50\%\_\\ "_" or%"#);
        assert_eq!(pattern.forms[0].fts_query(&[]), r#"("50%")"#);
        assert_eq!(Form::new("a\"b".to_owned(), false).fts_query(&[]), "(\"a\"\"b\")");
        assert_eq!(Pattern::new("plain", false).forms.len(), 1);
        assert_eq!(Pattern::new("Kiel i\u{307}", true).forms[0].wider, "%__el _%%");
    }

    #[test]
    fn an_index_looks_up_the_rarest_pieces() {
        let sample: Vec<_> = (100..200).map(|n| format!("item{n} of all")).collect();
        let form = Form::new("Item157 of".to_owned(), true);
        assert_eq!(form.fts_query(&sample), r#"("157" AND "57 ")"#);
        assert_eq!(form.trgm_pieces(&sample), ["%157%", "%157%", "%157%"]);
        assert_eq!(Form::new("a - b".to_owned(), true).trgm_pieces(&sample)[2], "%a - b%");
    }
}
