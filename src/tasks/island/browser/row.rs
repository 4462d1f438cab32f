//! What a row shows, and what it shows at once of a change that the server has not confirmed yet.

use leptos::{
    leptos_dom::helpers::document,
    web_sys::{Element, HtmlInputElement, HtmlTextAreaElement},
};

use crate::ui::dom;

/// The id of the row's task.
pub fn task_id(row: &Element) -> String {
    row.id().trim_start_matches("task-").to_owned()
}

/// What the form to edit a task shows of it.
#[derive(PartialEq)]
pub struct Shown {
    /// The title.
    pub title: String,
    /// The description; empty for none.
    pub description: String,
    /// `2026-12-31`; empty for none.
    pub due: String,
}

impl Shown {
    /// The row's current content.
    pub fn in_row(row: &Element) -> Self {
        let content = |selector| dom::find::<Element>(row, selector).and_then(|element| element.text_content());
        let due = dom::find::<Element>(row, "time").and_then(|time| time.get_attribute("datetime"));
        Self {
            title: content(".task-title").unwrap_or_default(),
            description: content(".task-description").unwrap_or_default(),
            due: due.unwrap_or_default(),
        }
    }

    /// The form's original values, whatever was typed since.
    pub fn filled_into(form: &Element) -> Self {
        let input = |selector| dom::find::<HtmlInputElement>(form, selector).map(|input| input.default_value());
        let description = dom::find::<HtmlTextAreaElement>(form, "textarea");
        let description = description.and_then(|input| input.default_value().ok());
        Self {
            title: input("[name=title]").unwrap_or_default(),
            description: description.unwrap_or_default(),
            due: input("[name=due_on]").unwrap_or_default(),
        }
    }

    /// Fills a form.
    pub fn fill(&self, form: &Element) {
        for (selector, value) in [("[name=title]", &self.title), ("[name=due_on]", &self.due)] {
            if let Some(input) = dom::find::<HtmlInputElement>(form, selector) {
                input.set_default_value(value);
                input.set_value(value);
            }
        }
        if let Some(input) = dom::find::<HtmlTextAreaElement>(form, "textarea") {
            let _ = input.set_default_value(&self.description);
            input.set_value(&self.description);
        }
    }
}

/// Shows a task as completed, or as pending again.
pub fn toggle(row: &Element) {
    let is_done = row.class_list().toggle("done").unwrap_or_default();
    if let Some(check) = dom::find::<Element>(row, ".check") {
        let _ = check.set_attribute("aria-checked", if is_done { "true" } else { "false" });
    }
    if let Some(next) = dom::find::<Element>(row, "[name=status]") {
        let _ = next.set_attribute("value", if is_done { "pending" } else { "completed" });
    }
}

/// Shows other texts; a description that was not there before comes with the server's row.
pub fn set_texts(row: &Element, title: &str, description: &str) {
    for (selector, text) in [(".task-title", title), (".task-description", description)] {
        if let Some(element) = dom::find::<Element>(row, selector) {
            element.set_text_content(Some(text));
        }
    }
}

/// The placeholder for a new task until the server's row comes.
pub fn new(title: &str) -> Option<Element> {
    let row = document().create_element("li").ok()?;
    row.set_class_name("task");
    row.set_attribute("aria-busy", "true").ok()?;
    row.set_inner_html(r#"<span class="check"></span><div class="task-words"><p class="task-title"></p></div>"#);
    dom::find::<Element>(&row, ".task-title")?.set_text_content(Some(title));
    Some(row)
}
