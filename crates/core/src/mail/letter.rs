//! A letter: its words, as plain text and as simple HTML.

use std::fmt::Write;

use tallyboard_model::{
    html::escape,
    language::{self, Language, t_with},
};

/// Somebody else's words, for a mail: a space goes where a mail program would otherwise make a link of them.
pub fn unlinked(words: &str) -> String {
    let mut shown = String::with_capacity(words.len());
    let mut characters = words.chars().peekable();
    while let Some(character) = characters.next() {
        let follows_word = shown.ends_with(char::is_alphanumeric);
        shown.push(character);
        let splits = match (character, characters.peek()) {
            ('.', Some(next)) => follows_word && next.is_alphabetic(),
            (':', Some(next)) => *next == '/',
            _ => false,
        };
        if splits {
            shown.push(' ');
        }
    }
    shown
}

/// The words of a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// The subject.
    pub subject: String,
    language: Language,
    parts: Vec<Part>,
}

/// A letter's reader, and this server's address for them.
#[derive(Clone, Debug)]
pub struct Reader {
    /// The reader's name.
    pub name: String,
    /// The address of this server, without a path.
    pub public_url: String,
}

impl Reader {
    /// A letter that greets the reader.
    pub fn greet(&self, subject: impl Into<String>) -> Letter {
        Letter::new(subject).text(t_with("Hello {name},", &[("name", &self.name)]))
    }

    /// The address of a page of this server.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.public_url)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Link { label: String, url: String },
    List { heading: String, lines: Vec<String> },
    Note(String),
}

impl Letter {
    /// A letter without words yet, in the language of the work that is being done.
    pub fn new(subject: impl Into<String>) -> Self {
        Self { subject: subject.into(), language: language::current(), parts: Vec::new() }
    }

    /// Adds a paragraph.
    #[must_use]
    pub fn text(self, text: impl Into<String>) -> Self {
        self.with(Part::Text(text.into()))
    }

    /// Adds what the letter asks its reader to open.
    #[must_use]
    pub fn link(self, label: impl Into<String>, url: impl Into<String>) -> Self {
        self.with(Part::Link { label: label.into(), url: url.into() })
    }

    /// Adds a list; nothing when it has no lines.
    #[must_use]
    pub fn list(self, heading: impl Into<String>, lines: Vec<String>) -> Self {
        if lines.is_empty() { self } else { self.with(Part::List { heading: heading.into(), lines }) }
    }

    /// Adds small print.
    #[must_use]
    pub fn note(self, text: impl Into<String>) -> Self {
        self.with(Part::Note(text.into()))
    }

    fn with(mut self, part: Part) -> Self {
        self.parts.push(part);
        self
    }

    /// The letter for programs that show plain text.
    pub fn to_text(&self) -> String {
        let part = |part: &Part| match part {
            Part::Text(text) => format!("{text}\n"),
            Part::Link { label, url } => format!("{label}:\n{url}\n"),
            Part::List { heading, lines } => {
                let lines: String = lines.iter().map(|line| format!("- {line}\n")).collect();
                format!("{heading}\n{lines}")
            }
            Part::Note(text) => format!("-- \n{text}\n"),
        };
        self.parts.iter().map(part).collect::<Vec<_>>().join("\n")
    }

    /// The letter for programs that show HTML: it loads nothing, and no program's own style is needed to read it.
    pub fn to_html(&self) -> String {
        let mut html = format!(
            "<!DOCTYPE html><html lang=\"{}\"><head><meta charset=\"utf-8\"><title>{}</title></head>\
             <body style=\"font-family:sans-serif;line-height:1.5;max-width:36rem;margin:0 auto;padding:1rem\">",
            self.language.tag(),
            escape(&self.subject)
        );
        for part in &self.parts {
            // Writing to a string cannot fail.
            let _ = match part {
                Part::Text(text) => write!(html, "<p>{}</p>", escape(text)),
                Part::Link { label, url } => write!(
                    html,
                    "<p><a href=\"{}\" style=\"display:inline-block;padding:.6rem 1.2rem;border-radius:.4rem;\
                     background:#4338ca;color:#fff;text-decoration:none\">{}</a></p>",
                    escape(url),
                    escape(label)
                ),
                Part::List { heading, lines } => {
                    let lines: String = lines.iter().map(|line| format!("<li>{}</li>", escape(line))).collect();
                    write!(html, "<h2 style=\"font-size:1.1rem\">{}</h2><ul>{lines}</ul>", escape(heading))
                }
                Part::Note(text) => write!(html, "<p style=\"color:#5b6472;font-size:.85rem\">{}</p>", escape(text)),
            };
        }
        html + "</body></html>"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_mail_program_makes_a_link_of_somebody_elses_words() {
        for (words, shown) in [
            ("Verify at https://evil.example/x now", "Verify at https: //evil. example/x now"),
            ("www.evil.example", "www. evil. example"),
            ("Acme Inc. & Sons, 5.30 pm", "Acme Inc. & Sons, 5.30 pm"),
        ] {
            assert_eq!(unlinked(words), shown);
        }
    }

    #[test]
    fn a_letter_says_the_same_as_text_and_as_html() {
        let letter = Letter::new("Due <today>")
            .text("Hello Ada & Grace")
            .list("Today", vec!["<b>Milk</b>".to_owned(), "Eggs".to_owned()])
            .list("Overdue", Vec::new())
            .link("Open Today", "https://t.example/today?a=1&b=2")
            .note("You asked for it.");
        let text = "Hello Ada & Grace\n\nToday\n- <b>Milk</b>\n- Eggs\n\nOpen Today:\nhttps://t.example/today?a=1&b=2\n\n\
                    -- \nYou asked for it.\n";
        assert_eq!(letter.to_text(), text);
        let html = letter.to_html();
        for part in [
            "<title>Due &lt;today&gt;</title>",
            "<p>Hello Ada &amp; Grace</p>",
            "<li>&lt;b&gt;Milk&lt;/b&gt;</li><li>Eggs</li>",
            "<a href=\"https://t.example/today?a=1&amp;b=2\"",
        ] {
            assert!(html.contains(part), "{part}: {html}");
        }
        assert!(!html.contains("<b>") && !html.contains("Overdue"), "{html}");
    }
}
