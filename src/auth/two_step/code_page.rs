//! The page that asks for the code, after the password was right: plain HTML.

use axum::{
    extract::{Request, State},
    http::HeaderMap,
    response::Response,
};
use leptos::prelude::*;

use crate::{
    auth::{
        browser_session,
        passkeys::{SIGN_IN_FORM, passkey_button},
    },
    ui::{
        field::Field,
        forms::{Answer, Form, FormErrors},
        shell::{Page, render},
    },
};
use tallyboard_core::{app::AppState, auth::relying_party};
use tallyboard_model::{
    language::{t, text},
    paths,
};

/// `/signin/code?challenge=…`
pub async fn code(State(app): State<AppState>, errors: FormErrors, request: Request) -> Response {
    let has_passkeys = relying_party(&app, request.headers()).is_ok();
    let page = Page { title: text("Sign in"), ..Page::default() };
    render(&app.assets, page, move || {
        let input = |name| errors.input(name).unwrap_or_default();
        view! {
            <section class="card form-card">
                <h1>{t("The second step")}</h1>
                <p class="hint">{t("Enter the code your app shows now, or an unused recovery code.")}</p>
                {errors.headline()}
                <form method="post">
                    <input type="hidden" name="form" value="sign_in_with_code" />
                    <input type="hidden" name="challenge" value=input("challenge") />
                    <input type="hidden" name="next" value=input("next") />
                    <Field name="code" label=t("Code") autocomplete="one-time-code" error=errors.field("code") />
                    <button class="button">{t("Sign in")}</button>
                </form>
                {has_passkeys.then(|| passkey_button(errors.input("next")))}
                <p><a href=paths::SIGN_IN>{t("Start over")}</a></p>
            </section>
        }
    })
}

/// `POST /signin/code`
pub async fn submit(State(app): State<AppState>, headers: HeaderMap, form: Form) -> Answer {
    Ok(if form.name() == SIGN_IN_FORM {
        browser_session::begin_with_passkey(&app, &headers, &form).await?
    } else {
        browser_session::begin_with_code(&app, &headers, &form).await?
    })
}
