//! The island of a conversation: its messages, the answer as it is written, and the form to ask.

#![allow(missing_docs)] // of what the macro generates

use leptos::{ev::SubmitEvent, prelude::*, task::spawn_local};

mod composer;

use self::composer::Composer;
use super::{
    actions::{ask, confirm_answer, messages, retry_answer, stop_answer},
    rows::{MessageRow, MessageRows},
};
use crate::{
    live,
    ui::{
        browser,
        typed::{inside_textarea, not_empty},
    },
};
use tallyboard_model::{
    assistant::{ListedMessage, UNTITLED, title_of},
    chat::{AnswerState, MessageRole},
    error::Error,
    id::{ConversationId, MessageId},
    language::t,
    live::{LiveEvent, LiveUpdate},
};

/// The state shared by the parts of the conversation.
#[derive(Clone, Copy)]
struct Conversation {
    id: ConversationId,
    rows: MessageRows,
    /// The text being typed.
    content: RwSignal<String>,
    /// The question whose place the typed one takes.
    instead: RwSignal<Option<MessageId>>,
}

impl Conversation {
    /// Shows answers as they are written, and everything else that changes.
    fn follow_changes(self, is_newest: bool) {
        let Self { id, rows, .. } = self;
        let text_id = id.to_string();
        let is_here = move |event: &LiveEvent| is_newest && event.data.conversation_id.as_ref() == Some(&text_id);
        let is_delta = |event: &LiveEvent| event.event_type == "message_delta";
        let has_answer = is_here.clone();
        live::subscribe(move |update| {
            if let LiveUpdate::Event(event) = update
                && is_delta(event)
                && has_answer(event)
            {
                self.append(event);
            }
        })
        .for_island();
        let is_changed_by = move |event: &LiveEvent| is_here(event) && (!is_delta(event) || !self.has(event));
        rows.refetch_on(is_changed_by, move || messages(id));
    }

    fn row_of(self, event: &LiveEvent) -> Option<MessageRow> {
        let wanted = event.data.message_id.as_deref()?.parse().ok()?;
        self.rows.find_by(move |message| message.id == Some(wanted))
    }

    /// Whether a piece of an answer is shown already.
    fn has(self, event: &LiveEvent) -> bool {
        let end = event.data.offset + event.data.text.chars().count();
        self.row_of(event).is_some_and(|row| row.value.with_untracked(|shown| shown.content.chars().count() >= end))
    }

    /// Adds a piece of an answer; one that does not fit is fetched instead.
    fn append(self, event: &LiveEvent) {
        let Some(row) = self.row_of(event) else { return };
        let is_next = row.value.with_untracked(|shown| {
            shown.state == Some(AnswerState::Running) && shown.content.chars().count() == event.data.offset
        });
        if is_next {
            row.value.update(|shown| shown.content += &event.data.text);
        }
    }

    fn send(self) {
        let Some(words) = not_empty(self.content.get_untracked()) else { return };
        let instead = self.instead.get_untracked();
        self.content.set(String::new());
        self.instead.set(None);
        self.ask(words, instead);
    }

    /// Sends a question, and shows it at the end of the page.
    fn ask(self, words: String, instead: Option<MessageId>) {
        let question = ListedMessage {
            id: None,
            role: MessageRole::User,
            content: words.clone(),
            html: String::new(),
            at: String::new(),
            state: None,
            may_repeat: false,
        };
        browser::set_text(UNTITLED, &title_of(&words));
        let answer = ask(self.id, words.clone(), instead);
        // Replaced rows disappear with the refetch that follows.
        self.rows.add_at_once(question, t("Couldn't send it"), answer, move || {
            self.content.set(words);
            self.instead.set(instead);
        });
        browser::scroll_to_end();
    }

    /// Sends what a button of a message says.
    fn act(self, action: impl Future<Output = Result<(), Error>> + 'static) {
        spawn_local(async move {
            if let Err(error) = action.await {
                self.rows.show_failure(t("That didn't work"), &error);
            }
            live::refetch_everything();
        });
    }
}

/// The messages, and the form to ask.
#[island(lazy)]
pub fn MessageList(
    /// The conversation.
    conversation: ConversationId,
    /// The messages that the server found, oldest first.
    initial: Vec<ListedMessage>,
    /// Whether this is the first page: later pages do not change.
    newest: bool,
    /// Whether the server has a model; without one there are only commands.
    has_model: bool,
    /// The input of a rejected form.
    typed: String,
) -> impl IntoView {
    let rows = MessageRows::new(initial);
    let content = RwSignal::new(typed.clone());
    let talk = Conversation { id: conversation, rows, content, instead: RwSignal::new(None) };
    talk.follow_changes(newest);
    let is_running = Memo::new(move |_| {
        rows.get().iter().any(|row| row.value.with(|message| message.state == Some(AnswerState::Running)))
    });
    let stop = move |event: SubmitEvent| {
        event.prevent_default();
        talk.act(stop_answer(conversation));
    };
    view! {
        <ol class="messages" aria-live="polite">
            <For each=move || rows.get() key=|row| row.key() let:row>
                <MessageItem talk row />
            </For>
        </ol>
        <div class="no-messages" hidden=move || !rows.is_empty()>
            <p class="empty">{if has_model { t("Ask about your tasks, or try a command:") } else { t("Try a command:") }}</p>
            <div class="examples">{EXAMPLES.map(|words| view! { <Example talk words /> })}</div>
        </div>
        {rows.error_view()}
        <form class="stop" method="post" on:submit=stop hidden=move || !is_running.get()>
            <input type="hidden" name="form" value="stop_answer" />
            <input type="hidden" name="id" value=conversation.to_string() />
            <button class="button">{t("Stop")}</button>
        </form>
        <Composer talk typed has_model />
    }
}

