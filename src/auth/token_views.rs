//! The personal tokens of /settings, and the form for a new one.

use leptos::prelude::*;

use super::views::{last_used, password_again, revocable_row};
use crate::ui::{field::Field, forms::FormErrors};
use tallyboard_model::{
    auth::{PersonalToken, TokenScope},
    language::{short_date, t, t_with},
    paths,
};

/// The section of /settings.
pub fn token_section(needs_password: bool, tokens: &[PersonalToken], errors: &FormErrors) -> impl IntoView + use<> {
    view! {
        <section class="card" id="tokens">
            <h2>{t("Assistants and personal tokens")}</h2>
            <p>{t("A personal token lets an assistant or a program work on your tasks with your permissions. It can't access your password or account. ")} <a href=paths::ASSISTANTS>{t("How to connect an assistant")}</a></p>
            <ul class="sessions">{tokens.iter().map(token_row).collect_view()}</ul>
            {token_form(needs_password, errors)}
        </section>
    }
}

fn token_row(token: &PersonalToken) -> impl IntoView + use<> {
    let can = match token.scopes.iter().max() {
        Some(TokenScope::Write) => t("Reads and changes"),
        Some(TokenScope::Read) => t("Reads only"),
        _ => t("Reads your due dates"),
    };
    let day = |time: chrono::DateTime<chrono::Utc>| short_date(time.date_naive());
    let used = last_used(token.last_used_at);
    let expires = match token.expires_at {
        None => t("never expires").to_owned(),
        Some(time) if time <= tallyboard_db::now() => t_with("expired {day}", &[("day", &day(time))]),
        Some(time) => t_with("expires {day}", &[("day", &day(time))]),
    };
    let note = format!("{can} · {used} · {expires}");
    let (id, name, prefix) = (token.id.to_string(), token.name.clone(), format!("{}…", token.prefix));
    let label = t_with("Revoke {name}", &[("name", &name)]);
    let name = view! { {name} " " <code>{prefix}</code> };
    revocable_row(name, note, "revoke_token", id, t("Revoke"), label)
}

/// The form for a new token. It leads to the page that shows the secret.
pub fn token_form(needs_password: bool, errors: &FormErrors) -> impl IntoView + use<> {
    let chosen = |name: &str, value: &str| errors.input(name).as_deref() == Some(value);
    let (reads, writes) = (chosen("access", "read"), !chosen("access", "read"));
    let days = [("30", t("30 days")), ("90", t("90 days")), ("366", t("A year")), ("never", t("Never"))];
    let days = days.map(|(value, label)| {
        let given = errors.input("expires");
        let selected = given.as_deref().unwrap_or("90") == value;
        view! { <option value=value selected=selected>{label}</option> }
    });
    view! {
        <form class="token-form" method="post" action=paths::ASSISTANTS>
            <Field
                name="token_name"
                label=t("Name")
                value=errors.input("token_name")
                error=errors.field("token_name")
                hint=t("What the token is for, such as Claude")
            />
            <div class="field">
                <label for="access">{t("Access")}</label>
                <select id="access" name="access">
                    <option value="write" selected=writes>{t("Read and change my tasks")}</option>
                    <option value="read" selected=reads>{t("Read only")}</option>
                </select>
            </div>
            <div class="field">
                <label for="expires">{t("Expires after")}</label>
                <select id="expires" name="expires">{days}</select>
            </div>
            {needs_password.then(|| password_again("token_password", errors))}
            <button class="button">{t("Create a token")}</button>
        </form>
    }
}
