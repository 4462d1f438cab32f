//! The keys of a list: they move the focus from row to row and press the row's own buttons.

use leptos::{
    ev,
    leptos_dom::helpers::{document, window_event_listener},
    prelude::*,
    web_sys::{Element, HtmlDialogElement, HtmlElement, KeyboardEvent, wasm_bindgen::JsCast},
};

const ROW: &str = ".task";
/// Where a letter is a letter, and what is above the list.
const TYPING: &str = "input:not(.select), textarea, select, dialog[open], [popover]:popover-open";

/// Listens for as long as the island lives.
pub fn listen() {
    let listener = window_event_listener(ev::keydown, |event| {
        let is_combined = event.ctrl_key() || event.meta_key() || event.alt_key();
        // Each list of a page listens; the first one that knows the key acts.
        if !is_combined && !event.default_prevented() && act(&event).is_some() {
            event.prevent_default();
        }
    });
    on_cleanup(move || listener.remove());
}

/// `None` when the key is the browser's.
fn act(event: &KeyboardEvent) -> Option<()> {
    let focused = document().active_element();
    let closest = |selector| focused.as_ref().and_then(|element| element.closest(selector).ok().flatten());
    if closest(TYPING).is_some() {
        return None;
    }
    let row = closest(ROW);
    match event.key().as_str() {
        "j" => go(row.map_or_else(|| find(ROW), |row| beside(&row, true))?),
        "ArrowDown" => go(beside(&row?, true)?),
        "k" | "ArrowUp" => go(beside(&row?, false)?),
        "c" => press(row?.query_selector(".check").ok()??),
        "e" => press(row?.query_selector(".edit").ok()??),
        "t" => press(row?.query_selector(".move").ok()??),
        "/" => go(find("#q")?),
        "?" => find("#keys")?.dyn_into::<HtmlDialogElement>().ok()?.show_modal().ok(),
        _ => None,
    }
}

/// The row after this one or before it, in whichever list of the page it is.
fn beside(row: &Element, is_after: bool) -> Option<Element> {
    let step = |from: &Element| if is_after { from.next_element_sibling() } else { from.previous_element_sibling() };
    let nearest = if is_after { ROW } else { ".task:last-child" };
    step(row).or_else(|| {
        let mut list = row.closest(".day").ok()??;
        loop {
            list = step(&list)?;
            if let Ok(Some(found)) = list.query_selector(nearest) {
                return Some(found);
            }
        }
    })
}

fn find(selector: &str) -> Option<Element> {
    document().query_selector(selector).ok()?
}

fn go(element: Element) -> Option<()> {
    element.dyn_into::<HtmlElement>().ok()?.focus().ok()
}

fn press(element: Element) -> Option<()> {
    element.dyn_into::<HtmlElement>().ok()?.click();
    Some(())
}