/// Commands that an empty conversation offers.
const EXAMPLES: [&str; 5] = ["/list today", "/list overdue", "/list pending", "/stats", "/help"];

#[component]
fn Example(talk: Conversation, words: &'static str) -> impl IntoView {
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        talk.ask(words.to_owned(), None);
    };
    view! {
        <form method="post" on:submit=submit>
            <input type="hidden" name="form" value="ask" />
            <input type="hidden" name="id" value=talk.id.to_string() />
            <button class="quiet" name="content" value=words translate="no">{words}</button>
        </form>
    }
}

#[component]
fn MessageItem(talk: Conversation, row: MessageRow) -> impl IntoView {
    let role = row.value.with_untracked(|message| message.role);
    let (class, who) = match role {
        MessageRole::User => ("message mine", t("You")),
        MessageRole::Assistant => ("message", t("Assistant")),
    };
    let html = Memo::new(move |_| row.value.with(|message| message.html.clone()));
    let said = move || match html.get() {
        html if html.is_empty() => {
            view! { <p class="said">{move || row.value.with(|message| message.content.clone())}</p> }.into_any()
        }
        html => view! { <div class="said formatted" inner_html=html></div> }.into_any(),
    };
    let at = move || row.value.with(|message| message.at.clone());
    let note = move || row.value.with(|message| message.state.and_then(note_of));
    let state = Memo::new(move |_| row.value.with(|message| (message.id, message.state, message.may_repeat)));
    let buttons = move || {
        let (id, state, may_repeat) = state.get();
        let id = id?;
        match (state, may_repeat) {
            (Some(AnswerState::Waiting), _) => Some(view! { <Question talk id /> }.into_any()),
            (Some(_), true) => Some(view! { <RetryButton talk id /> }.into_any()),
            (None, true) => Some(view! { <EditQuestion talk row id /> }.into_any()),
            _ => None,
        }
    };
    view! {
        <li class=class>
            <p class="hint">{who}" "{at}" "{note}</p>
            {said}
            {buttons}
        </li>
    }
}

fn note_of(state: AnswerState) -> Option<&'static str> {
    match state {
        AnswerState::Running => Some(t("· is writing…")),
        AnswerState::Failed => Some(t("· didn't finish")),
        AnswerState::Stopped => Some(t("· stopped")),
        AnswerState::Waiting => Some(t("· waits for you")),
        AnswerState::Confirmed => Some(t("· you said yes")),
        AnswerState::Declined => Some(t("· you said no")),
        AnswerState::Expired => Some(t("· no answer in time; nothing was done")),
        AnswerState::Done => None,
    }
}

/// Two forms: yes and no.
#[component]
fn Question(talk: Conversation, id: MessageId) -> impl IntoView {
    let form = move |yes: bool, class: &'static str, label: &'static str| {
        let submit = move |event: SubmitEvent| {
            event.prevent_default();
            talk.act(confirm_answer(id, yes));
        };
        view! {
            <form method="post" on:submit=submit>
                <input type="hidden" name="form" value="confirm_answer" />
                <input type="hidden" name="answer" value=id.to_string() />
                <input type="hidden" name="yes" value=yes.to_string() />
                <button class=class>{label}</button>
            </form>
        }
    };
    view! { <div class="question">{form(true, "button destructive", t("Yes, do it"))} {form(false, "button", t("No"))}</div> }
}

#[component]
fn RetryButton(talk: Conversation, id: MessageId) -> impl IntoView {
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        talk.act(retry_answer(id));
    };
    view! {
        <form method="post" on:submit=submit>
            <input type="hidden" name="form" value="retry_answer" />
            <input type="hidden" name="answer" value=id.to_string() />
            <button class="quiet">{t("Retry")}</button>
        </form>
    }
}

/// The question's words go into the form; without script there is a separate form.
#[component]
fn EditQuestion(talk: Conversation, row: MessageRow, id: MessageId) -> impl IntoView {
    let words = row.value.with_untracked(|message| message.content.clone());
    let edit = move |event: leptos::ev::MouseEvent| {
        event.prevent_default();
        talk.content.set(row.value.with_untracked(|message| message.content.clone()));
        talk.instead.set(Some(id));
    };
    let label =
        move || if talk.instead.get() == Some(id) { t("Editing: send it below") } else { t("Edit and ask again") };
    view! {
        <details class="edit">
            <summary class="quiet" on:click=edit>{label}</summary>
            <form method="post">
                <input type="hidden" name="form" value="ask" />
                <input type="hidden" name="id" value=talk.id.to_string() />
                <input type="hidden" name="instead" value=id.to_string() />
                <label class="visually-hidden" for=format!("edit-{id}")>{t("Question")}</label>
                <textarea id=format!("edit-{id}") name="content" rows="3" maxlength="10000" required inner_html=inside_textarea(&words)></textarea>
                <button class="button">{t("Ask again")}</button>
            </form>
        </details>
    }
}
