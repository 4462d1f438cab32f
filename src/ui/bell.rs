//! The link to the notifications, on every page of a user. A script keeps its count and
//! shows what is new; without script the link is there.

use leptos::prelude::*;

use super::icons::{Icon, IconImage};
use crate::scripts::{self, inline_script};
use tallyboard_model::{language::t, paths};

/// The link with its count, and the place where new notifications appear.
pub fn bell(is_current: bool) -> impl IntoView {
    view! {
        <a
            class="bell"
            id="bell"
            href=paths::NOTIFICATIONS
            data-unread=paths::UNREAD_NOTIFICATIONS
            title=t("Notifications")
            aria-current=is_current.then_some("page")
        >
            <IconImage icon=Icon::Bell />
            <span class="visually-hidden">{t("Notifications")}</span>
            <span class="bell-count" hidden></span>
        </a>
        <div id="news" aria-live="polite" aria-atomic="true"></div>
    }
}

/// Keeps the count; it comes behind the link.
pub fn bell_script() -> impl IntoView {
    inline_script(&scripts::BELL)
}
