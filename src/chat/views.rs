//! The list of conversations.

use leptos::prelude::*;
use maud::{Markup, html};

use super::listed::ListedConversation;
use crate::ui::{forms::FormErrors, list_frame::ListFrame};
use tallyboard_model::{
    language::{t, t_with, text},
    paths,
};

/// The conversations of a page with this query, to open, rename and delete.
pub fn conversation_list(
    conversations: &[ListedConversation],
    query: &str,
    errors: &FormErrors,
) -> impl IntoView + use<> {
    let frame = ListFrame {
        class: "row-list",
        rows_class: "conversations",
        address: format!("/api/ui/conversation_rows?{query}"),
        changed_by: Some("message_created"),
        about: None,
        empty: t("No conversations yet. Start one above; your assistants' conversations appear here too."),
    };
    frame.around(rows_html(conversations, errors), None::<()>)
}

/// The rows alone, as HTML.
pub fn rows_html(conversations: &[ListedConversation], errors: &FormErrors) -> String {
    html! { @for conversation in conversations { (row(conversation, errors)) } }.into_string()
}

fn row(ListedConversation { id, title, at }: &ListedConversation, errors: &FormErrors) -> Markup {
    let shown = if title.trim().is_empty() { t("Untitled") } else { title };
    let about = |words: &'static str| t_with(words, &[("title", &shown)]);
    let href = paths::conversation(*id);
    let id = id.to_string();
    let refused = Some(errors.of("rename_conversation")).filter(|errors| errors.is_about("id", &id));
    let typed = refused.as_ref().and_then(|errors| errors.input("title"));
    html! {
        li id={ "conversation-" (id) } {
            a.conversation href=(href) {
                span { (shown) }
                span.hint { (at) }
            }
            details.edit open[refused.is_some()] {
                summary.quiet aria-label=(about(text("Rename {title}"))) { (t("Rename")) }
                form method="post" data-answer="change" data-failed=(t("Couldn't rename it")) {
                    input type="hidden" name="form" value="rename_conversation";
                    input type="hidden" name="id" value=(id);
                    label for={ "title-" (id) } { (t("Title")) }
                    input id={ "title-" (id) } name="title" maxlength="200" value=(typed.as_ref().unwrap_or(title));
                    button.button { (t("Save")) }
                }
            }
            details.confirm {
                summary.quiet aria-label=(about(text("Delete {title}"))) { (t("Delete")) }
                form method="post" data-answer="remove" data-failed=(t("Couldn't delete it")) {
                    input type="hidden" name="form" value="delete_conversation";
                    input type="hidden" name="id" value=(id);
                    button.button.destructive { (t("Delete with its messages")) }
                }
            }
        }
    }
}
