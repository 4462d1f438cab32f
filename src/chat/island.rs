//! The islands of the chat: the list of conversations and the list of messages.

#![allow(missing_docs)] // of what the macro generates

use leptos::{ev::SubmitEvent, prelude::*};

use super::{
    ListedConversation, ListedMessage, MessageRole,
    actions::{conversations, delete_conversation, messages, rename_conversation, send_message},
};
use crate::{
    id::ConversationId,
    live::LiveEvent,
    paths,
    ui::rows::{Row, Rows, inside_textarea, not_empty},
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
            "No conversations yet. Begin one above; assistants keep theirs here, too."
        </p>
    }
}

#[component]
fn ConversationItem(rows: Rows<ListedConversation>, row: Row<ListedConversation>) -> impl IntoView {
    let ListedConversation { id, title: before, .. } = row.value.get_untracked();
    let title = Memo::new(move |_| row.value.with(|row| row.title.clone()));
    let shown = move || not_empty(title.get()).unwrap_or_else(|| "Untitled".to_owned());
    let new_title = RwSignal::new(before.clone());
    let open = RwSignal::new(false);
    let rename = move |event: SubmitEvent| {
        event.prevent_default();
        open.set(false);
        let wanted = new_title.get_untracked().trim().to_owned();
        let answer = rename_conversation(id, not_empty(wanted.clone()));
        rows.change(row, "It was not renamed", move |row| row.title = wanted, answer);
    };
    let delete = move |event: SubmitEvent| {
        event.prevent_default();
        rows.remove(row, "It was not deleted", delete_conversation(id));
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
                <summary class="quiet" aria-label=move || format!("Rename {}", shown()) on:click=toggle>
                    "Rename"
                </summary>
                <form method="post" action="/api/ui/rename_conversation" on:submit=rename>
                    <input type="hidden" name="id" value=id.to_string() />
                    <label for=format!("title-{id}")>"Title"</label>
                    <input id=format!("title-{id}") name="title" maxlength="200" value=before bind:value=new_title />
                    <button class="button">"Save"</button>
                </form>
            </details>
            <details class="confirm">
                <summary class="quiet" aria-label=move || format!("Delete {}", shown())>"Delete"</summary>
                <form method="post" action="/api/ui/delete_conversation" on:submit=delete>
                    <input type="hidden" name="id" value=id.to_string() />
                    <button class="button destructive">"Delete with its messages"</button>
                </form>
            </details>
        </li>
    }
}

/// The messages, and the form to send one.
#[island(lazy)]
pub fn MessageList(
    /// The conversation.
    conversation: ConversationId,
    /// The messages that the server found, oldest first.
    initial: Vec<ListedMessage>,
    /// Whether this is the first page: later pages do not change.
    newest: bool,
    /// The input of a rejected form.
    typed: String,
) -> impl IntoView {
    let rows = Rows::new(initial, |a, b| a.id == b.id);
    let id = conversation.to_string();
    let is_changed_by = move |event: &LiveEvent| newest && event.data.conversation_id.as_ref() == Some(&id);
    // A message that is being sent has no id yet and stays in the list until it has one.
    let keep = |message: &ListedMessage| message.id.is_none();
    rows.refetch_on(is_changed_by, move || messages(conversation), move |found| rows.show(found, keep));
    let content = RwSignal::new(typed.clone());
    let send = move || {
        if let Some(words) = not_empty(content.get_untracked()) {
            content.set(String::new());
            let guess = ListedMessage { id: None, role: MessageRole::User, content: words.clone(), at: String::new() };
            let answer = send_message(conversation, words.clone());
            rows.add_at_once(guess, "It was not sent", answer, move || content.set(words));
        }
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        send();
    };
    view! {
        <ol class="messages" aria-live="polite">
            <For each=move || rows.get() key=|row| row.key() let:row>
                {message(row)}
            </For>
        </ol>
        <p class="empty" hidden=move || !rows.is_empty()>"Nothing has been said yet."</p>
        {rows.message()}
        <form class="say" method="post" action="/api/ui/say" on:submit=submit>
            <input type="hidden" name="id" value=conversation.to_string() />
            <label class="visually-hidden" for="content">"Message"</label>
            <textarea
                id="content"
                name="content"
                rows="3"
                maxlength="10000"
                placeholder="Write a message"
                required
                inner_html=inside_textarea(&typed)
                bind:value=content
                on:keydown=move |event| {
                    if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
                        event.prevent_default();
                        send();
                    }
                }
            ></textarea>
            <button class="button">"Send"</button>
        </form>
        <p class="hint">"Answers by an assistant come with a later version; what assistants write here already is kept."</p>
    }
}

fn message(row: Row<ListedMessage>) -> impl IntoView {
    let ListedMessage { role, content, .. } = row.value.get_untracked();
    let (class, who) = match role {
        MessageRole::User => ("message mine", "You"),
        MessageRole::Assistant => ("message", "Assistant"),
    };
    let at = move || row.value.with(|row| row.at.clone());
    view! {
        <li class=class>
            <p class="hint">{who}" "{at}</p>
            <p class="said">{content}</p>
        </li>
    }
}
