//! Markdown: what answers are written in, and the safe HTML that pages show of it.

use std::{collections::HashSet, sync::LazyLock};

use ammonia::Builder;
use pulldown_cmark::{Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd, TextMergeStream, html::push_html};
use serde::Deserialize;

use tallyboard_model::{
    id::{TaskId, TeamId},
    paths,
    permissions::Access,
    tasks::{Shared, Task, TaskFilter},
};

/// What an answer may contain. No images: loading one would tell its host who reads what.
const TAGS: [&str; 17] = [
    "p",
    "br",
    "hr",
    "em",
    "strong",
    "del",
    "code",
    "pre",
    "blockquote",
    "ul",
    "ol",
    "li",
    "a",
    "h3",
    "h4",
    "h5",
    "h6",
];

static SANITIZER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::empty();
    builder
        .tags(HashSet::from(TAGS))
        .add_tag_attributes("a", ["href"])
        .add_tag_attributes("ol", ["start"])
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .link_rel(Some("noopener noreferrer nofollow"));
    builder
});

/// The deepest nesting of quotes, lists and emphasis that is shown. The sanitizer builds a tree in time that grows with the
/// square of its depth.
const MAX_DEPTH: usize = 32;

/// The HTML of an answer. HTML in it is shown as it is typed, an image as its alternative text.
pub fn to_html(text: &str) -> String {
    render(events(text))
}

/// The HTML of what a person wrote: as that of an answer, and web addresses are links.
pub fn written_to_html(text: &str) -> String {
    let mut is_plain = true;
    let linked = TextMergeStream::new(events(text)).flat_map(|event| {
        match &event {
            Event::Start(Tag::Link { .. } | Tag::CodeBlock(_)) => is_plain = false,
            Event::End(TagEnd::Link | TagEnd::CodeBlock) => is_plain = true,
            Event::Text(words) if is_plain => return with_links(words),
            _ => (),
        }
        vec![event]
    });
    render(linked)
}

/// The words, with a link around each web address.
fn with_links(words: &str) -> Vec<Event<'static>> {
    let mut found = Vec::new();
    let mut rest = words;
    while let Some(start) = ["https://", "http://"].iter().filter_map(|scheme| rest.find(scheme)).min() {
        let (before, from) = rest.split_at(start);
        let end = from.find(|letter: char| letter.is_whitespace() || "<>\"".contains(letter)).unwrap_or(from.len());
        // A full stop ends the sentence, not the address.
        let address = from[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '\'']);
        let link = Tag::Link {
            link_type: LinkType::Autolink,
            dest_url: address.to_owned().into(),
            title: "".into(),
            id: "".into(),
        };
        found.extend([
            Event::Text(before.to_owned().into()),
            Event::Start(link),
            Event::Text(address.to_owned().into()),
            Event::End(TagEnd::Link),
        ]);
        rest = &from[address.len()..];
    }
    found.push(Event::Text(rest.to_owned().into()));
    found
}

fn render<'a>(events: impl Iterator<Item = Event<'a>>) -> String {
    let mut html = String::new();
    push_html(&mut html, events);
    SANITIZER.clean(&html).to_string()
}

fn events(text: &str) -> impl Iterator<Item = Event<'_>> {
    let mut depth = 0;
    let not_too_deep = move |event: &Event<'_>| match event {
        Event::Start(_) => {
            depth += 1;
            depth <= MAX_DEPTH
        }
        Event::End(_) => {
            depth -= 1;
            depth < MAX_DEPTH
        }
        _ => true,
    };
    let events = Parser::new_ext(text, Options::ENABLE_STRIKETHROUGH).filter(not_too_deep);
    events.filter_map(|event| match event {
        Event::Html(text) | Event::InlineHtml(text) => Some(Event::Text(text)),
        Event::Start(Tag::HtmlBlock) => Some(Event::Start(Tag::Paragraph)),
        Event::End(TagEnd::HtmlBlock) => Some(Event::End(TagEnd::Paragraph)),
        Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => None,
        // The page has its own headings above.
        Event::Start(Tag::Heading { level, id, classes, attrs }) => {
            Some(Event::Start(Tag::Heading { level: lower(level), id, classes, attrs }))
        }
        Event::End(TagEnd::Heading(level)) => Some(Event::End(TagEnd::Heading(lower(level)))),
        Event::SoftBreak => Some(Event::HardBreak),
        other => Some(other),
    })
}

fn lower(level: HeadingLevel) -> HeadingLevel {
    match level {
        HeadingLevel::H1 => HeadingLevel::H3,
        HeadingLevel::H2 => HeadingLevel::H4,
        HeadingLevel::H3 => HeadingLevel::H5,
        _ => HeadingLevel::H6,
    }
}

/// Text that is shown as it is.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_ascii_punctuation() {
            escaped.push('\\');
        }
        // A line break would begin a list, a heading or code.
        escaped.push(if character.is_control() { ' ' } else { character });
    }
    escaped
}

