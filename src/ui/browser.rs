//! Browser-only functions: timers, events of the page, the focus.

use std::time::Duration;

use futures::FutureExt;
use gloo_timers::future::TimeoutFuture;
use leptos::{
    leptos_dom::helpers::{WindowListenerHandle, document, window, window_event_listener_untyped},
    prelude::*,
    task::spawn_local,
    web_sys::{Element, Event},
};

use super::dom;

/// Marks the document as hydrated: for styles, and for tests that wait for it.
pub fn mark_alive() {
    if let Some(root) = document().document_element() {
        let _ = root.set_attribute("data-alive", "true");
    }
}

/// Listens until it's dropped.
#[must_use = "dropping it removes the listener"]
pub struct Listener(Option<WindowListenerHandle>);

impl Listener {
    /// Calls `work` with each event of this kind.
    pub fn new(event: &'static str, work: impl Fn(&Event) + 'static) -> Self {
        Self(Some(window_event_listener_untyped(event, move |event| work(&event))))
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Some(listener) = self.0.take() {
            listener.remove();
        }
    }
}

/// Calls `work` with each event of this kind, for as long as the island lives.
pub fn listen(event: &'static str, work: impl Fn(&Event) + 'static) {
    StoredValue::new(Listener::new(event, work));
}

/// Shows the end of the page, once what was just added to it is there.
pub fn scroll_to_end() {
    after(Duration::ZERO, || {
        if let Some(root) = document().document_element() {
            window().scroll_to_with_x_and_y(0.0, root.scroll_height().into());
        }
    });
}

/// Calls `work` after `delay`.
pub fn after(delay: Duration, work: impl FnOnce() + 'static) {
    spawn_local(TimeoutFuture::new(delay.as_millis() as u32).map(|()| work()));
}

/// The text of the element with this id.
pub fn text(id: &str) -> Option<String> {
    dom::by_id::<Element>(id)?.text_content()
}

/// Sets the text of the element with this id, if there is one, and removes its placeholder.
pub fn set_text(id: &str, text: &str) {
    if let Some(element) = dom::by_id::<Element>(id) {
        element.set_text_content(Some(text));
        let _ = element.remove_attribute("aria-hidden");
    }
}

/// Sets what is inside the element with this id: HTML that the server or this program has made, never what somebody typed.
pub fn set_html(id: &str, html: &str) {
    if let Some(element) = dom::by_id::<Element>(id) {
        element.set_inner_html(html);
    }
}

/// An attribute of the element with this id.
pub fn attribute(id: &str, name: &str) -> Option<String> {
    dom::by_id::<Element>(id)?.get_attribute(name)
}

/// Sets an attribute of the element with this id.
pub fn set_attribute(id: &str, name: &str, value: &str) {
    if let Some(element) = dom::by_id::<Element>(id) {
        let _ = element.set_attribute(name, value);
    }
}

/// Hides the element with this id, or shows it.
pub fn set_hidden(id: &str, is_hidden: bool) {
    if let Some(element) = dom::by_id(id) {
        dom::set_hidden(&element, is_hidden);
    }
}

/// Draws the eye to a number that has changed. `tick-a` and `tick-b` are the same animation: changing from one to the other
/// plays it again.
pub fn highlight_number(id: &str) {
    if let Some(element) = dom::by_id::<Element>(id) {
        element.set_class_name(if element.class_name() == "number tick-a" { "number tick-b" } else { "number tick-a" });
    }
}

/// Calls `work` at each click on the element with this id.
pub fn on_click(id: &'static str, work: impl Fn() + 'static) {
    listen("click", move |event| {
        if dom::target::<Element>(event).is_some_and(|target| target.id() == id) {
            work();
        }
    });
}
