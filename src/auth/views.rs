//! What several forms of the account share.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use leptos::prelude::*;

use crate::{
    scripts::{self, inline_script},
    ui::{field::Field, forms::FormErrors},
};
use tallyboard_model::language::{t, t_with, text, to_the_minute};

/// Why somebody who signed in long ago gives their password again.
pub const AGAIN: &str = text("Enter it again: you signed in more than an hour ago");

/// The field for the password that confirms a change.
pub fn password_field(name: &'static str, hint: &'static str, errors: &FormErrors) -> impl IntoView + use<> {
    view! {
        <Field
            name
            label=t("Your password")
            kind="password"
            autocomplete="current-password"
            error=errors.field(name)
            hint
        />
    }
}

/// The same for somebody who signed in long ago.
pub fn password_again(name: &'static str, errors: &FormErrors) -> impl IntoView + use<> {
    password_field(name, AGAIN, errors)
}

/// When a token or an app was used last.
pub fn last_used(time: Option<DateTime<Utc>>) -> String {
    time.map_or_else(
        || t("not used yet").to_owned(),
        |time| t_with("last used {at} UTC", &[("at", &to_the_minute(time, Tz::UTC))]),
    )
}

/// A row of a list of what signs in for the user: a name, a note, and the form that ends it.
pub fn revocable_row(
    name: impl IntoView,
    note: String,
    form: &'static str,
    id: String,
    button: &'static str,
    button_label: String,
) -> impl IntoView {
    view! {
        <li>
            <div>
                <p class="token-name">{name}</p>
                <p class="hint">{note}</p>
            </div>
            <form method="post">
                <input type="hidden" name="form" value=form />
                <input type="hidden" name="id" value=id />
                <button class="quiet" aria-label=button_label>{button}</button>
            </form>
        </li>
    }
}

/// The field for a password that is chosen.
pub fn new_password_field(name: &'static str, label: &'static str, errors: &FormErrors) -> impl IntoView + use<> {
    view! {
        <Field
            name
            label
            kind="password"
            autocomplete="new-password"
            error=errors.field(name)
            hint=t("8 to 128 characters; a few uncommon words are best")
        />
    }
}

/// The field for the name of a new account, which may be known from elsewhere.
pub fn name_field(known: Option<String>, errors: &FormErrors) -> impl IntoView + use<> {
    view! {
        <Field
            name="name"
            label=t("Name")
            autocomplete="name"
            value=errors.input("name").or(known)
            error=errors.field("name")
        />
    }
}

/// The time zone of a new account, in a form that has no field for it.
pub fn time_zone_of_browser() -> impl IntoView {
    view! {
        <input type="hidden" name="time_zone" value="" />
        {inline_script(&scripts::TIME_ZONE)}
    }
}
