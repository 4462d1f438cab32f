//! The messages of a conversation as rows, each with a signal of its own: a piece of an answer renders one row. What is sent is
//! shown at once and taken back, with a message, when the server refuses it.

use std::sync::atomic::{AtomicU32, Ordering};

use leptos::{prelude::*, task::spawn_local};

use crate::{
    error::Error,
    language::t,
    live::{self, LiveEvent, LocalChanges},
    ui::browser,
};

/// The rows of a list, and the last error message.
pub struct Rows<T: Send + Sync + 'static> {
    rows: RwSignal<Vec<Row<T>>>,
    message: RwSignal<Option<String>>,
    local: LocalChanges,
    /// Whether two values are the same item, whatever their content.
    same: fn(&T, &T) -> bool,
}

/// One row.
pub struct Row<T: Send + Sync + 'static> {
    key: u32,
    /// What the row shows.
    pub value: RwSignal<T>,
}

impl<T: Send + Sync + 'static> Clone for Rows<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T: Send + Sync + 'static> Copy for Rows<T> {}
impl<T: Send + Sync + 'static> Clone for Row<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T: Send + Sync + 'static> Copy for Row<T> {}

impl<T: Send + Sync + 'static> PartialEq for Row<T> {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl<T: Send + Sync + 'static> Row<T> {
    fn new(value: T) -> Self {
        static LAST: AtomicU32 = AtomicU32::new(0);
        let key = LAST.fetch_add(1, Ordering::Relaxed);
        Self { key, value: RwSignal::new(value) }
    }

    /// Identifies the row on the page.
    pub fn key(&self) -> u32 {
        self.key
    }
}

impl<T: Clone + Send + Sync + 'static> Rows<T> {
    /// The rows that the server found. Marks the page as hydrated.
    pub fn new(initial: Vec<T>, same: fn(&T, &T) -> bool) -> Self {
        browser::mark_alive();
        Self {
            rows: RwSignal::new(initial.into_iter().map(Row::new).collect()),
            message: RwSignal::new(None),
            local: LocalChanges::new(),
            same,
        }
    }

    fn find(self, value: &T) -> Option<Row<T>> {
        self.find_by(|old| (self.same)(old, value))
    }

    /// The first row whose value is so.
    pub fn find_by(self, is_wanted: impl Fn(&T) -> bool) -> Option<Row<T>> {
        self.rows.with_untracked(|rows| rows.iter().find(|row| row.value.with_untracked(&is_wanted)).copied())
    }

    /// All rows, in order.
    pub fn get(self) -> Vec<Row<T>> {
        self.rows.get()
    }

    /// Whether the list is empty.
    pub fn is_empty(self) -> bool {
        self.rows.with(Vec::is_empty)
    }

    /// Fetches the list again after every event that changes it and calls `show` with the answer, which calls
    /// [`Rows::show`].
    pub fn refetch_on<F>(
        self,
        is_changed_by: impl Fn(&LiveEvent) -> bool + 'static,
        fetch: impl Fn() -> F + 'static,
        show: impl Fn(Result<Option<Vec<T>>, Error>) + 'static,
    ) where
        F: Future<Output = Result<Option<Vec<T>>, Error>>,
    {
        live::refetch_on(self.local, is_changed_by, fetch, show);
    }

    /// Shows the answer of a refetch; `None` when the user may no longer see the list. `keep` names rows that
    /// stay although the server no longer has them.
    pub fn show(self, found: Result<Option<Vec<T>>, Error>, keep: impl Fn(&T) -> bool)
    where
        T: PartialEq,
    {
        match found {
            Ok(Some(found)) => self.merge(found, keep),
            Ok(None) => {
                self.rows.set(Vec::new());
                self.message.set(Some(t("You can't see this any more.").to_owned()));
            }
            Err(error) => self.show_failure(t("What is shown may be out of date"), &error),
        }
    }

    /// Rows that are still there keep their place on the page and the focus.
    fn merge(self, found: Vec<T>, keep: impl Fn(&T) -> bool)
    where
        T: PartialEq,
    {
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
                None => merged.push(Row::new(value)),
            }
        }
        for (index, row) in before.iter().enumerate() {
            if !merged.contains(row) && row.value.with_untracked(&keep) {
                merged.insert(index.min(merged.len()), *row);
            }
        }
        if merged != before {
            self.rows.set(merged);
        }
    }

    /// Shows `guess` at the end until the server answers.
    pub fn add_at_once(
        self,
        guess: T,
        failed: &'static str,
        answer: impl Future<Output = Result<T, Error>> + 'static,
        rejected: impl FnOnce() + 'static,
    ) {
        let row = Row::new(guess);
        self.rows.update(|rows| rows.push(row));
        self.send(answer, move |answer| match answer {
            Ok(value) if self.find(&value).is_some() => self.take(row),
            Ok(value) => row.value.set(value),
            Err(error) => {
                self.take(row);
                self.show_failure(failed, &error);
                rejected();
            }
        });
    }

    /// Sends a local change; until it is answered, no refetch is shown.
    fn send<A: 'static>(
        self,
        answer: impl Future<Output = Result<A, Error>> + 'static,
        done: impl FnOnce(Result<A, Error>) + 'static,
    ) {
        self.message.set(None);
        self.local.begin();
        spawn_local(async move {
            done(answer.await);
            self.local.end();
        });
    }

    fn take(self, row: Row<T>) {
        self.rows.update(|rows| rows.retain(|other| *other != row));
    }

    /// Shows why something did not work.
    pub fn show_failure(self, failed: &str, error: &Error) {
        self.message.set(Some(format!("{failed}: {error}")));
    }

    /// The last error message.
    pub fn message(self) -> impl IntoView {
        let text = move || self.message.get().map(|message| view! { <p class="alert">{message}</p> });
        view! { <div role="alert">{text}</div> }
    }
}
