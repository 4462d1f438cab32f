//! A list whose rows are HTML of the server, in the browser. A change of the user is shown at once and taken back, with a
//! message, when the server refuses it. After it, and after those of others, the list fetches its rows again.

use std::{cell::RefCell, rc::Rc, time::Duration};

use leptos::{
    task::spawn_local,
    web_sys::{Element, HtmlFormElement, HtmlInputElement},
};

use super::{browser, dom};
use crate::{
    json::{Json, fetch_json, post_form},
    live::{self, LocalChanges, Subscription},
};
use tallyboard_model::{
    error::{Code, Error},
    language::t,
    live::LiveEvent,
};

/// What a list does with its rows, beyond showing them.
#[derive(Clone, Copy)]
pub struct RowRules {
    /// Whether an element inside a row is the browser's own, and stays when the row is updated.
    pub is_kept: fn(&Element) -> bool,
    /// Called when a row has been updated.
    pub updated: fn(&Element),
    /// Whether a row stays that the server no longer has, because the user has a form open in it.
    pub is_in_use: fn(&Element) -> bool,
    /// Called when the server no longer has a row in use.
    pub missing: fn(&Element),
}

impl RowRules {
    /// Rows are what the server says.
    pub const NONE: Self = Self { is_kept: |_| false, updated: |_| (), is_in_use: |_| false, missing: |_| () };
}

/// A list of the page. Cheap to clone.
#[derive(Clone)]
pub struct HtmlList {
    root: Element,
    rows: Element,
    rules: RowRules,
    local: LocalChanges,
    /// The user's changes that the server hasn't confirmed yet.
    unconfirmed: Rc<RefCell<Vec<Unconfirmed>>>,
    /// The rows that the user has removed, which the server still has: where each was.
    removed: Rc<RefCell<Vec<(usize, Element)>>>,
    /// The rows that stay a moment though they may have left the list, and whether they have.
    held: Rc<RefCell<Vec<(Element, bool)>>>,
}

/// For how long a changed row stays, so that nothing moves under the pointer.
const HELD: Duration = Duration::from_millis(500);
/// The duration of the animation `leave` in `tailwind.css`.
const LEAVING: Duration = Duration::from_millis(180);

/// A row with changes that the server has not confirmed yet.
struct Unconfirmed {
    row: Element,
    /// The row as it was before the first of them.
    before: Element,
    /// How many they are.
    changes: u32,
    /// Whether the server has refused one.
    is_refused: bool,
}

impl HtmlList {
    /// The list in this element, kept up to date until the subscription is dropped. Its attribute `data-rows` is the address of its
    /// rows.
    pub fn new(
        root: Element,
        rules: RowRules,
        is_changed_by: impl Fn(&LiveEvent) -> bool + 'static,
    ) -> Option<(Self, Subscription)> {
        let rows = dom::find(&root, "ul")?;
        let list = Self {
            root,
            rows,
            rules,
            local: LocalChanges::new(),
            unconfirmed: Rc::default(),
            removed: Rc::default(),
            held: Rc::default(),
        };
        let address = list.root.get_attribute("data-rows")?;
        let shown = list.clone();
        let fetch = move || fetch_json(address.clone());
        let subscription = live::refetch_on(list.local, is_changed_by, fetch, move |found| shown.show(found));
        Some((list, subscription))
    }

    /// Whether an element is in the list or its form.
    pub fn contains(&self, element: &Element) -> bool {
        self.root.contains(Some(element))
    }

    fn show(&self, found: Result<Json, Error>) {
        match found.map(|rows| rows.as_text()) {
            Ok(Some(html)) => self.merge(&html),
            Ok(None) => {
                self.place(&[]);
                self.say(t("You no longer have access to this."));
            }
            Err(error) => self.say_failure(t("This may be out of date"), &error),
        }
    }

