//! The island of the list of conversations.

#![allow(missing_docs)] // of what the macro generates

use leptos::{ev::SubmitEvent, prelude::*};

use super::{
    ListedConversation,
    actions::{conversations, delete_conversation, rename_conversation},
};
use crate::{
    language::{t, t_with},
    live::LiveEvent,
    paths,
    ui::rows::{Row, Rows, not_empty},
};

/// The conversations of the user, to open, rename and delete.
#[island(lazy)]
pub fn ConversationList(
    /// The conversations that the server found.
    initial: Vec<ListedConversation>,
    /// Whether this is the first page: later pages do not change.
    newest: bool,
) -> impl IntoView {
    let rows = Rows::new(initial, |a, b| a.id == b.id);
    let is_changed_by = move |event: &LiveEvent| newest && event.event_type == "message_created";
    rows.refetch_on(is_changed_by, conversations, move |found| rows.show(found, |_| false));
    view! {
        {rows.message()}
        <ul class="conversations">
            <For each=move || rows.get() key=|row| row.key() let:row>
                <ConversationItem rows row />
            </For>
        </ul>
        <p class="empty" hidden=move || !rows.is_empty()>
            {t("No conversations yet. Begin one above; assistants keep theirs here, too.")}
        </p>
    }
}

#[component]
fn ConversationItem(rows: Rows<ListedConversation>, row: Row<ListedConversation>) -> impl IntoView {
    let ListedConversation { id, title: before, .. } = row.value.get_untracked();
    let title = Memo::new(move |_| row.value.with(|row| row.title.clone()));
    let shown = move || not_empty(title.get()).unwrap_or_else(|| t("Untitled").to_owned());
    let new_title = RwSignal::new(before.clone());
    let open = RwSignal::new(false);
    let rename = move |event: SubmitEvent| {
        event.prevent_default();
        open.set(false);
        let wanted = new_title.get_untracked().trim().to_owned();
        let answer = rename_conversation(id, not_empty(wanted.clone()));
        rows.change(row, t("It was not renamed"), move |row| row.title = wanted, answer);
    };
    let delete = move |event: SubmitEvent| {
        event.prevent_default();
        rows.remove(row, t("It was not deleted"), delete_conversation(id));
    };
    let toggle = move |event: leptos::ev::MouseEvent| {
        event.prevent_default();
        new_title.set(title.get_untracked());
        open.update(|open| *open = !*open);
    };
    view! {
        <li>
            <a class="conversation" href=paths::conversation(id)>
                <span>{shown}</span>
                <span class="hint">{move || row.value.with(|row| row.at.clone())}</span>
            </a>
            <details class="edit" prop:open=move || open.get()>
                <summary class="quiet" aria-label=move || t_with("Rename {title}", &[("title", &shown())]) on:click=toggle>
                    {t("Rename")}
                </summary>
                <form method="post" action="/api/ui/rename_conversation" on:submit=rename>
                    <input type="hidden" name="id" value=id.to_string() />
                    <label for=format!("title-{id}")>{t("Title")}</label>
                    <input id=format!("title-{id}") name="title" maxlength="200" value=before bind:value=new_title />
                    <button class="button">{t("Save")}</button>
                </form>
            </details>
            <details class="confirm">
                <summary class="quiet" aria-label=move || t_with("Delete {title}", &[("title", &shown())])>{t("Delete")}</summary>
                <form method="post" action="/api/ui/delete_conversation" on:submit=delete>
                    <input type="hidden" name="id" value=id.to_string() />
                    <button class="button destructive">{t("Delete with its messages")}</button>
                </form>
            </details>
        </li>
    }
}
