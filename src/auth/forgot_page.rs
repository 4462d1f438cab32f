//! The forgotten-password page: plain HTML.

use axum::{extract::State, response::Response};
use leptos::prelude::*;

use crate::ui::{
    field::Field,
    forms::{Answer, Form, FormErrors, see_other},
    shell::{Page, render},
};
use tallyboard_core::{app::AppState, auth::attempts};
use tallyboard_model::{
    language::{t, text},
    paths,
};

/// `/forgot-password`
pub async fn forgot_password(State(app): State<AppState>, errors: FormErrors) -> Response {
    let page = Page { title: text("Forgot your password?"), ..Page::default() };
    let sends_mail = app.mail.is_some();
    render(&app.assets, page, move || {
        view! {
            <section class="card form-card">
                <h1>{t("Forgot your password?")}</h1>
                {if !sends_mail {
                    view! { <p>{t("This server doesn't send email. Ask an administrator for a password reset link.")}</p> }.into_any()
                } else if errors.input("sent").is_some() {
                    view! {
                        <p class="success" role="status">{t("If there is an account with this address, a mail with a link is on its way.")}</p>
                        <p class="hint">{t("The link is valid for an hour. Check your spam folder too.")}</p>
                    }
                    .into_any()
                } else {
                    view! {
                        <p class="hint">{t("We'll email you a link to choose a new one.")}</p>
                        {errors.headline()}
                        <form method="post">
                            <input type="hidden" name="form" value="forgot_password" />
                            <Field
                                name="email"
                                label=t("Email")
                                kind="email"
                                autocomplete="username"
                                value=errors.input("email")
                                error=errors.field("email")
                            />
                            <button class="button">{t("Send the mail")}</button>
                        </form>
                    }
                    .into_any()
                }}
                <p><a href=paths::SIGN_IN>{t("Sign in")}</a></p>
            </section>
        }
    })
}

/// `POST /forgot-password`: mails a link to choose a new password, if there is an account with this address.
pub async fn submit(State(app): State<AppState>, form: Form) -> Answer {
    attempts::mail_password_link(&app, &form.text("email"))?;
    Ok(see_other(paths::FORGOT_PASSWORD_SENT))
}
