//! A list that shows every change at once, and takes it back, with a message, when the server
//! refuses it. Each row has its own signal, so that a change redraws one row.

use std::sync::atomic::{AtomicU32, Ordering};

use leptos::{prelude::*, task::spawn_local};

use super::browser;
use crate::error::Error;

/// The rows of a list, and what went wrong last.
pub struct Rows<T: Send + Sync + 'static> {
    rows: RwSignal<Vec<Row<T>>>,
    message: RwSignal<Option<String>>,
    /// Whether two are the same thing, whatever they show of it.
    same: fn(&T, &T) -> bool,
}

/// One of them.
pub struct Row<T: Send + Sync + 'static> {
    key: u32,
    /// What it shows.
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
        Self { key: LAST.fetch_add(1, Ordering::Relaxed), value: RwSignal::new(value) }
    }

    /// What tells it from the others.
    pub fn key(&self) -> u32 {
        self.key
    }
}

impl<T: Clone + Send + Sync + 'static> Rows<T> {
    /// With what the server found; from now on the page is alive.
    pub fn new(initial: Vec<T>, same: fn(&T, &T) -> bool) -> Self {
        browser::mark_alive();
        Self { rows: RwSignal::new(initial.into_iter().map(Row::new).collect()), message: RwSignal::new(None), same }
    }

    fn find(self, value: &T) -> Option<Row<T>> {
        let is_same = |row: &&Row<T>| row.value.with_untracked(|old| (self.same)(old, value));
        self.rows.with_untracked(|rows| rows.iter().find(is_same).copied())
    }

    /// All of them, as they stand.
    pub fn get(self) -> Vec<Row<T>> {
        self.rows.get()
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.rows.with(Vec::is_empty)
    }

    /// Shows what following changes has found: see [`Rows::merge`].
    pub fn follow(self, found: Result<Option<Vec<T>>, Error>, keep: impl Fn(&T) -> bool)
    where
        T: PartialEq,
    {
        match found {
            Ok(Some(found)) => self.merge(found, keep),
            Ok(None) => {
                self.rows.set(Vec::new());
                self.message.set(Some("You can't see this any more.".to_owned()));
            }
            Err(error) => self.complain("What is shown may be out of date", &error),
        }
    }

    /// Shows what is there now: rows that stay keep their place on the screen and the focus in it.
    /// `keep` says which stay even though they are gone.
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
        for (place, row) in before.iter().enumerate() {
            if !merged.contains(row) && row.value.with_untracked(&keep) {
                merged.insert(place.min(merged.len()), *row);
            }
        }
        if merged != before {
            self.rows.set(merged);
        }
    }

    /// Puts what the server answers at the top or at the end.
    pub fn add(
        self,
        at_top: bool,
        failed: &'static str,
        answer: impl Future<Output = Result<T, Error>> + 'static,
        refused: impl FnOnce() + 'static,
    ) {
        self.message.set(None);
        spawn_local(async move {
            match answer.await {
                // Word of it may have come before the answer.
                Ok(value) if self.find(&value).is_some() => {}
                Ok(value) => self.rows.update(|rows| rows.insert(if at_top { 0 } else { rows.len() }, Row::new(value))),
                Err(error) => {
                    self.complain(failed, &error);
                    refused();
                }
            }
        });
    }

    /// Shows `guess` at the end until the server answers.
    pub fn add_at_once(
        self,
        guess: T,
        failed: &'static str,
        answer: impl Future<Output = Result<T, Error>> + 'static,
        refused: impl FnOnce() + 'static,
    ) {
        self.message.set(None);
        let row = Row::new(guess);
        self.rows.update(|rows| rows.push(row));
        spawn_local(async move {
            match answer.await {
                Ok(value) if self.find(&value).is_some() => drop(self.take(row)),
                Ok(value) => row.value.set(value),
                Err(error) => {
                    self.take(row);
                    self.complain(failed, &error);
                    refused();
                }
            }
        });
    }

    /// Changes a row; without a good answer it is again what it was before.
    pub fn change(
        self,
        row: Row<T>,
        failed: &'static str,
        guess: impl FnOnce(&mut T),
        answer: impl Future<Output = Result<T, Error>> + 'static,
    ) {
        self.message.set(None);
        let before = row.value.get_untracked();
        row.value.update(guess);
        spawn_local(async move {
            match answer.await {
                Ok(value) => row.value.set(value),
                Err(error) => {
                    row.value.set(before);
                    self.complain(failed, &error);
                }
            }
        });
    }

    /// Takes a row off the list, and puts it back if the server keeps it.
    pub fn remove(self, row: Row<T>, failed: &'static str, answer: impl Future<Output = Result<(), Error>> + 'static) {
        if let Some(place) = self.take(row) {
            self.remove_taken(place, row, failed, answer);
        }
    }

    /// The same for one that was taken off already.
    pub fn remove_taken(
        self,
        place: usize,
        row: Row<T>,
        failed: &'static str,
        answer: impl Future<Output = Result<(), Error>> + 'static,
    ) {
        self.message.set(None);
        spawn_local(async move {
            if let Err(error) = answer.await {
                self.put_back(place, row);
                self.complain(failed, &error);
            }
        });
    }

    /// Takes a row off the list and says where it stood.
    pub fn take(self, row: Row<T>) -> Option<usize> {
        let place = self.rows.with_untracked(|rows| rows.iter().position(|other| *other == row))?;
        self.rows.update(|rows| {
            rows.remove(place);
        });
        Some(place)
    }

    /// Puts a row back where it stood.
    pub fn put_back(self, place: usize, row: Row<T>) {
        self.rows.update(|rows| rows.insert(place.min(rows.len()), row));
    }

    fn complain(self, failed: &str, error: &Error) {
        self.message.set(Some(format!("{failed}: {error}")));
    }

    /// What went wrong last.
    pub fn message(self) -> impl IntoView {
        let text = move || self.message.get().map(|message| view! { <p class="alert">{message}</p> });
        view! { <div role="alert">{text}</div> }
    }
}

/// The text without the space around it; `None` when nothing is left.
pub fn not_empty(text: String) -> Option<String> {
    let text = text.trim().to_owned();
    (!text.is_empty()).then_some(text)
}

/// The text of a `<textarea>` as HTML: `bind:value` alone is empty in what the server sends.
pub fn inside_textarea(text: &str) -> String {
    // HTML leaves out the first line break.
    format!("\n{}", text.replace('&', "&amp;").replace('<', "&lt;"))
}
