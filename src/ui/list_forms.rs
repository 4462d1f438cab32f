//! Handles a list's forms instead of the browser. Attributes in the server's HTML say what a form does to its row:
//!
//! - `data-answer="add"`: it makes a new row;
//! - `data-answer="change"`: its row changes; a menu of the form changes it as soon as something else is chosen;
//! - `data-answer="remove"`: its row leaves the page at once;
//! - `data-failed`: the message when the server refuses.
//!
//! The list says in `data-changed-by` which kinds of events change it, and in `data-about` of which task or team.

use leptos::{
    prelude::StoredValue,
    web_sys::{Element, HtmlFormElement, HtmlSelectElement},
};

use super::{
    browser::{self, Listener},
    dom,
    html_list::{HtmlList, RowRules},
};
use crate::live::Subscription;
use tallyboard_model::live::LiveEvent;

/// Answers the forms of a list, and keeps its rows up to date, until it's dropped.
#[must_use = "dropping it leaves the list to the browser"]
pub struct ListForms {
    _subscription: Subscription,
    _listeners: [Listener; 2],
}

/// Starts all lists of the page, for as long as the island lives.
pub fn start_all() {
    StoredValue::new(dom::find_all(".row-list").into_iter().filter_map(ListForms::start).collect::<Vec<_>>());
    browser::mark_alive();
}

impl ListForms {
    /// `None` when the element is no list.
    pub fn start(root: Element) -> Option<Self> {
        let attribute = |name| root.get_attribute(name).unwrap_or_default();
        let (kind, about) = (attribute("data-changed-by"), attribute("data-about"));
        let is_changed_by = move |event: &LiveEvent| {
            let is_about = |id: &Option<String>| id.as_ref() == Some(&about);
            let is_here = about.is_empty() || is_about(&event.data.task_id) || is_about(&event.data.team_id);
            is_here && event.event_type.ends_with(&kind)
        };
        let (list, subscription) = HtmlList::new(root, RowRules::NONE, is_changed_by)?;
        let submitting = list.clone();
        let submit = Listener::new("submit", move |event| {
            if dom::target::<HtmlFormElement>(event).and_then(|form| answer(&submitting, &form)).is_some() {
                event.prevent_default();
            }
        });
        let change = Listener::new("change", move |event| {
            let form =
                dom::target::<HtmlSelectElement>(event).and_then(|menu| dom::closest(&menu, "[data-answer=change]"));
            form.and_then(|form| answer(&list, &form));
        });
        Some(Self { _subscription: subscription, _listeners: [submit, change] })
    }
}

/// `None` if the form isn't part of the list and is left to the browser.
fn answer(list: &HtmlList, form: &HtmlFormElement) -> Option<()> {
    let answer = form.get_attribute("data-answer").filter(|_| list.contains(form))?;
    let failed = form.get_attribute("data-failed")?;
    if answer == "add" {
        list.add(form, dom::find(form, "input:not([type=hidden])")?, &failed, None, |_| ());
        return Some(());
    }
    let row: Element = dom::closest(form, "li")?;
    if answer == "remove" {
        list.remove(row, form, &failed, |_| ());
        return Some(());
    }
    let details: Option<Element> = dom::closest(form, "details");
    if let Some(summary) = details.as_ref().and_then(|details| dom::find::<Element>(details, "summary")) {
        dom::focus(&summary);
    }
    let set_open = move |is_open| details.iter().for_each(|it| drop(it.toggle_attribute_with_force("open", is_open)));
    set_open(false);
    let sent = form.clone();
    list.change(
        &row,
        form,
        &failed,
        |_| (),
        move |is_changed| {
            if !is_changed {
                // Typed text stays for further editing; a menu goes back to the actual value.
                set_open(true);
                if dom::find::<Element>(&sent, "select").is_some() {
                    sent.reset();
                }
            }
        },
    );
    Some(())
}
