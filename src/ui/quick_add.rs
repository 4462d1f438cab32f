//! The form of every page that adds a task written in one line: a popover, which opens without script too.

use leptos::prelude::*;

use super::{
    forms::{FormErrors, QUICK_ADD},
    icons::{Icon, IconImage},
};
use crate::scripts::{self, inline_script};
use tallyboard_model::{
    id::UserId,
    language::{t, text},
};

/// The button and the form.
pub fn quick_add(user: UserId) -> impl IntoView {
    let errors = FormErrors::of_quick_add();
    let is_refused = errors.is_refused();
    view! {
        <button class="quiet quick-add-button" popovertarget="quick-add" title=t("New task (n)")>
            <IconImage icon=Icon::Plus />
            <span class="visually-hidden">{t("New task")}</span>
        </button>
        <div
            class="card quick-add"
            id="quick-add"
            // A refused form stands open.
            popover=(!is_refused).then_some("")
            role="dialog"
            aria-label=t("Quick add")
            data-user=user.to_string()
        >
            <form method="post">
                <input type="hidden" name="form" value=QUICK_ADD />
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
                        value=errors.input("text")
                    />
                    <button class="button">{t("Add")}</button>
                </div>
                {errors.message()}
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
