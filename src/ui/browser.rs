//! What only a browser can do: timers, events of the page, the focus.

use std::time::Duration;

use futures::FutureExt;
use gloo_timers::future::TimeoutFuture;
use leptos::{
    leptos_dom::helpers::{document, window, window_event_listener_untyped},
    prelude::*,
    task::spawn_local,
    web_sys::{HtmlElement, wasm_bindgen::JsCast},
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
    if let Some(element) = document().get_element_by_id(id).and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        let _ = element.hide_popover();
    }
}

/// Sets the text of the element with this id, if there is one.
pub fn set_text(id: &str, text: &str) {
    if let Some(element) = document().get_element_by_id(id) {
        element.set_text_content(Some(text));
    }
}

/// Whether somebody is typing inside the element with this id.
pub fn is_typing_in(id: &str) -> bool {
    let element = document().get_element_by_id(id);
    let focused =
        document().active_element().filter(|focused| focused.matches("input, textarea, select").unwrap_or(false));
    element.zip(focused).is_some_and(|(element, focused)| element.contains(Some(&focused)))
}
