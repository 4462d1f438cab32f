//! Forms that send a file.

use leptos::prelude::*;

use crate::scripts::{self, inline_script};

/// Shows how far the upload of each form with a file on this page is.
pub fn upload_progress() -> impl IntoView {
    inline_script(&scripts::UPLOAD)
}
