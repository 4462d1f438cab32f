//! The list of conversations.

use leptos::prelude::*;

use super::listed::ListedConversation;
use crate::{
    language::{t, t_with},
    paths,
    ui::list_frame::ListFrame,
};

/// The conversations of a page with this query, to open, rename and delete.
pub fn conversation_list(conversations: &[ListedConversation], query: &str) -> impl IntoView + use<> {
    let frame = ListFrame {
        class: "row-list",
        rows_class: "conversations",
        address: format!("/api/ui/conversation_rows?{query}"),
        changed_by: Some("message_created"),
        about: None,
        empty: t("No conversations yet. Begin one above; assistants keep theirs here, too."),
    };
    frame.around(rows_html(conversations), None::<()>)
}

/// The rows alone, as HTML.
pub fn rows_html(conversations: &[ListedConversation]) -> String {
    conversations.iter().map(|conversation| row(conversation).to_html()).collect()
}

fn row(conversation: &ListedConversation) -> impl IntoView + use<> {
    let ListedConversation { id, title, at } = conversation.clone();
    let shown = if title.trim().is_empty() { t("Untitled").to_owned() } else { title.clone() };
    let about = [("title", &shown as &dyn std::fmt::Display)];
    let (rename, delete) = (t_with("Rename {title}", &about), t_with("Delete {title}", &about));
    view! {
        <li id=format!("conversation-{id}")>
            <a class="conversation" href=paths::conversation(id)>
                <span>{shown.clone()}</span>
                <span class="hint">{at}</span>
            </a>
            <details class="edit">
                <summary class="quiet" aria-label=rename>{t("Rename")}</summary>
                <form method="post" action="/api/ui/rename_conversation" data-answer="change" data-failed=t("It was not renamed")>
                    <input type="hidden" name="id" value=id.to_string() />
                    <label for=format!("title-{id}")>{t("Title")}</label>
                    <input id=format!("title-{id}") name="title" maxlength="200" value=title />
                    <button class="button">{t("Save")}</button>
                </form>
            </details>
            <details class="confirm">
                <summary class="quiet" aria-label=delete>{t("Delete")}</summary>
                <form method="post" action="/api/ui/delete_conversation" data-answer="remove" data-failed=t("It was not deleted")>
                    <input type="hidden" name="id" value=id.to_string() />
                    <button class="button destructive">{t("Delete with its messages")}</button>
                </form>
            </details>
        </li>
    }
}
