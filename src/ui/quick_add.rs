//! The boxes that add a task written in one line: that of every page is a popover, which opens without script too.

use leptos::prelude::*;

use super::{
    forms::{BOX, FormErrors, QUICK_ADD},
    icons::{Icon, IconImage},
};
use crate::scripts::{self, inline_script};
use tallyboard_model::{
    id::{TeamId, UserId},
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
    let errors = FormErrors::of_quick_add();
    let is_refused = errors.is_refused();
    view! {
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
                    <div class="line-box">
                        <input
                            id="quick-add-text"
                            name="text"
                            placeholder=t("Buy milk tomorrow @Household")
                            maxlength=MAX_LENGTH
                            required
                            autofocus
                            autocomplete="off"
                            aria-describedby="quick-add-words"
                            value=errors.input("text")
                        />
                    </div>
                    <button class="button">{t("Add")}</button>
                </div>
                {errors.message()}
                <p class="hint" id="quick-add-words" role="status">{t(HINT)}</p>
            </form>
        </div>
    }
}

/// The longest line: a title with a day and a team.
const MAX_LENGTH: &str = "400";

/// A list's own box.
#[derive(Clone)]
pub struct AddBox {
    /// The line of a rejected form.
    pub typed: String,
    /// The team of a line that names none.
    pub team: Option<TeamId>,
    /// The day of a line that names none: a date, or `today`.
    pub day: Option<&'static str>,
}

impl AddBox {
    /// The form. Without script it has a field for the day, and with it a button.
    pub fn form(self) -> impl IntoView {
        let team = self.team.map(|team| view! { <input type="hidden" name="team_id" value=team.to_string() /> });
        let day = self.day.map(|day| view! { <input type="hidden" name="default_due_on" value=day /> });
        view! {
            <form class="add" method="post" data-quick-add="">
                <input type="hidden" name="form" value=QUICK_ADD />
                <input type="hidden" name=BOX value="list" />
                {team} {day} <label class="visually-hidden" for="new-title">{t("New task")}</label>
                <div class="line-box">
                    <input
                        id="new-title"
                        name="text"
                        placeholder=t("Add a task, e.g. “Pay rent Friday”")
                        maxlength=MAX_LENGTH
                        required
                        autocomplete="off"
                        aria-describedby="new-words"
                        value=self.typed
                    />
                </div>
                <div class="day-picker">
                    <button class="quiet pick-day" type="button" title=t("Choose a day") hidden>
                        <IconImage icon=Icon::Calendar />
                        <span class="visually-hidden">{t("Choose a day")}</span>
                    </button>
                    <label class="visually-hidden" for="new-due">{t("Due on")}</label>
                    <input id="new-due" name="due_on" type="date" />
                </div>
                <button class="button">{t("Add")}</button>
                <p class="hint" id="new-words" role="status"></p>
            </form>
        }
    }
}

/// What the boxes do; it comes behind them.
pub fn quick_add_script() -> impl IntoView {
    inline_script(&scripts::QUICK_ADD)
}

const HINT: &str = text("End with a day (tomorrow, fri, 2026-12-24) and a team (@Household).");
