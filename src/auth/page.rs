//! The pages to sign in and to sign up: plain HTML; the only script fills in the time zone.

use axum::{
    extract::{Request, State},
    http::HeaderMap,
    response::{IntoResponse, Redirect, Response},
};
use leptos::prelude::*;

use super::{
    browser_session,
    page_user::with_forgetting,
    passkeys::{SIGN_IN_FORM, passkey_button},
    sign_in_with_identity_then,
    views::{name_field, new_password_field, time_zone_of_browser},
};
use crate::ui::{
    error_page::PageError,
    field::Field,
    forms::{Answer, Form, FormErrors},
    shell::{Page, render},
};
use tallyboard_core::{
    app::AppState,
    auth::{Needs, current_user, relying_party},
};
use tallyboard_model::{
    auth::Credentials,
    error::Code,
    language::{t, t_with, text},
    paths,
};

/// `/signin`
pub async fn sign_in(State(app): State<AppState>, errors: FormErrors, request: Request) -> Response {
    let is_over = match current_user(&app, request.method(), request.headers(), Needs::SignIn).await {
        Ok(_) => return Redirect::to(paths::DASHBOARD).into_response(),
        // Not while the database is away.
        Err(error) => error.code == Code::Unauthorized,
    };
    let provider = app.identity_provider.as_ref().map(|provider| provider.name().to_owned());
    let (allow_signup, sends_mail) = (app.config.auth.allow_signup, app.mail.is_some());
    let has_passkeys = relying_party(&app, request.headers()).is_ok();
    let page = Page { title: text("Sign in"), ..Page::default() };
    let response = render(&app.assets, page, move || {
        view! {
            <section class="card form-card">
                <h1>{t("Sign in")}</h1>
                <p class="hint">{t("One board for your tasks, your team and your assistants.")}</p>
                {errors.input("reset").map(|_| view! {
                    <p class="success" role="status">{t("Your password is changed, and everything else is signed out. Sign in with it.")}</p>
                })}
                {errors.message()}
                <form method="post">
                    <input type="hidden" name="form" value="sign_in" />
                    <input type="hidden" name="next" value=errors.input("next").unwrap_or_default() />
                    <Field name="email" label=t("Email") kind="email" autocomplete="username" value=errors.input("email") />
                    <Field name="password" label=t("Password") kind="password" autocomplete="current-password" />
                    <button class="button">{t("Sign in")}</button>
                </form>
                {has_passkeys.then(|| passkey_button(errors.input("next")))}
                {provider.map(|name| {
                    let href = sign_in_with_identity_then(&errors.input("next").unwrap_or_default());
                    view! { <p><a class="quiet" href=href>{t_with("Sign in with {name}", &[("name", &name)])}</a></p> }
                })}
                {sends_mail.then(|| view! { <p><a href=paths::FORGOT_PASSWORD>{t("Forgot your password?")}</a></p> })}
                {allow_signup.then(|| view! { <p>{t("New here? ")} <a href=paths::SIGN_UP>{t("Create account")}</a></p> })}
            </section>
        }
    });
    if is_over { with_forgetting(&app, request.headers(), response) } else { response }
}

/// `POST /signin`: signs in with a password or a passkey, and leads to the page `next`.
pub async fn submit_sign_in(State(app): State<AppState>, headers: HeaderMap, form: Form) -> Answer {
    if form.name() == SIGN_IN_FORM {
        return Ok(browser_session::begin_with_passkey(&app, &headers, &form).await?);
    }
    let credentials = Credentials { email: form.text("email"), password: form.text("password"), code: None };
    Ok(browser_session::begin(&app, &headers, credentials, &browser_session::next_page(&form)).await?)
}

/// `POST /signout`. Somebody whose session has ended already needs only the cookie deleted.
pub async fn sign_out(State(app): State<AppState>, _: Form, request: Request) -> Result<Response, PageError> {
    if let Ok(user) = current_user(&app, request.method(), request.headers(), Needs::SignIn).await {
        app.auth.sign_out(&user).await?;
    }
    Ok(browser_session::end(&app))
}

/// `/signup`
pub async fn sign_up(State(app): State<AppState>, errors: FormErrors, request: Request) -> Response {
    if current_user(&app, request.method(), request.headers(), Needs::SignIn).await.is_ok() {
        return Redirect::to(paths::DASHBOARD).into_response();
    }
    let page = Page { title: text("Create account"), ..Page::default() };
    render(&app.assets, page, move || {
        view! {
            <section class="card form-card">
                <h1>{t("Create account")}</h1>
                {errors.headline()}
                {sign_up_form(&errors, None)}
                <p>{t("Have an account? ")} <a href=paths::SIGN_IN>{t("Sign in")}</a></p>
            </section>
        }
    })
}

/// `POST /signup`
pub async fn submit_sign_up(State(app): State<AppState>, headers: HeaderMap, form: Form) -> Answer {
    Ok(browser_session::sign_up(&app, &headers, &form).await?)
}

/// The form for a new account, of somebody with an invitation or without one.
pub fn sign_up_form(errors: &FormErrors, invitation: Option<String>) -> impl IntoView + use<> {
    view! {
        <form method="post">
            <input type="hidden" name="form" value="sign_up" />
            {name_field(None, errors)}
            <Field
                name="email"
                label=t("Email")
                kind="email"
                autocomplete="username"
                value=errors.input("email")
                error=errors.field("email")
            />
            {new_password_field("password", t("Password"), errors)}
            {time_zone_of_browser()}
            {invitation.map(|secret| view! { <input type="hidden" name="invitation" value=secret /> })}
            <button class="button">{t("Create account")}</button>
        </form>
    }
}
