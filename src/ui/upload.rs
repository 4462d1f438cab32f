//! Forms that send a file.

use std::sync::LazyLock;

use leptos::prelude::*;

use super::script::{compact, inline_script};

static SCRIPT: LazyLock<String> = LazyLock::new(|| compact(include_str!("upload.js")));

/// Shows how far the upload of each form with a file on this page is.
pub fn upload_progress() -> impl IntoView {
    inline_script(&SCRIPT)
}
