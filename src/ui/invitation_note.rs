//! The link to invitations that wait for the user's answer, on the pages where they would look for them.

use leptos::prelude::*;

use tallyboard_model::{language::t, paths};

/// Empty when nothing is `waiting`.
pub fn invitation_note(waiting: u32) -> impl IntoView {
    (waiting > 0).then(|| {
        view! { <p class="card"><a href=paths::RECEIVED_INVITATIONS>{t("You have an invitation to answer")}</a></p> }
    })
}
