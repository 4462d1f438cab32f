//! The messages of a conversation as rows, each with its own signal: a piece of an answer renders one row. What is sent is
//! shown at once and taken back, with a message, when the server refuses it.

use std::sync::atomic::{AtomicU32, Ordering};

use leptos::{prelude::*, task::spawn_local};

use crate::{
    live::{self, LocalChanges},
    ui::browser,
};
use tallyboard_model::{assistant::ListedMessage, error::Error, language::t, live::LiveEvent};

/// The messages, and the last error message.
#[derive(Clone, Copy)]
pub struct MessageRows {
    rows: RwSignal<Vec<MessageRow>>,
    error: RwSignal<Option<String>>,
    local: LocalChanges,
}

/// One message.
#[derive(Clone, Copy)]
pub struct MessageRow {
    key: u32,
    /// The row's content.
    pub value: RwSignal<ListedMessage>,
}

impl PartialEq for MessageRow {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl MessageRow {
    fn new(value: ListedMessage) -> Self {
        static LAST: AtomicU32 = AtomicU32::new(0);
        let key = LAST.fetch_add(1, Ordering::Relaxed);
        Self { key, value: RwSignal::new(value) }
    }

    /// Identifies the row on the page.
    pub fn key(&self) -> u32 {
        self.key
    }
}

impl MessageRows {
    /// The messages that the server found. Marks the page as hydrated.
    pub fn new(initial: Vec<ListedMessage>) -> Self {
        browser::mark_alive();
        Self {
            rows: RwSignal::new(initial.into_iter().map(MessageRow::new).collect()),
            error: RwSignal::new(None),
            local: LocalChanges::new(),
        }
    }

    fn find(self, value: &ListedMessage) -> Option<MessageRow> {
        self.find_by(|old| old.id == value.id)
    }

    /// The first row whose value is so.
    pub fn find_by(self, is_wanted: impl Fn(&ListedMessage) -> bool) -> Option<MessageRow> {
        self.rows.with_untracked(|rows| rows.iter().find(|row| row.value.with_untracked(&is_wanted)).copied())
    }

    /// All rows, in order.
    pub fn get(self) -> Vec<MessageRow> {
        self.rows.get()
    }

    /// Whether the list is empty.
    pub fn is_empty(self) -> bool {
        self.rows.with(Vec::is_empty)
    }

    /// Fetches the messages again after every event that changes them, and shows them, for as long as the island lives.
    pub fn refetch_on<F>(self, is_changed_by: impl Fn(&LiveEvent) -> bool + 'static, fetch: impl Fn() -> F + 'static)
    where
        F: Future<Output = Result<Option<Vec<ListedMessage>>, Error>>,
    {
        live::refetch_on(self.local, is_changed_by, fetch, move |found| self.show(found)).for_island();
    }

    /// `None` when the user may no longer see the conversation.
    fn show(self, found: Result<Option<Vec<ListedMessage>>, Error>) {
        match found {
            Ok(Some(found)) => self.merge(found),
            Ok(None) => {
                self.rows.set(Vec::new());
                self.error.set(Some(t("You no longer have access to this.").to_owned()));
            }
            Err(error) => self.show_failure(t("This may be out of date"), &error),
        }
    }

    /// Rows that are still there keep their place on the page and the focus.
    fn merge(self, found: Vec<ListedMessage>) {
        let before = self.rows.get_untracked();
        let mut merged = Vec::with_capacity(found.len());
        for value in found {
            match self.find(&value) {
                Some(row) => {
                    if row.value.with_untracked(|old| *old != value) {
                        row.value.set(value);
                    }
                    merged.push(row);
                }
                None => merged.push(MessageRow::new(value)),
            }
        }
        for (index, row) in before.iter().enumerate() {
            // A message that is being sent has no id yet.
            if !merged.contains(row) && row.value.with_untracked(|message| message.id.is_none()) {
                merged.insert(index.min(merged.len()), *row);
            }
        }
        if merged != before {
            self.rows.set(merged);
        }
    }

    /// Shows `guess` at the end until the server answers. Until then no refetch is shown.
    pub fn add_at_once(
        self,
        guess: ListedMessage,
        failed: &'static str,
        answer: impl Future<Output = Result<ListedMessage, Error>> + 'static,
        rejected: impl FnOnce() + 'static,
    ) {
        let row = MessageRow::new(guess);
        self.rows.update(|rows| rows.push(row));
        self.error.set(None);
        self.local.begin();
        spawn_local(async move {
            match answer.await {
                Ok(value) if self.find(&value).is_some() => self.take(row),
                Ok(value) => row.value.set(value),
                Err(error) => {
                    self.take(row);
                    self.show_failure(failed, &error);
                    rejected();
                }
            }
            self.local.end();
        });
    }

    fn take(self, row: MessageRow) {
        self.rows.update(|rows| rows.retain(|other| *other != row));
    }

    /// Shows why something did not work.
    pub fn show_failure(self, failed: &str, error: &Error) {
        self.error.set(Some(format!("{failed}: {error}")));
    }

    /// The last error message.
    pub fn error_view(self) -> impl IntoView {
        let text = move || self.error.get().map(|message| view! { <p class="alert">{message}</p> });
        view! { <div role="alert">{text}</div> }
    }
}
