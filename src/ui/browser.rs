//! What only a browser can do: timers, events of the page, the focus.

use std::time::Duration;

use futures::FutureExt;
use gloo_timers::future::TimeoutFuture;
use leptos::{
    leptos_dom::helpers::{document, window, window_event_listener_untyped},
    prelude::*,
    task::spawn_local,
    web_sys::{Element, HtmlElement, wasm_bindgen::JsCast},
};

/// Marks the document as hydrated: for styles, and for tests that wait for it.
pub fn mark_alive() {
    Effect::new(|_| {
        if let Some(root) = document().document_element() {
            let _ = root.set_attribute("data-alive", "true");
        }
    });
}

/// Calls `work` after `delay`.
pub fn after(delay: Duration, work: impl FnOnce() + 'static) {
    spawn_local(TimeoutFuture::new(delay.as_millis() as u32).map(|()| work()));
}

/// Calls `work` when the user leaves the page.
pub fn on_leave(work: impl Fn() + 'static) {
    let listener = window_event_listener_untyped("pagehide", move |_| work());
    on_cleanup(move || listener.remove());
}

/// Posts a form that the browser delivers even while it leaves the page.
pub fn send_beacon(path: &str, fields: &[(&str, &str)]) -> bool {
    let Ok(form) = web_sys::UrlSearchParams::new() else { return false };
    for (name, value) in fields {
        form.append(name, value);
    }
    window().navigator().send_beacon_with_opt_url_search_params(path, Some(&form)).unwrap_or(false)
}

/// Closes the popover with this id.
pub fn hide_popover(id: &str) {
    if let Some(element) = element(id).and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        let _ = element.hide_popover();
    }
}

fn element(id: &str) -> Option<Element> {
    document().get_element_by_id(id)
}

/// Sets the text of the element with this id, if there is one; what stood in for it goes.
pub fn set_text(id: &str, text: &str) {
    if let Some(element) = element(id) {
        element.set_text_content(Some(text));
        let _ = element.remove_attribute("aria-hidden");
    }
}

/// Sets what is inside the element with this id: HTML that the server or this program has made, never what somebody typed.
pub fn set_html(id: &str, html: &str) {
    if let Some(element) = element(id) {
        element.set_inner_html(html);
    }
}

/// An attribute of the element with this id.
pub fn attribute(id: &str, name: &str) -> Option<String> {
    element(id)?.get_attribute(name)
}

/// Sets an attribute of the element with this id.
pub fn set_attribute(id: &str, name: &str, value: &str) {
    if let Some(element) = element(id) {
        let _ = element.set_attribute(name, value);
    }
}

/// Hides the element with this id, or shows it.
pub fn set_hidden(id: &str, is_hidden: bool) {
    if let Some(element) = element(id) {
        let _ = element.toggle_attribute_with_force("hidden", is_hidden);
    }
}

/// Draws the eye to a number that has changed. `tick-a` and `tick-b` are the same animation: changing from one to the other
/// plays it again.
pub fn highlight_number(id: &str) {
    if let Some(element) = element(id) {
        element.set_class_name(if element.class_name() == "number tick-a" { "number tick-b" } else { "number tick-a" });
    }
}

/// Calls `work` at each click on the element with this id.
pub fn on_click(id: &'static str, work: impl Fn() + 'static) {
    let listener = window_event_listener_untyped("click", move |event| {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        if target.is_some_and(|target| target.id() == id) {
            work();
        }
    });
    on_cleanup(move || listener.remove());
}

/// Whether somebody is typing inside the element with this id.
pub fn is_typing_in(id: &str) -> bool {
    let focused =
        document().active_element().filter(|focused| focused.matches("input, textarea, select").unwrap_or(false));
    element(id).zip(focused).is_some_and(|(element, focused)| element.contains(Some(&focused)))
}
