//! The form of every page that adds a task written in one line: a popover, which opens without script too.

use leptos::prelude::*;

use super::icons::{Icon, IconImage};
use crate::scripts::{self, inline_script};
use tallyboard_model::{
    id::UserId,
    language::{t, text},
};

/// The button that opens the form; its words are hidden where there's no room.
pub fn quick_add_button() -> impl IntoView {
    view! {
        <button class="button quick-add-button" popovertarget="quick-add" title=t("New task (n)")>
            <IconImage icon=Icon::Plus />
            <span>{t("New task")}</span>
        </button>
    }
}

/// The form.
pub fn quick_add(user: UserId) -> impl IntoView {
    view! {
        <div
            class="card quick-add"
            id="quick-add"
            popover
            role="dialog"
            aria-label=t("Quick add")
            data-user=user.to_string()
        >
            <form method="post" action="/api/ui/quick_add">
                <label for="quick-add-text">{t("Add a task…")}</label>
                <div class="quick-add-line">
                    <input
                        id="quick-add-text"
                        name="text"
                        placeholder=t("Buy milk tomorrow @Household")
                        maxlength="400"
                        required
                        autofocus
                        autocomplete="off"
                        aria-describedby="quick-add-words"
                    />
                    <button class="button">{t("Add")}</button>
                </div>
                <p class="hint" id="quick-add-words" role="status">{t(HINT)}</p>
            </form>
        </div>
    }
}

/// Opens and sends the form; it comes behind it.
pub fn quick_add_script() -> impl IntoView {
    inline_script(&scripts::QUICK_ADD)
}

const HINT: &str = text("End with a day (tomorrow, fri, 2026-12-24) and a team (@Household).");
