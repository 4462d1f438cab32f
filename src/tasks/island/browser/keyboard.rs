//! The keys of the lists: they move the focus from row to row and press the row's own buttons.

use leptos::web_sys::{Element, HtmlDialogElement, HtmlElement, KeyboardEvent, wasm_bindgen::JsCast};

use crate::ui::{browser, dom};

const ROW: &str = ".task";
/// Elements in which a key types a letter, and elements that cover the list.
const TYPING: &str = "input:not(.select), textarea, select, dialog[open], [popover]:popover-open";

/// Listens for as long as the island lives.
pub fn listen() {
    browser::listen("keydown", |event| {
        let Some(key) = event.dyn_ref::<KeyboardEvent>() else { return };
        let is_combined = key.ctrl_key() || key.meta_key() || key.alt_key();
        if !is_combined && !key.default_prevented() && act(&key.key()).is_some() {
            key.prevent_default();
        }
    });
}

/// `None` when the key is the browser's.
fn act(key: &str) -> Option<()> {
    let focused = dom::focused();
    let around = |selector| focused.as_ref().and_then(|element| dom::closest::<Element>(element, selector));
    if around(TYPING).is_some() {
        return None;
    }
    let row = around(ROW);
    match key {
        "j" => go(&row.map_or_else(|| dom::find_all(ROW).into_iter().next(), |row| beside(&row, true))?),
        "ArrowDown" => go(&beside(&row?, true)?),
        "k" | "ArrowUp" => go(&beside(&row?, false)?),
        "c" => press(&row?, ".check"),
        "e" => press(&row?, ".edit"),
        "t" => press(&row?, ".move"),
        "/" => go(&dom::by_id("q")?),
        "?" => dom::by_id::<HtmlDialogElement>("keys")?.show_modal().ok(),
        _ => None,
    }
}

/// The row after this one or before it, in whichever list of the page it is.
fn beside(row: &Element, is_after: bool) -> Option<Element> {
    let step = |from: &Element| if is_after { from.next_element_sibling() } else { from.previous_element_sibling() };
    let nearest = if is_after { ROW } else { ".task:last-child" };
    step(row).or_else(|| {
        let mut list = dom::closest(row, ".day")?;
        loop {
            list = step(&list)?;
            if let Some(found) = dom::find(&list, nearest) {
                return Some(found);
            }
        }
    })
}

fn go(element: &Element) -> Option<()> {
    dom::focus(element);
    Some(())
}

fn press(row: &Element, button: &str) -> Option<()> {
    dom::find::<HtmlElement>(row, button)?.click();
    Some(())
}
