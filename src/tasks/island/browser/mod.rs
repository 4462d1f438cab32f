//! The lists of a page in the browser: each click, key and form of theirs comes here, whichever row it is in.

use std::{rc::Rc, time::Duration};

use js_sys::Array;
use leptos::web_sys::{
    Element, Event, HtmlElement, HtmlFormElement, HtmlInputElement, KeyboardEvent, MouseEvent, wasm_bindgen::JsCast,
};

use self::{shares::SharesDialog, undo::Undo};
use super::part;
use crate::{
    json::function_of,
    live::{self, Subscription},
    ui::{
        browser, dom,
        html_list::{HtmlList, RowRules},
    },
};
use tallyboard_model::{
    language::t,
    live::{LiveEvent, LiveUpdate},
    quick_add::LITERAL,
};

mod form;
mod row;
mod shares;
mod undo;

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3600);

/// The lists of the page, and the dialog of shares.
struct Page {
    lists: Vec<HtmlList>,
    shares: Option<SharesDialog>,
}

/// Listens from now on.
pub fn start() {
    let rules = RowRules {
        is_kept: form::is_form,
        updated: form::follow_row,
        is_in_use: form::is_open_in,
        missing: form::follow_missing,
    };
    let found = dom::find_all(".task-list").into_iter();
    let found = found.filter_map(|root| HtmlList::new(root, rules, LiveEvent::is_about_tasks));
    let start = |(list, subscription): (HtmlList, Subscription)| {
        subscription.for_island();
        list
    };
    let lists = found.map(start).collect();
    let page = Rc::new(Page { lists, shares: SharesDialog::find() });
    listen(&page, "submit", submitted);
    listen(&page, "click", clicked);
    listen(&page, "keydown", key_pressed);
    live::subscribe(show_counts).for_island();
    let seconds_left = browser::attribute(part::LISTS, "data-seconds-left-today");
    let seconds_left = seconds_left.and_then(|seconds| seconds.parse().ok()).map_or(HOUR, Duration::from_secs);
    refetch_after(seconds_left + SECOND);
    browser::mark_alive();
}

/// The counts in the tabs follow those of the dashboard.
fn show_counts(update: &LiveUpdate) {
    let LiveUpdate::Event(LiveEvent { event_type, data }) = update else { return };
    if event_type == "statistics" {
        for count in dom::find_all("[data-count]") {
            let number = match count.get_attribute("data-count").as_deref() {
                Some("pending") => data.pending_tasks,
                Some("completed") => data.completed_tasks,
                _ => data.shared_tasks,
            };
            count.set_text_content(Some(&number.to_string()));
        }
    }
}

/// `None` from `answer` leaves the event to the browser.
fn listen(page: &Rc<Page>, event: &'static str, answer: fn(&Page, &Event, Element) -> Option<()>) {
    let page = page.clone();
    browser::listen(event, move |event| {
        let target = dom::target::<Element>(event);
        if !event.default_prevented() && target.and_then(|target| answer(&page, event, target)).is_some() {
            event.prevent_default();
        }
    });
}

/// At midnight "today" and "tomorrow" become other days. Later midnights are on the hour of the first, whatever clocks do.
fn refetch_after(delay: Duration) {
    browser::after(delay, || {
        live::refetch_everything();
        refetch_after(HOUR);
    });
}

impl Page {
    fn list_around(&self, element: &Element) -> Option<HtmlList> {
        self.lists.iter().find(|list| list.contains(element)).cloned()
    }
}

fn submitted(page: &Page, _: &Event, target: Element) -> Option<()> {
    let form: HtmlFormElement = target.dyn_into().ok()?;
    let list = page.list_around(&form)?;
    let function = function_of(&form)?;
    let row: Option<Element> = dom::closest(&form, ".task");
    let Some(row) = row else {
        if function != "quick_add" {
            return None;
        }
        let text: HtmlInputElement = dom::find(&form, "[name=text]")?;
        // The script of the box knows the title as soon as the server has told it.
        let title = form.get_attribute("data-title").filter(|title| !title.is_empty());
        let title = title.unwrap_or_else(|| text.value().replace(LITERAL, ""));
        list.add(&form, text, t("Couldn't add it"), row::new(title.trim()), |added| {
            undo::call("offerShow", &Array::of1(added.as_value()));
        });
        return Some(());
    };
    match function.as_str() {
        form::CREATE => form::add_as_new(&list, row, &form),
        "change_task" if dom::find::<Element>(&form, "[name=status]").is_some() => {
            list.hold(&row);
            list.change(&row, &form, t("Couldn't change it"), row::toggle, offer(Undo::of_status(&row)));
        }
        "change_task" => {
            list.change(&row, &form, t("Couldn't move it"), |_| (), offer(Undo::of_move(&row)));
        }
        "update_task" => form::save(&list, &row, form),
        "delete_task" => {
            let undo = Undo::of_deletion(&row);
            list.remove(row, &form, t("Couldn't delete it"), offer(undo));
        }
        "give_up_share" => list.remove(row, &form, t("Couldn't give it up"), |_| ()),
        _ => return None,
    }
    Some(())
}

/// What a change does once the server has answered: it can be undone if it was done.
fn offer(undo: Option<Undo>) -> impl FnOnce(bool) + 'static {
    move |is_done| {
        if let Some(undo) = undo.filter(|_| is_done) {
            undo.offer();
        }
    }
}

fn clicked(page: &Page, event: &Event, target: Element) -> Option<()> {
    page.list_around(&target)?;
    let row: Element = dom::closest(&target, ".task")?;
    if let Some(menu) = dom::closest::<HtmlElement>(&target, ".task-actions") {
        // The error text is beside the row, and isn't a menu.
        let _ = menu.hide_popover();
    }
    if dom::closest::<Element>(&target, ".take-theirs").is_some() {
        form::take_theirs(&row);
        return Some(());
    }
    // With a key, the browser opens a link elsewhere.
    let click: &MouseEvent = event.dyn_ref()?;
    if click.ctrl_key() || click.meta_key() || click.shift_key() {
        return None;
    }
    if dom::closest::<Element>(&target, ".edit").is_some() {
        form::toggle(&row);
    } else if dom::closest::<Element>(&target, ".share").is_some() {
        page.shares.as_ref()?.open(&row)?;
    } else {
        return None;
    }
    Some(())
}

fn key_pressed(_: &Page, event: &Event, target: Element) -> Option<()> {
    let form: Element = dom::closest(&target, ".task-form")?;
    if event.dyn_ref::<KeyboardEvent>()?.key() != "Escape" {
        return None;
    }
    let row: Element = dom::closest(&form, ".task")?;
    form::close(&row);
    dom::focus(&row);
    Some(())
}
