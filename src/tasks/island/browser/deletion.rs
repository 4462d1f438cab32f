//! A deletion that can be undone: the task leaves the page at once, and the server when the time is up.

use std::{cell::RefCell, rc::Rc, time::Duration};

use leptos::web_sys::{Element, HtmlFormElement};

use super::{super::part, row::Shown};
use crate::{
    json::post_form_on_leave,
    ui::{browser, dom, html_list::HtmlList},
};
use tallyboard_model::language::{t, t_with};

/// Where the browser keeps the row whose deletion was sent as the user left the page.
const LEFT: &str = "deleted-on-leave";
/// How long a deletion can be undone.
const UNDO_TIME: Duration = Duration::from_secs(6);

/// The last deletion, as long as it can be undone. Cheap to clone.
#[derive(Clone, Default)]
pub struct Deletion(Rc<RefCell<Option<Deleted>>>);

struct Deleted {
    list: HtmlList,
    row: Element,
    form: HtmlFormElement,
}

impl Deletion {
    /// Takes a task out of the page. One that was deleted before can no longer be undone.
    pub fn begin(&self, list: HtmlList, row: Element, form: HtmlFormElement) {
        self.finish();
        list.take(&row);
        if let Some(undo) = dom::by_id::<Element>(part::UNDO) {
            if let Some(words) = dom::find::<Element>(&undo, "span") {
                let said = t_with("Deleted “{title}”", &[("title", &Shown::in_row(&row).title)]);
                words.set_text_content(Some(&said));
            }
            dom::set_hidden(&undo, false);
        }
        self.0.replace(Some(Deleted { list, row: row.clone(), form }));
        let deletion = self.clone();
        browser::after(UNDO_TIME, move || {
            if deletion.0.borrow().as_ref().is_some_and(|last| last.row == row) {
                deletion.finish();
            }
        });
    }

    fn end(&self) -> Option<Deleted> {
        browser::set_hidden(part::UNDO, true);
        self.0.take()
    }

    /// Puts the task back.
    pub fn undo(&self) {
        if let Some(Deleted { list, row, .. }) = self.end() {
            list.put_back(&row);
        }
    }

    fn finish(&self) {
        if let Some(Deleted { list, row, form }) = self.end() {
            list.remove(row, &form, t("Couldn't delete it"));
        }
    }

    /// The user leaves the page: the deletion is sent immediately.
    pub fn finish_on_leave(&self) {
        if let Some(Deleted { row, form, .. }) = self.end() {
            post_form_on_leave(&form);
            browser::remember(LEFT, &row.id());
        }
    }

    /// Hides the task whose deletion was sent as the user left this page: a reload may be faster than the deletion.
    pub fn hide_deleted_on_leave(&self, lists: &[HtmlList]) {
        let Some(row) = browser::take_remembered(LEFT).and_then(|id| dom::by_id::<Element>(&id)) else { return };
        if let Some(list) = lists.iter().find(|list| list.contains(&row)) {
            list.take(&row);
        }
    }
}
