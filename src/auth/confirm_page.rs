//! The page to confirm an email address by a link. Programs that look at the links of mails open it, too: only the button
//! confirms.

use axum::{extract::State, response::Response};
use leptos::prelude::*;

use crate::ui::{
    error_page::PageError,
    forms::{Answer, Form, FormErrors, see_other},
    shell::{Page, render},
};
use tallyboard_core::app::AppState;
use tallyboard_model::{
    language::{t, text},
    paths,
};

/// `/confirm-email?token=…`
pub async fn confirm_email(State(app): State<AppState>, errors: FormErrors) -> Result<Response, PageError> {
    let page = Page { title: text("Confirm your email address"), ..Page::default() };
    if errors.input("confirmed").is_some() {
        return Ok(render(&app.assets, page, confirmed));
    }
    let token = errors.input("token").unwrap_or_default();
    let address = app.auth.linked_address(&token).await?;
    if address.is_confirmed {
        return Ok(render(&app.assets, page, confirmed));
    }
    let body = move || {
        view! {
            <section class="card form-card">
                <h1>{t("Confirm your email address")}</h1>
                <p><strong translate="no">{address.email}</strong></p>
                {errors.headline()}
                <form method="post">
                    <input type="hidden" name="form" value="confirm_email" />
                    <input type="hidden" name="token" value=token />
                    <button class="button">{t("Confirm the address")}</button>
                </form>
            </section>
        }
    };
    Ok(render(&app.assets, page, body))
}

/// `POST /confirm-email`: works signed out, too.
pub async fn submit(State(app): State<AppState>, form: Form) -> Answer {
    app.auth.confirm_address(&form.text("token")).await?;
    Ok(see_other(paths::EMAIL_CONFIRMED))
}

fn confirmed() -> impl IntoView {
    view! {
        <section class="card form-card">
            <h1>{t("Confirm your email address")}</h1>
            <p class="success" role="status">{t("Your email address is confirmed. Others can find you by it now.")}</p>
            <p><a href=paths::DASHBOARD>{t("Open Tallyboard")}</a></p>
        </section>
    }
}
