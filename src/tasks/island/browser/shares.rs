//! The dialog with the people with whom a task is shared.

use std::{cell::RefCell, rc::Rc};

use leptos::{
    task::spawn_local,
    web_sys::{
        Element, HtmlDialogElement,
        wasm_bindgen::{JsCast, prelude::Closure},
    },
};

use super::{
    super::part,
    row::{Shown, task_id},
};
use crate::{
    json::fetch_json,
    ui::{dom, list_forms::ListForms},
};
use tallyboard_model::language::{t, t_with};

/// The dialog. Its list listens from when it's filled until the dialog is closed or opened for another task.
pub struct SharesDialog {
    dialog: HtmlDialogElement,
    content: Element,
    lists: Lists,
}

type Lists = Rc<RefCell<Vec<ListForms>>>;

impl SharesDialog {
    /// `None` when the page has no dialog.
    pub fn find() -> Option<Self> {
        let dialog: HtmlDialogElement = dom::by_id(part::SHARES)?;
        let (content, lists) = (dom::by_id::<Element>(part::SHARES_CONTENT)?, Lists::default());
        let (closed, shown, ended) = (dialog.clone(), content.clone(), lists.clone());
        let close = Closure::<dyn Fn()>::new(move || {
            // The event comes later than the dialog is closed, which may have been opened again.
            if !closed.open() {
                ended.take();
                let _ = shown.remove_attribute(SHOWN);
            }
        });
        dialog.set_onclose(Some(close.into_js_value().unchecked_ref()));
        Some(Self { dialog, content, lists })
    }

    /// Opens it for the task of a row.
    pub fn open(&self, row: &Element) -> Option<()> {
        let heading: Element = dom::find(&self.dialog, "h2")?;
        let title = Shown::in_row(row).title;
        heading.set_text_content(Some(&t_with("Share “{title}”", &[("title", &title)])));
        self.lists.take();
        self.content.set_text_content(Some(t("Loading…")));
        self.dialog.show_modal().ok()?;
        spawn_local(fill(self.content.clone(), self.lists.clone(), task_id(row)));
        Some(())
    }
}

async fn fill(content: Element, lists: Lists, task: String) {
    let _ = content.set_attribute(SHOWN, &task);
    let found = fetch_json(format!("/api/ui/share_dialog?task_id={task}")).await;
    if content.get_attribute(SHOWN) != Some(task) {
        // Meanwhile the dialog was closed, or opened for another task.
        return;
    }
    match found.map(|found| found.as_text()) {
        Ok(Some(html)) => {
            content.set_inner_html(&html);
            lists.replace(dom::children(&content).into_iter().filter_map(ListForms::start).collect());
        }
        Ok(None) => show_failure(&content, t("You can no longer share this task.")),
        Err(error) => show_failure(&content, &error.to_string()),
    }
}

fn show_failure(content: &Element, message: &str) {
    content.set_inner_html(r#"<p class="alert" role="alert"></p>"#);
    if let Some(alert) = dom::find::<Element>(content, "p") {
        alert.set_text_content(Some(message));
    }
}

/// The attribute that says whose people the dialog shows.
const SHOWN: &str = "data-task";
