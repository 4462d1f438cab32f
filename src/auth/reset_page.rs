//! The page to choose a password by a link: plain HTML.

use axum::{extract::State, response::Response};
use leptos::prelude::*;

use super::{browser_session::forget_everything, views::new_password_field};
use crate::ui::{
    error_page::PageError,
    forms::{Answer, Form, FormErrors},
    shell::{Page, render},
};
use tallyboard_core::{app::AppState, auth::attempts};
use tallyboard_model::{
    language::{t, text},
    paths,
};

/// `/reset-password?token=…`
pub async fn reset_password(State(app): State<AppState>, errors: FormErrors) -> Result<Response, PageError> {
    let secret = errors.input("token").unwrap_or_default();
    let (email, name) = app.auth.account_of_link(&secret).await?;
    let page = Page { title: text("Choose a password"), ..Page::default() };
    let body = move || {
        view! {
            <section class="card form-card">
                <h1>{t("Choose a password")}</h1>
                <p class="hint">{t("For the account of ")}{name}{t(". This signs out everything else: sessions, personal tokens, connected apps, passkeys, linked sign-ins and the calendar link. Two-step sign-in stays on.")}</p>
                {errors.headline()}
                <form method="post">
                    <input type="hidden" name="form" value="reset_password" />
                    <input type="hidden" name="token" value=secret />
                    // A password manager then knows whose password it is.
                    <div class="field">
                        <label for="email">{t("Email")}</label>
                        <input id="email" type="email" autocomplete="username" value=email readonly />
                    </div>
                    {new_password_field("new_password", t("New password"), &errors)}
                    <button class="button">{t("Set the password")}</button>
                </form>
            </section>
        }
    };
    Ok(render(&app.assets, page, body))
}

/// `POST /reset-password`: sets the password, and leads to the page to sign in.
pub async fn submit(State(app): State<AppState>, form: Form) -> Answer {
    attempts::reset_password(&app, &form.text("token"), form.text("new_password")).await?;
    Ok(forget_everything(&app, paths::SIGN_IN_AGAIN))
}
