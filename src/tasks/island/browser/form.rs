//! The form to edit a task. It is made of the page's template when it is opened, and belongs to the browser until it is
//! saved or closed: newer rows from the server leave it as it is.

use leptos::{
    leptos_dom::helpers::document,
    task::spawn_local,
    web_sys::{Element, HtmlFormElement, HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement},
};

use super::{
    super::part,
    offer,
    row::{self, Shown, task_id},
    undo::Undo,
};
use crate::{
    json::{fetch_json, function_of},
    ui::{dom, html_list::HtmlList, typed::not_empty},
};
use tallyboard_model::{
    error::Code,
    language::{t, t_with},
    tasks::NO_TEAM,
};

/// The server function that adds a task.
pub const CREATE: &str = "create_task";

/// Whether the form's task no longer exists for the user; see [`follow_missing`].
fn is_of_gone_task(form: &Element) -> bool {
    function_of(form).as_deref() == Some(CREATE)
}

/// Whether an element is an open form.
pub fn is_form(element: &Element) -> bool {
    element.class_list().contains("task-form")
}

fn form_of(row: &Element) -> Option<Element> {
    dom::find(row, ".task-form")
}

/// Whether the row's form is open: what is typed into it must not be lost.
pub fn is_open_in(row: &Element) -> bool {
    form_of(row).is_some()
}

/// Opens the form, or closes it.
pub fn toggle(row: &Element) {
    match form_of(row) {
        Some(_) => close(row),
        None => drop(open(row)),
    }
}

/// Closes the form; what was typed is gone, and so is the row of a task that no longer exists.
pub fn close(row: &Element) {
    if let Some(form) = form_of(row) {
        if is_of_gone_task(&form) {
            row.remove();
        }
        form.remove();
    }
    show_state(row);
}

fn show_state(row: &Element) {
    if let Some(edit) = dom::find::<Element>(row, ".edit") {
        let _ = edit.set_attribute("aria-expanded", if form_of(row).is_some() { "true" } else { "false" });
    }
}

fn open(row: &Element) -> Option<()> {
    let template: Element = dom::by_id(part::FORM_TEMPLATE)?;
    let html = template.inner_html().replace(part::ID_PLACEHOLDER, &task_id(row));
    let form = dom::parse(&html).pop()?;
    Shown::in_row(row).fill(&form);
    choose_team(row, &form);
    row.append_child(&form).ok()?;
    show_state(row);
    dom::focus(&dom::find(&form, "[name=title]")?);
    Some(())
}

/// Only the owner may move a task to another team.
fn choose_team(row: &Element, form: &Element) -> Option<()> {
    let choice: Element = dom::find(form, ".team-choice")?;
    let edit: Element = dom::find(row, ".edit")?;
    if !edit.has_attribute("data-owner") {
        choice.remove();
        return None;
    }
    let select: HtmlSelectElement = dom::find(&choice, "select")?;
    let team = edit.get_attribute("data-team").unwrap_or_else(|| NO_TEAM.to_owned());
    select.set_value(&team);
    if select.value() != team {
        // A team in which the user only reads isn't offered as a target; a task already in it can stay.
        let option = document().create_element("option").ok()?;
        option.set_attribute("value", &team).ok()?;
        option.set_text_content(dom::find::<Element>(row, "a.badge")?.text_content().as_deref());
        select.append_child(&option).ok()?;
        select.set_value(&team);
    }
    Some(())
}

/// Saves the form. It's hidden while saving, and comes back with the typed text if the server refuses it.
pub fn save(list: &HtmlList, row: &Element, form: HtmlFormElement) {
    let title = dom::find::<HtmlInputElement>(&form, "[name=title]").and_then(|input| not_empty(input.value()));
    let Some(title) = title else { return };
    let description = dom::find::<HtmlTextAreaElement>(&form, "textarea").map(|input| input.value());
    let (saved, saved_row, undo) = (form.clone(), row.clone(), Undo::of_edit(row));
    let show_texts = |row: &Element| row::set_texts(row, &title, description.unwrap_or_default().trim());
    list.change(row, &form, t("Couldn't save it"), show_texts, move |is_saved| {
        if is_saved {
            close(&saved_row);
            offer(undo)(true);
        } else {
            dom::set_hidden(&saved, false);
        }
    });
    dom::set_hidden(&form, true);
    dom::focus(row);
}

/// The row has been updated: its open form says so, or is closed when the user may no longer change the task.
pub fn follow_row(row: &Element) {
    match dom::find::<Element>(row, ".edit") {
        Some(_) => show_conflict(row),
        None => close(row),
    }
    show_state(row);
}

/// Shows a conflict in the form when somebody else has changed the task since it was filled.
fn show_conflict(row: &Element) {
    let Some(form) = form_of(row) else { return };
    let now = Shown::in_row(row);
    let Some(conflict) = dom::find::<Element>(&form, ".conflict") else { return };
    let is_changed = now != Shown::filled_into(&form);
    dom::set_hidden(&conflict, !is_changed);
    if is_changed {
        let due = dom::find::<Element>(row, "time").and_then(|time| time.text_content());
        let due = due.map(|words| format!(" ({words})")).unwrap_or_default();
        let said = t_with(
            "Someone changed this task while you were editing. It is now “{title}”{due}.",
            &[("title", &now.title), ("due", &due)],
        );
        let texts = dom::children(&conflict);
        for (element, text) in texts.iter().zip([&said, &now.description]) {
            element.set_text_content(Some(text));
            dom::set_hidden(element, text.is_empty());
        }
    }
}

/// Fills the form with the task's current state.
pub fn take_theirs(row: &Element) {
    if let Some(form) = form_of(row) {
        Shown::in_row(row).fill(&form);
        show_conflict(row);
    }
}

/// The list no longer has the row whose form is open. If the user can't see the task any more, the form says so and offers to add
/// what was typed as a new task.
pub fn follow_missing(row: &Element) {
    let Some(form) = form_of(row).filter(|form| !is_of_gone_task(form)) else { return };
    let task = fetch_json(format!("/api/tasks/{}", task_id(row)));
    spawn_local(async move {
        if task.await.is_err_and(|error| error.code == Code::NotFound) {
            if let Some(name) = dom::find::<Element>(&form, "[name=form]") {
                let _ = name.set_attribute("value", CREATE);
            }
            for (selector, is_hidden) in [(".conflict", true), (".gone", false)] {
                if let Some(note) = dom::find::<Element>(&form, selector) {
                    dom::set_hidden(&note, is_hidden);
                }
            }
            if let Some(button) = dom::find::<Element>(&form, "button.button") {
                button.set_text_content(Some(t("Add as a new task")));
            }
        }
    });
}

/// Adds what was typed into the form of a task that no longer exists as a new task.
pub fn add_as_new(list: &HtmlList, row: Element, form: &HtmlFormElement) {
    list.send(form, t("Couldn't add it"), move |is_added| {
        if is_added {
            close(&row);
        }
    });
}
