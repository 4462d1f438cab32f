//! The frame of a list: what `html_list.rs` needs around the rows to keep them up to date in the browser.

use leptos::{prelude::*, tachys::html::InertElement};

/// A list, but for its rows.
pub struct ListFrame {
    /// The class of the whole, by which an island finds the list.
    pub class: &'static str,
    /// The class of the `<ul>`.
    pub rows_class: &'static str,
    /// Where the rows are fetched.
    pub address: String,
    /// How the names of the events end that change the list; its island knows when `None`.
    pub changed_by: Option<&'static str>,
    /// The task or team of these events; `None` for any.
    pub about: Option<String>,
    /// The text when there are no rows.
    pub empty: &'static str,
}

impl ListFrame {
    /// The list with these rows, which are HTML, below the form that adds one.
    pub fn around(self, rows: String, add_form: Option<impl IntoView>) -> impl IntoView {
        let has_rows = !rows.is_empty();
        view! {
            <div class=self.class data-rows=self.address data-changed-by=self.changed_by data-about=self.about>
                {add_form}
                <div role="alert">
                    <p class="alert" hidden></p>
                </div>
                <ul class=self.rows_class>{InertElement::new(rows)}</ul>
                <p class="empty" hidden=has_rows>{self.empty}</p>
            </div>
        }
    }
}