/// A text of several lines as a quotation that is shown as it is.
pub fn quote(text: &str) -> String {
    let line = |line: &str| {
        // Leading spaces would turn it into code.
        let words = line.trim_start();
        let indent = line.chars().count() - words.chars().count();
        format!("> {}{}", "\u{a0}".repeat(indent), escape(words))
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// The data for a link to a task.
#[derive(Clone, Debug, Deserialize)]
pub struct LinkedTask {
    /// The task's id.
    pub id: TaskId,
    /// The task's title.
    pub title: String,
    /// The task's team.
    pub team_id: Option<TeamId>,
    /// How the user has access to it.
    pub access: Access,
}

impl From<&Task> for LinkedTask {
    fn from(task: &Task) -> Self {
        Self { id: task.id, title: task.title.clone(), team_id: task.team_id, access: task.access }
    }
}

/// A link to a task.
pub fn task_link(task: &Task) -> String {
    format!("[{}]({})", escape(&task.title), LinkedTask::from(task).path())
}

impl LinkedTask {
    /// The address of the task: the list that it is in, searched for its title.
    pub fn path(&self) -> String {
        let is_shared = matches!(self.access, Access::SharedEdit | Access::SharedView);
        let is_own = self.access == Access::Owner;
        let filter = TaskFilter {
            team_id: self.team_id.filter(|_| !is_own && !is_shared),
            shared: is_shared.then_some(Shared::WithMe),
            q: Some(self.title.clone()),
            ..TaskFilter::default()
        };
        let query = serde_urlencoded::to_string(filter).unwrap_or_default();
        format!("{}?{query}#task-{}", paths::TASKS, self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn web_addresses_that_a_person_wrote_are_links() {
        let link = |address: &str| format!("<a href=\"{address}\" rel=\"noopener noreferrer nofollow\">{address}</a>");
        let html = written_to_html("See https://example.com/a_b?c=1. Then (http://x.y/z), `https://code.example`.");
        assert_eq!(
            html.trim(),
            format!(
                "<p>See {}. Then ({}), <code>https://code.example</code>.</p>",
                link("https://example.com/a_b?c=1"),
                link("http://x.y/z")
            )
        );
        assert_eq!(written_to_html("[here](https://a.example/) javascript://x").matches("<a ").count(), 1);
        assert!(!written_to_html("http:// https://").contains("<script"));
        assert!(!to_html("https://example.com").contains("<a "));
    }

    #[test]
    fn markdown_becomes_html() {
        assert_eq!(
            to_html("**Done**: [Buy milk](/tasks?q=milk)\n\n- one\n- `two`"),
            "<p><strong>Done</strong>: <a href=\"/tasks?q=milk\" rel=\"noopener noreferrer nofollow\">Buy milk</a></p>\n\
             <ul>\n<li>one</li>\n<li><code>two</code></li>\n</ul>\n"
        );
        assert_eq!(to_html("# Plan"), "<h3>Plan</h3>\n");
    }

    #[test]
    fn nothing_in_an_answer_runs_or_loads() {
        for text in [
            "<script>alert(1)</script>",
            "<img src=https://evil.example/x onerror=alert(1)>",
            "![secret](https://evil.example/?q=secret)",
            "[x](javascript:alert(1))",
            "[x](data:text/html,<script>alert(1)</script>)",
            "[x](  JaVaScRiPt:alert(1) )",
            "<a href=\"javascript:alert(1)\" onclick=\"alert(1)\">x</a>",
            "<style>*{background:url(https://evil.example)}</style>",
            "<iframe src=https://evil.example></iframe>",
            "[a]: javascript:alert(1)\n[a]",
            "<svg onload=alert(1)>",
            "```\n<script>alert(1)</script>\n```",
            "<https://ok.example/\"onmouseover=\"alert(1)>",
        ] {
            let html = to_html(text);
            let tags: Vec<_> = html.split('<').skip(1).map(|tag| tag.split('>').next().unwrap_or_default()).collect();
            for tag in tags {
                let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap_or_default();
                assert!(TAGS.contains(&name), "{text}: {html}");
                let harmful = ["javascript:", "data:", " on", "src", "style"];
                assert!(!harmful.iter().any(|part| tag.contains(part)), "{text}: {html}");
            }
        }
        assert_eq!(to_html("![A cat](https://evil.example/cat.png)"), "<p>A cat</p>\n");
    }

    #[test]
    fn a_quotation_keeps_its_lines_and_nothing_in_it_counts() {
        let quoted = to_html(&quote("one *two*\n    three\n\n# four\n> five\n<b>"));
        let (lines, inside) = (quoted.matches("<br>").count(), quoted.replace("<br>", ""));
        assert_eq!(lines, 5 - 2, "{quoted}");
        for shown in ["one *two*", "&nbsp;&nbsp;three", "# four", "&gt; five", "&lt;b&gt;"] {
            assert!(inside.contains(shown), "{shown}: {quoted}");
        }
        assert!(!quoted.contains("<code>") && !quoted.contains("<h"), "{quoted}");
    }

    #[test]
    fn escaped_text_is_shown_as_it_is() {
        for text in ["[x](/y) *a* `b` <i>", "1. one", "# no heading", "a_b_c", "&amp;", "\\*"] {
            let shown = to_html(&escape(text)).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
            assert_eq!(shown, format!("<p>{text}</p>\n"), "{text}");
        }
    }
}
