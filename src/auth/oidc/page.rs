//! `/signin/connect`: connects an identity of the provider with an account, once: an account that exists by its password,
//! and a new one with its own password, which confirms what opens the account to others.

use axum::{
    extract::{Request, State},
    http::HeaderMap,
    response::Response,
};
use leptos::prelude::*;

use crate::{
    auth::{
        browser_session,
        views::{name_field, new_password_field, time_zone_of_browser},
    },
    ui::{
        error_page::PageError,
        field::Field,
        forms::{Answer, Form, FormErrors},
        shell::{Page, render},
    },
};
use tallyboard_core::{app::AppState, auth::oidc::browser_state::pending_connection};
use tallyboard_model::{
    error::Error,
    language::{t, t_with, text},
    paths,
};

/// `GET /signin/connect`
pub async fn connect(State(app): State<AppState>, errors: FormErrors, request: Request) -> Result<Response, PageError> {
    let found = pending_connection(&app, request.headers())?;
    let provider = app.identity_provider.as_ref().ok_or_else(|| Error::not_found("Page"))?;
    let name = provider.name().to_owned();
    let page = Page { title: text("Sign in"), ..Page::default() };
    if app.auth.has_account(&found.email).await? {
        let body = move || existing(&name, &found.email, &errors);
        return Ok(render(&app.assets, page, body));
    }
    if !provider.allows_sign_up() {
        let error = Error::forbidden("No account uses your email address, and sign-up is closed");
        return Err(error.detail("Ask an administrator of this server.").into());
    }
    let body = move || new_account(&name, &found.email, found.name, &errors);
    Ok(render(&app.assets, page, body))
}

/// `POST /signin/connect`
pub async fn submit(State(app): State<AppState>, headers: HeaderMap, form: Form) -> Answer {
    match form.name() {
        "connect_identity" => Ok(browser_session::connect_identity(&app, &headers, &form).await?),
        "sign_up_with_identity" => Ok(browser_session::sign_up_with_identity(&app, &headers, &form).await?),
        _ => Err(form.unknown()),
    }
}

fn existing(provider: &str, email: &str, errors: &FormErrors) -> impl IntoView + use<> {
    view! {
        <section class="card form-card">
            <h1>{t_with("Connect {provider}", &[("provider", &provider)])}</h1>
            <p>{t("An account already exists for ")}<strong>{email.to_owned()}</strong>{t(". Enter its password once; after that, ")}
                {provider.to_owned()}{t(" signs you in.")}</p>
            {errors.headline()}
            <form method="post">
                <input type="hidden" name="form" value="connect_identity" />
                <Field
                    name="password"
                    label=t("Password of the account here")
                    kind="password"
                    autocomplete="current-password"
                    error=errors.field("password")
                />
                <Field
                    name="code"
                    label=t("Code, if your account uses two-step sign-in")
                    autocomplete="one-time-code"
                    optional=true
                    error=errors.field("code")
                />
                <button class="button">{t("Connect and sign in")}</button>
            </form>
            <p><a href=paths::SIGN_IN>{t("Sign in another way")}</a></p>
        </section>
    }
}

fn new_account(provider: &str, email: &str, name: Option<String>, errors: &FormErrors) -> impl IntoView + use<> {
    view! {
        <section class="card form-card">
            <h1>{t("Create account")}</h1>
            <p>{provider.to_owned()}{t(" signs you in as ")}<strong>{email.to_owned()}</strong>{t(". Set a password to confirm sensitive changes, and to sign in when ")}{provider.to_owned()}{t(" is unavailable.")}</p>
            {errors.headline()}
            <form method="post">
                <input type="hidden" name="form" value="sign_up_with_identity" />
                {name_field(name, errors)}
                {new_password_field("password", t("Password"), errors)}
                {time_zone_of_browser()}
                <button class="button">{t("Create account")}</button>
            </form>
        </section>
    }
}
