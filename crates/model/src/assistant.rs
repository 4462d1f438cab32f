//! The commands of the assistant, and its messages as they're sent.

use serde::{Deserialize, Serialize};

use crate::{
    chat::{AnswerState, MessageRole},
    id::MessageId,
    language::text,
};

/// The assistant's name where somebody reads who did something.
#[cfg(feature = "server")]
pub const ASSISTANT: &str = "Assistant";

/// Every command: how it is written, and what it does. `/help` lists them, the page completes them.
pub const COMMANDS: &[(&str, &str)] = &[
    ("/add title [day] [@team]", text("adds a task")),
    ("/list [pending|overdue|today|@team|words]", text("lists tasks")),
    ("/done task", text("completes a task")),
    ("/reopen task", text("makes a completed task pending again")),
    ("/due task day|none", text("changes when a task is due")),
    ("/share task email [view|edit]", text("shares a task with someone")),
    ("/stats", text("shows your statistics")),
    ("/help", text("lists the commands")),
];

/// The id of the heading of a conversation that has no title yet: the first question becomes its title.
pub const UNTITLED: &str = "untitled";
/// The longest title that is made from a question, in characters.
const TITLE_LENGTH: usize = 60;

/// The first words of a question, as the title of its conversation.
pub fn title_of(question: &str) -> String {
    let line = question.lines().next().unwrap_or_default().trim();
    if line.chars().count() <= TITLE_LENGTH {
        return line.to_owned();
    }
    // With the character behind it: a word that ends just there is whole.
    let cut: String = line.chars().take(TITLE_LENGTH + 1).collect();
    let whole_words = cut.rsplit_once(char::is_whitespace).map(|(words, _)| words.to_owned());
    format!("{}…", whole_words.unwrap_or_else(|| line.chars().take(TITLE_LENGTH).collect()))
}

/// A message as a conversation shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedMessage {
    /// The message's id; none while the message is being sent.
    pub id: Option<MessageId>,
    /// The author.
    pub role: MessageRole,
    /// The message's text.
    pub content: String,
    /// Safe HTML of the text and of what the assistant did; empty if the page shows the plain text.
    pub html: String,
    /// When the message was sent, in the user's time zone: `2026-12-31 18:05`; empty while it is being sent.
    pub at: String,
    /// The state of an answer; `None` for other messages.
    pub state: Option<AnswerState>,
    /// Whether the user may ask again (a question) or have it answered again (an answer).
    pub may_repeat: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_the_first_whole_words() {
        assert_eq!(title_of("Plan my week\nplease"), "Plan my week");
        let long = "What should I do first when everything on my list is overdue at the same time?";
        assert_eq!(title_of(long), "What should I do first when everything on my list is overdue…");
        assert_eq!(title_of(&format!("Well, {long}")), "Well, What should I do first when everything on my list is…");
        assert_eq!(title_of(&"x".repeat(100)).chars().count(), 61);
    }
}