    /// Rows that are still there stay the same elements.
    fn merge(&self, html: &str) {
        let before = dom::children(&self.rows);
        let ids: Vec<String> = before.iter().map(|row| row.id()).collect();
        let mut stays = vec![false; before.len()];
        let mut merged = Vec::new();
        for fresh in dom::parse(html) {
            let id = fresh.id();
            let known = ids.iter().position(|known| *known == id);
            if known.is_none() && self.removed.borrow().iter().any(|(_, row)| row.id() == id) {
                continue;
            }
            // The placeholder becomes the new row.
            let guess = || (0..ids.len()).find(|index| ids[*index].is_empty() && !stays[*index]);
            match known.or_else(guess) {
                Some(index) => {
                    self.update(&before[index], &fresh);
                    stays[index] = true;
                    merged.push(before[index].clone());
                }
                None => merged.push(fresh),
            }
        }
        for (index, row) in before.iter().enumerate() {
            let is_held = self.mark_held(row, !stays[index]);
            let is_in_use = !stays[index] && (self.rules.is_in_use)(row);
            if is_in_use || is_held && !stays[index] {
                merged.insert(index.min(merged.len()), row.clone());
            }
            if is_in_use {
                (self.rules.missing)(row);
            }
        }
        self.place(&merged);
    }

    /// Keeps a row where it is for a moment, whatever the server says; then it leaves if it has to.
    pub fn hold(&self, row: &Element) {
        self.held.borrow_mut().push((row.clone(), false));
        let (list, row) = (self.clone(), row.clone());
        browser::after(HELD, move || {
            let index = list.held.borrow().iter().position(|(held, _)| *held == row);
            let Some((_, true)) = index.map(|index| list.held.borrow_mut().swap_remove(index)) else { return };
            let _ = row.class_list().add_1("leaving");
            browser::after(LEAVING, move || list.change_rows(|rows| rows.retain(|other| *other != row)));
        });
    }

    /// Notes whether a held row has left the list; whether it's held.
    fn mark_held(&self, row: &Element, is_gone: bool) -> bool {
        let mut held = self.held.borrow_mut();
        let found = held.iter_mut().find(|(other, _)| other == row);
        found.map(|(_, gone)| *gone = is_gone).is_some()
    }

    /// Puts these rows into the list, and takes all others out of it. The focus stays, or goes to what is now in its place.
    fn place(&self, wanted: &[Element]) {
        let before = dom::children(&self.rows);
        if before == wanted {
            return;
        }
        let focused = dom::focused();
        let focused_row = before.iter().position(|row| focused.as_ref().is_some_and(|it| row.contains(Some(it))));
        for row in before.iter().filter(|row| !wanted.contains(row)) {
            row.remove();
        }
        for (index, row) in wanted.iter().enumerate() {
            let there = self.rows.children().item(index as u32);
            if there.as_ref() != Some(row) {
                let _ = self.rows.insert_before(row, there.as_deref());
            }
        }
        if let (Some(index), Some(focused)) = (focused_row, focused)
            && dom::focused().as_ref() != Some(&focused)
        {
            if focused.is_connected() {
                dom::focus(&focused);
            } else if let Some(row) = wanted.get(index.min(wanted.len().saturating_sub(1))) {
                dom::focus(row);
            }
        }
        if let Some(empty) = dom::find::<Element>(&self.root, ".empty") {
            dom::set_hidden(&empty, !wanted.is_empty());
        }
    }

    /// Adds what is typed into `input`. Until the server's rows come, which have it where it belongs, `guess` stands for it at
    /// the top. `added` gets the server's answer.
    pub fn add(
        &self,
        form: &HtmlFormElement,
        input: HtmlInputElement,
        failed: &str,
        guess: Option<Element>,
        added: impl FnOnce(&Json) + 'static,
    ) {
        let typed = input.value();
        if typed.trim().is_empty() {
            return;
        }
        if let Some(row) = &guess {
            self.change_rows(|rows| rows.insert(0, row.clone()));
        }
        let (list, refused) = (self.clone(), input.clone());
        self.ask(form, failed, move |answer| {
            if let Some(answer) = answer {
                return added(answer);
            }
            list.change_rows(|rows| rows.retain(|row| Some(row) != guess.as_ref()));
            // The input comes back, unless the user has typed something new.
            if refused.value().is_empty() {
                dom::type_into(&refused, &typed);
            }
        });
        dom::type_into(&input, "");
    }

    /// Changes a row at once as `guess` says, and asks the server; when it refuses, the row is restored.
    pub fn change(
        &self,
        row: &Element,
        form: &HtmlFormElement,
        failed: &str,
        guess: impl FnOnce(&Element),
        answered: impl FnOnce(bool) + 'static,
    ) {
        self.begin_change(row);
        let (list, changed) = (self.clone(), row.clone());
        self.send(form, failed, move |is_confirmed| {
            list.end_change(&changed, is_confirmed);
            answered(is_confirmed);
        });
        guess(row);
    }

