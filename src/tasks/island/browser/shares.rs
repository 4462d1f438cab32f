//! The dialog with the people with whom a task is shared.

use leptos::{
    task::spawn_local,
    web_sys::{Element, HtmlDialogElement},
};

use super::{
    super::part,
    row::{Shown, task_id},
};
use crate::{
    json::fetch_json,
    ui::{browser, dom, list_forms},
};
use tallyboard_model::language::{t, t_with};

/// Opens it for the task of a row. `None` when the page has no dialog.
pub fn open(row: &Element) -> Option<()> {
    let dialog: HtmlDialogElement = dom::by_id(part::SHARES)?;
    let heading: Element = dom::find(&dialog, "h2")?;
    let content: Element = dom::by_id(part::SHARES_CONTENT)?;
    let title = Shown::in_row(row).title;
    heading.set_text_content(Some(&t_with("Share “{title}”", &[("title", &title)])));
    browser::set_text(part::SHARES_CONTENT, t("Loading…"));
    dialog.show_modal().ok()?;
    spawn_local(fill(content, task_id(row)));
    Some(())
}

async fn fill(content: Element, task: String) {
    let _ = content.set_attribute(SHOWN, &task);
    let found = fetch_json(format!("/api/ui/share_dialog?task_id={task}")).await;
    if content.get_attribute(SHOWN) != Some(task) {
        // Meanwhile the dialog was opened for another task.
        return;
    }
    match found.map(|found| found.as_text()) {
        Ok(Some(html)) => {
            content.set_inner_html(&html);
            dom::children(&content).into_iter().for_each(list_forms::start);
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
