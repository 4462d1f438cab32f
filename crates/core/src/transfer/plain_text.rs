//! The words of HTML that another program wrote.

use std::cell::{Cell, RefCell};

use html5ever::{
    buffer_queue::BufferQueue,
    tendril::StrTendril,
    tokenizer::{
        Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
        states::{Rawtext, ScriptData},
    },
};

/// The longest HTML whose words are read, in bytes: far more than a description needs. Reading a tag takes a time that grows
/// with the square of its attributes.
const MAX_HTML_BYTES: usize = 4 * 1024;

/// The words of HTML, a line for each of its paragraphs and items. It takes as long as the HTML is, however its tags are
/// nested: they're read one by one, and no tree is made of them. Words that are cut off leave an ellipsis.
pub fn plain_text(html: &str) -> String {
    let mut end = html.floor_char_boundary(MAX_HTML_BYTES);
    let tag = html[..end].rfind('<').filter(|tag| !html[*tag..end].contains('>'));
    if let Some(tag) = tag.filter(|_| end < html.len()) {
        // Not in the middle of a tag.
        end = tag;
    }
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(&html[..end]));
    let tokenizer = Tokenizer::new(Words::default(), TokenizerOpts::default());
    while !input.is_empty() {
        // It stops after each script.
        let _ = tokenizer.feed(&input);
    }
    tokenizer.end();
    let words = tokenizer.sink.text.into_inner();
    let lines: Vec<_> = words.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let cut = if end < html.len() { "…" } else { "" };
    lines.join("\n") + cut
}

/// Collects the text between the tags.
#[derive(Default)]
struct Words {
    text: RefCell<String>,
    /// Whether what comes is code.
    in_code: Cell<bool>,
}

impl TokenSink for Words {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        match token {
            Token::CharacterTokens(text) if !self.in_code.get() => self.text.borrow_mut().push_str(&text),
            Token::TagToken(tag) => return self.process_tag(&tag),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

impl Words {
    fn process_tag(&self, tag: &Tag) -> TokenSinkResult<()> {
        let is_start = tag.kind == TagKind::StartTag;
        match &*tag.name {
            "script" | "style" => {
                self.in_code.set(is_start);
                if is_start {
                    return TokenSinkResult::RawData(if &*tag.name == "script" { ScriptData } else { Rawtext });
                }
            }
            "br" => self.text.borrow_mut().push('\n'),
            "p" | "li" | "div" | "tr" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "blockquote" | "pre" if !is_start => {
                self.text.borrow_mut().push('\n');
            }
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_becomes_lines_of_words() {
        let html = "<p>Two &amp; a half <strong>litres</strong></p><ul><li>fresh</li><li>1 &lt; 2</li></ul><script>x('</p>')</script>";
        assert_eq!(plain_text(html), "Two & a half litres\nfresh\n1 < 2");
        assert_eq!(plain_text("plain words"), "plain words");
        assert_eq!(plain_text("<p></p>"), "");
        assert_eq!(plain_text("one<br>two<style>p { }</style> &copy;"), "one\ntwo ©");
        assert_eq!(plain_text("5 < 6 & 7"), "5 < 6 & 7");
    }

    #[test]
    fn nested_tags_are_read_and_long_html_is_cut() {
        let deep = "<div>".repeat(500);
        assert_eq!(plain_text(&format!("{deep}<p>words")), "words");
        assert_eq!(plain_text(&format!("words{deep}{deep}")), "words…");
    }
}
