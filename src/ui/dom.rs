//! Elements of the page: finding them, reading them, and bringing them up to date with newer HTML of the server.

use leptos::{
    leptos_dom::helpers::document,
    web_sys::{Element, Event, HtmlElement, HtmlInputElement, HtmlSelectElement, Node, wasm_bindgen::JsCast},
};
use tallyboard_model::{language::t, paths};

/// The element of the page with this id.
pub fn by_id<T: JsCast>(id: &str) -> Option<T> {
    document().get_element_by_id(id)?.dyn_into().ok()
}

/// The first element inside `root` that the selector matches.
pub fn find<T: JsCast>(root: &Element, selector: &str) -> Option<T> {
    root.query_selector(selector).ok()??.dyn_into().ok()
}

/// Fills an input; scripts of the page hear of it as of typing.
pub fn type_into(input: &HtmlInputElement, text: &str) {
    input.set_value(text);
    let _ = Event::new("input").map(|event| input.dispatch_event(&event));
}

/// All elements of the page that the selector matches.
pub fn find_all(selector: &str) -> Vec<Element> {
    let Ok(found) = document().query_selector_all(selector) else { return Vec::new() };
    let found = (0..found.length()).filter_map(|index| found.item(index));
    found.filter_map(|node| node.dyn_into().ok()).collect()
}

/// The nearest element around this one, or itself, that the selector matches.
pub fn closest<T: JsCast>(element: &Element, selector: &str) -> Option<T> {
    element.closest(selector).ok()??.dyn_into().ok()
}

/// The event's target, if it's such an element.
pub fn target<T: JsCast>(event: &Event) -> Option<T> {
    event.target()?.dyn_into().ok()
}

/// The elements right inside this one, in order.
pub fn children(parent: &Element) -> Vec<Element> {
    let children = parent.children();
    (0..children.length()).filter_map(|index| children.item(index)).collect()
}

/// The element that has the focus.
pub fn focused() -> Option<Element> {
    document().active_element()
}

/// Moves the focus.
pub fn focus(element: &Element) {
    if let Some(element) = element.dyn_ref::<HtmlElement>() {
        let _ = element.focus();
    }
}

/// A copy with all that is inside.
pub fn copy(element: &Element) -> Option<Element> {
    element.clone_node_with_deep(true).ok()?.dyn_into().ok()
}

/// A link to the sign-in. It opens another tab: here stays what was typed, and can be sent again afterwards.
pub fn sign_in_link() -> Option<Element> {
    let link = document().create_element("a").ok()?;
    link.set_attribute("href", paths::SIGN_IN).ok()?;
    link.set_attribute("target", "_blank").ok()?;
    link.set_text_content(Some(t("Sign in in a new tab, then try again")));
    Some(link)
}

/// Hides an element, or shows it.
pub fn set_hidden(element: &Element, is_hidden: bool) {
    let _ = element.toggle_attribute_with_force("hidden", is_hidden);
}

/// The elements of a text of HTML that the server has made.
pub fn parse(html: &str) -> Vec<Element> {
    let Ok(parent) = document().create_element("ul") else { return Vec::new() };
    parent.set_inner_html(html);
    children(&parent)
}

/// Patches the children of `old` to match those of `new`.
fn update_children(old: &Node, new: &Node, is_kept: fn(&Element) -> bool) {
    let is_kept_node = |node: &Node| node.dyn_ref::<Element>().is_some_and(is_kept);
    let next_of_server = |mut node: Option<Node>| {
        while node.as_ref().is_some_and(is_kept_node) {
            node = node.and_then(|kept| kept.next_sibling());
        }
        node
    };
    let mut there = next_of_server(old.first_child());
    let mut wanted = next_of_server(new.first_child());
    while let Some(node) = wanted {
        // Inserting a node takes it away from its neighbours.
        wanted = next_of_server(node.next_sibling());
        match &there {
            Some(same) if same.node_name() == node.node_name() => {
                let _ = update(same, &node, is_kept);
                there = next_of_server(same.next_sibling());
            }
            other => drop(old.insert_before(&node, other.as_ref())),
        }
    }
    while let Some(node) = there {
        there = next_of_server(node.next_sibling());
        let _ = old.remove_child(&node);
    }
}

/// Patches `old` to match `new`, a node of the same kind; returns whether anything changed. Nodes of the same kind inside are
/// kept, with their focus, typed text and open state. Elements that `is_kept` names aren't part of the server's HTML: those of `old` stay.
pub fn update(old: &Node, new: &Node, is_kept: fn(&Element) -> bool) -> bool {
    if old.is_equal_node(Some(new)) {
        return false;
    }
    match (old.dyn_ref::<Element>(), new.dyn_ref::<Element>()) {
        (Some(old), Some(new)) => {
            let chosen = new.dyn_ref::<HtmlSelectElement>().map(HtmlSelectElement::value);
            update_attributes(old, new);
            update_children(old, new, is_kept);
            // The user's earlier choice there would hide the newer one.
            if let (Some(menu), Some(chosen)) = (old.dyn_ref::<HtmlSelectElement>(), chosen) {
                menu.set_value(&chosen);
            }
        }
        _ => old.set_node_value(new.node_value().as_deref()),
    }
    true
}

/// Attributes that are set in the browser: of a `<details>` that the user has opened, of a row whose deletion can be undone, of a
/// row that can be dragged.
const OF_THE_BROWSER: [&str; 3] = ["open", "hidden", "draggable"];

fn update_attributes(old: &Element, new: &Element) {
    let names = |element: &Element| element.get_attribute_names().iter().filter_map(|name| name.as_string()).collect();
    let new_names: Vec<String> = names(new);
    for name in &new_names {
        let value = new.get_attribute(name).unwrap_or_default();
        if old.get_attribute(name).as_ref() != Some(&value) {
            let _ = old.set_attribute(name, &value);
        }
    }
    let old_names: Vec<String> = names(old);
    for name in old_names.iter().filter(|name| !new_names.contains(name) && !OF_THE_BROWSER.contains(&name.as_str())) {
        let _ = old.remove_attribute(name);
    }
}