    fn begin_change(&self, row: &Element) {
        let mut unconfirmed = self.unconfirmed.borrow_mut();
        if let Some(known) = unconfirmed.iter_mut().find(|known| known.row == *row) {
            known.changes += 1;
        } else if let Some(before) = dom::copy(row) {
            unconfirmed.push(Unconfirmed { row: row.clone(), before, changes: 1, is_refused: false });
        }
    }

    fn end_change(&self, row: &Element, is_confirmed: bool) {
        let mut unconfirmed = self.unconfirmed.borrow_mut();
        let Some(index) = unconfirmed.iter().position(|known| known.row == *row) else { return };
        let known = &mut unconfirmed[index];
        known.changes -= 1;
        known.is_refused |= !is_confirmed;
        if known.changes == 0 {
            let known = unconfirmed.swap_remove(index);
            if known.is_refused {
                self.update(row, &known.before);
            }
        }
    }

    fn change_rows(&self, change: impl FnOnce(&mut Vec<Element>)) {
        let mut rows = dom::children(&self.rows);
        change(&mut rows);
        self.place(&rows);
    }

    /// Shows what the server, or an earlier copy, has of a row.
    fn update(&self, row: &Element, fresh: &Element) {
        if dom::update(row, fresh, self.rules.is_kept) {
            (self.rules.updated)(row);
        }
    }

    /// Takes a row out of the page.
    fn take(&self, row: &Element) {
        self.change_rows(|rows| {
            if let Some(index) = rows.iter().position(|other| other == row) {
                self.removed.borrow_mut().push((index, rows.remove(index)));
            }
        });
    }

    /// Puts a row that was taken back to where it was.
    fn put_back(&self, row: &Element) {
        if let Some(index) = self.forget_removed(row) {
            self.change_rows(|rows| rows.insert(index.min(rows.len()), row.clone()));
        }
    }

    fn forget_removed(&self, row: &Element) -> Option<usize> {
        let mut removed = self.removed.borrow_mut();
        let found = removed.iter().position(|(_, other)| other == row)?;
        Some(removed.swap_remove(found).0)
    }

    /// Takes a row out of the page and asks the server to remove it; when the server refuses, it is put back.
    pub fn remove(&self, row: Element, form: &HtmlFormElement, failed: &str, answered: impl FnOnce(bool) + 'static) {
        self.take(&row);
        let list = self.clone();
        self.send(form, failed, move |is_removed| {
            if is_removed {
                list.forget_removed(&row);
            } else {
                list.put_back(&row);
            }
            answered(is_removed);
        });
    }

    /// Sends a form; until it is answered, no rows from the server are shown.
    pub fn send(&self, form: &HtmlFormElement, failed: &str, answered: impl FnOnce(bool) + 'static) {
        self.ask(form, failed, move |answer| answered(answer.is_some()));
    }

    fn ask(&self, form: &HtmlFormElement, failed: &str, answered: impl FnOnce(Option<&Json>) + 'static) {
        self.say("");
        self.local.begin();
        let answer = post_form(form);
        let (list, failed) = (self.clone(), failed.to_owned());
        spawn_local(async move {
            let answer = answer.await;
            answered(answer.as_ref().ok());
            if let Err(error) = &answer {
                list.say_failure(&failed, error);
            }
            list.local.end();
            if answer.is_ok() {
                // Without a socket no event tells the other lists.
                if live::is_connected() { list.local.refetch() } else { live::refetch_everything() }
            }
        });
    }

    fn say_failure(&self, failed: &str, error: &Error) {
        self.say(&format!("{failed}: {error} "));
        if error.code == Code::Unauthorized
            && let Some((alert, link)) = dom::find::<Element>(&self.root, ".alert").zip(dom::sign_in_link())
        {
            let _ = alert.append_child(&link);
        }
    }

    /// The message above the list; empty for none.
    fn say(&self, message: &str) {
        if let Some(alert) = dom::find::<Element>(&self.root, ".alert") {
            alert.set_text_content(Some(message));
            dom::set_hidden(&alert, message.is_empty());
        }
    }
}
