//! The views for approving or declining an app.

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

fn page(app: &AppState, user: &AuthenticatedUser) -> Page {
    Page::of(app, user, "Connect an app")
}

/// The scopes an app requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestedAccess {
    /// To read.
    Read,
    /// To read and to change.
    Write,
    /// The app doesn't say: the person chooses.
    Either,
}

impl RequestedAccess {
    /// A description of these scopes; `is_open` if the app requests none.
    pub fn of(scope: &ScopeSet, is_open: bool, client: &KnownClient) -> Self {
        match (is_open && client.may_write, scope_name(scope)) {
            (true, _) => Self::Either,
            (false, "write") => Self::Write,
            (false, _) => Self::Read,
        }
    }
}

/// The form of the consent page.
pub struct ConsentForm {
    /// Which question it answers.
    pub nonce: String,
    /// The code on the device, for device requests.
    pub device_code: Option<String>,
    /// What the app wants to do.
    pub asks: RequestedAccess,
    /// A description of where the answer leads.
    pub leads: String,
    /// Why the answer before was rejected.
    pub errors: FormErrors,
}

/// The consent page.
pub fn consent(app: &AppState, user: &AuthenticatedUser, client: KnownClient, form: ConsentForm) -> Response {
    let ConsentForm { nonce, device_code, asks, leads, errors } = form;
    let who = match &client.host {
        Some(host) => {
            t_with("{host} provides this information. We verified that the app belongs to it.", &[("host", &host)])
        }
        None => {
            t("The app chose this name itself, and nobody has verified it. Only approve if you started this yourself.")
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
                {device_code.map(|code| view! {
                    <p>{t("Check that the device shows this code:")}" "<strong class="device-code">{code}</strong></p>
                })}
                {(asks != RequestedAccess::Either).then(|| rights(asks))}
                <p>{t("It can't access your password or account. After 30 days without use, it has to ask again.")}</p>
                <p class="hint">{leads}</p>
                <form method="post" class="question">
                    <input type="hidden" name="nonce" value=nonce />
                    {(asks == RequestedAccess::Either).then(|| choices(&errors))}
                    {needs_password.then(|| password_again("password", &errors))}
                    <button class="button" name="decision" value="allow">{t("Connect")}</button>
                    <button class="button" name="decision" value="deny" formnovalidate>{t("No")}</button>
                </form>
            </section>
        }
    };
    render(&app.assets, page(app, user), body)
}

/// What the app could do.
fn rights(asks: RequestedAccess) -> impl IntoView {
    view! {
        <p>{t("Until you revoke it in Settings, it can use your permissions to:")}</p>
        <ul>
            <li>{t("read your tasks, your teams' tasks and members, tasks shared with you, and your statistics;")}</li>
            {(asks == RequestedAccess::Write).then(|| view! {
                <li>{t("create, change, complete, delete and share tasks, and save messages in Chat.")}</li>
            })}
        </ul>
    }
}

/// The choices for an app that doesn't request scopes, the least first.
fn choices(errors: &FormErrors) -> impl IntoView + use<> {
    let chosen = if errors.input("scope").as_deref() == Some("write") { "write" } else { "read" };
    let choice = move |value: &'static str, words: &'static str| {
        view! {
            <label>
                <input type="radio" name="scope" value=value checked=value == chosen />
                {words}
            </label>
        }
    };
    view! {
        <fieldset class="choices">
            <legend>{t("What may it do with your permissions, until you revoke it in Settings?")}</legend>
            {choice("read", t("Read only: your tasks, your teams' tasks and members, tasks shared with you, and your statistics"))}
            {choice("write", t("Read and write: also create, change, complete, delete and share tasks, and save messages in Chat"))}
        </fieldset>
    }
}

/// Where the code that a device shows is typed.
pub fn device_form(app: &AppState, user: &AuthenticatedUser, why: Option<&'static str>) -> Response {
    let body = move || {
        view! {
            <h1>{t("Connect a device")}</h1>
            {why.map(|why| view! { <p class="alert" role="alert">{why}</p> })}
            <section class="card consent">
                <form method="get" action=DEVICE>
                    <label for="user_code">{t("Code shown on the device")}</label>
                    <input id="user_code" name="user_code" autocomplete="off" autocapitalize="characters" required maxlength="20" />
                    <button class="button">{t("Continue")}</button>
                </form>
            </section>
        }
    };
    render(&app.assets, page(app, user), body)
}

/// The outcome for a device.
pub fn device_result(app: &AppState, user: &AuthenticatedUser, words: &'static str) -> Response {
    let body = move || {
        view! {
            <h1>{t("Connect a device")}</h1>
            <p class="success" role="status">{words}</p>
            <p><a href=paths::SETTINGS>{t("Settings")}</a>{t(" lists connected apps.")}</p>
        }
    };
    render(&app.assets, page(app, user), body)
}
