//! Builds prompts that strict endpoints accept: they fit the model's context, and their roles alternate.

use super::protocol::ChatMessage;

/// How many characters of a shortened tool result remain.
const CUT_RESULT: usize = 400;
/// Goes at the beginning of a conversation that would begin with an answer.
const LEFT_OUT: &str = "(What was said before is left out here.)";

/// The messages in at most `budget` characters, as far as that is possible: the instructions, the last question and the calls
/// since then stay; the oldest of the conversation goes first, then the results of tools are cut, the oldest first.
pub fn prepared(messages: &[ChatMessage], budget: usize) -> Vec<ChatMessage> {
    let mut messages = messages.to_vec();
    let mut length: usize = messages.iter().map(ChatMessage::length).sum();
    let is_system = |message: &ChatMessage| matches!(message, ChatMessage::System { .. });
    let is_question = |message: &ChatMessage| matches!(message, ChatMessage::User { .. });
    while length > budget {
        let question = messages.iter().rposition(is_question).unwrap_or(0);
        let Some(oldest) = messages[..question].iter().position(|message| !is_system(message)) else { break };
        length -= messages.remove(oldest).length();
    }
    for message in &mut messages {
        if length <= budget {
            break;
        }
        if let ChatMessage::Tool { content, .. } = message
            && content.chars().count() > CUT_RESULT
        {
            let before = content.len();
            *content = content.chars().take(CUT_RESULT).collect();
            *content += "… (cut: the conversation is long; call the tool again for less at once)";
            length = (length + content.len()).saturating_sub(before);
        }
    }
    alternate(messages)
}

/// One system message at the beginning, then a user's, and no two of a user or of the assistant after each other.
fn alternate(messages: Vec<ChatMessage>) -> Vec<ChatMessage> {
    use ChatMessage::{Assistant, System, Tool, User};
    let mut prompt: Vec<ChatMessage> = Vec::with_capacity(messages.len() + 1);
    for message in messages {
        match (prompt.last_mut(), message) {
            (Some(System { content: before }), System { content })
            | (Some(User { content: before }), User { content }) => *before = format!("{before}\n\n{content}"),
            (
                Some(Assistant { content: before, tool_calls, carried }),
                Assistant { content, tool_calls: calls, carried: more },
            ) if tool_calls.is_empty() => {
                let texts: Vec<_> = before.take().into_iter().chain(content).collect();
                *before = Some(texts.join("\n\n")).filter(|text| !text.is_empty());
                (*tool_calls, *carried) = (calls, more);
            }
            (None | Some(System { .. }), message @ (Assistant { .. } | Tool { .. })) => {
                prompt.extend([User { content: LEFT_OUT.to_owned() }, message]);
            }
            (_, message) => prompt.push(message),
        }
    }
    prompt
}

#[cfg(test)]
mod tests {
    use super::{super::protocol::Carried, *};

    fn user(content: &str) -> ChatMessage {
        ChatMessage::User { content: content.to_owned() }
    }

    fn assistant(content: &str) -> ChatMessage {
        ChatMessage::Assistant { content: Some(content.to_owned()), tool_calls: Vec::new(), carried: Carried::new() }
    }

    fn system() -> ChatMessage {
        ChatMessage::System { content: "Be good".to_owned() }
    }

    fn result(content: String) -> ChatMessage {
        ChatMessage::Tool { tool_call_id: "a".to_owned(), content }
    }

    #[test]
    fn roles_alternate_and_a_user_begins() {
        let prompt = prepared(&[system(), assistant("a"), assistant("b"), user("c"), user("d"), assistant("e")], 1_000);
        assert_eq!(prompt, [system(), user(LEFT_OUT), assistant("a\n\nb"), user("c\n\nd"), assistant("e")]);
    }

    #[test]
    fn the_oldest_goes_first_and_the_question_stays() {
        let long = "x".repeat(1_000);
        let messages = [system(), user(&long), assistant(&long), user("Now?"), result(long.clone()), result(long)];
        assert_eq!(prepared(&messages, 10_000), messages);
        let prompt = prepared(&messages, 3_200);
        assert_eq!(prompt[..3], [system(), user(LEFT_OUT), messages[2].clone()]);
        assert_eq!(prompt[3..], messages[3..]);
        let prompt = prepared(&messages, 1_600);
        assert_eq!((&prompt[..2], prompt.last()), (&[system(), user("Now?")][..], messages.last()));
        assert!(prompt[2].length() < 600);
    }
}
