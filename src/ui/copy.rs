//! Buttons that copy a text of the page, for pages without islands.

use leptos::prelude::*;

use crate::scripts::{self, inline_script};

/// The script of the buttons; it comes after what it copies.
pub fn copy_script() -> impl IntoView {
    inline_script(&scripts::COPY)
}
