//! The island of lists whose rows have forms: people, conversations. It has no view, see `list_forms`.

#![allow(missing_docs)] // of what the macro generates

use leptos::prelude::*;

use super::list_forms;

/// Answers the forms in the lists of the page, and keeps the lists up to date.
#[island(lazy)]
pub fn ListForms() -> impl IntoView {
    list_forms::start_all();
}
