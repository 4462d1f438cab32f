//! The island of the lists of tasks. It has no view: the server renders the rows (`tasks/views`), and the island acts on
//! them. Each control is a form or a link, which the island handles instead of the browser.

#![allow(missing_docs)] // of what the macro generates

pub mod part;

#[cfg(feature = "hydrate")]
mod browser;
/// On the server nothing happens.
#[cfg(not(feature = "hydrate"))]
#[path = "browser_stub.rs"]
mod browser;

use leptos::prelude::*;

/// Answers what the user does in the lists of the page, and keeps them up to date.
#[island(lazy)]
pub fn TaskLists() -> impl IntoView {
    browser::start();
}
