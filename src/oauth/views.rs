//! What people see when they say yes or no to an app.

use axum::response::Response;
use leptos::prelude::*;
use oauth_as::scope::ScopeSet;

use crate::{
    auth::password_again,
    ui::{
        forms::FormErrors,
        shell::{Page, render},
    },
};
use tallyboard_assistants::oauth::{DEVICE, clients::KnownClient, stored::scope_name};
use tallyboard_core::{app::AppState, auth::AuthenticatedUser};
use tallyboard_model::{
    language::{t, t_with},
    paths,
};

fn page(user: &AuthenticatedUser) -> Page {
    Page::of(user, "Connect an app")
}

/// The form of the consent page.
pub struct ConsentForm {
    /// Where it is sent.
    pub action: &'static str,
    /// Which question it answers.
    pub nonce: String,
    /// Where the answer leads, in words.
    pub leads: String,
    /// Why the answer before was rejected.
    pub errors: FormErrors,
}

/// The consent page.
pub fn consent(
    app: &AppState,
    user: &AuthenticatedUser,
    client: KnownClient,
    scope: &ScopeSet,
    form: ConsentForm,
) -> Response {
    let ConsentForm { action, nonce, leads, errors } = form;
    let may_write = scope_name(scope) == "write";
    let who = match &client.host {
        Some(host) => t_with(
            "This is what {host} says of itself; it has been checked that the app is from there.",
            &[("host", &host)],
        ),
        None => {
            t("The app has given itself this name. Nobody has checked it: say yes only if you began this yourself.")
                .to_owned()
        }
    };
    let needs_password = user.needs_password_again();
    let body = move || {
        view! {
            <h1>{t_with("Connect “{name}”?", &[("name", &client.name)])}</h1>
            {errors.headline()}
            <section class="card consent">
                <p class=if client.host.is_some() { "hint" } else { "alert" }>{who}</p>
                <p>{t("It could then, with your rights and until you revoke it in Settings:")}</p>
                <ul>
                    <li>{t("read your tasks, those of your teams and those shared with you, who is in your teams, and your numbers;")}</li>
                    {may_write.then(|| view! { <li>{t("create, change, complete, delete and share tasks, and keep messages under Chat.")}</li> })}
                </ul>
                <p>{t("It reaches neither your password nor your account. When it is not used for 30 days, it has to ask again.")}</p>
                <p class="hint">{leads}</p>
                <form method="post" action=action class="question">
                    <input type="hidden" name="nonce" value=nonce />
                    {needs_password.then(|| password_again("password", &errors))}
                    <button class="button" name="decision" value="allow">{t("Connect")}</button>
                    <button class="button" name="decision" value="deny" formnovalidate>{t("No")}</button>
                </form>
            </section>
        }
    };
    render(&app.assets, page(user), body)
}

/// Where the code that a device shows is typed.
pub fn device_form(app: &AppState, user: &AuthenticatedUser, why: Option<&'static str>) -> Response {
    let body = move || {
        view! {
            <h1>{t("Connect a device")}</h1>
            {why.map(|why| view! { <p class="alert" role="alert">{why}</p> })}
            <section class="card consent">
                <form method="get" action=DEVICE>
                    <label for="user_code">{t("The code that the device shows")}</label>
                    <input id="user_code" name="user_code" autocomplete="off" autocapitalize="characters" required maxlength="20" />
                    <button class="button">{t("Go on")}</button>
                </form>
            </section>
        }
    };
    render(&app.assets, page(user), body)
}

/// What became of a device.
pub fn device_result(app: &AppState, user: &AuthenticatedUser, words: &'static str) -> Response {
    let body = move || {
        view! {
            <h1>{t("Connect a device")}</h1>
            <p class="success" role="status">{words}</p>
            <p><a href=paths::SETTINGS>{t("Settings")}</a>{t(" lists what is connected.")}</p>
        }
    };
    render(&app.assets, page(user), body)
}
