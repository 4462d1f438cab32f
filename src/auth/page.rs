//! The pages to sign in and to sign up: plain HTML; the only script fills in the time zone.

use axum::{
    extract::{Request, State},
    response::{IntoResponse, Redirect, Response},
};
use leptos::prelude::*;

use super::{
    Needs, current_user, sign_in_with_identity_then,
    views::{name_field, new_password_field, time_zone_of_browser},
};
use crate::{
    app::AppState,
    paths,
    ui::{
        field::Field,
        forms::FormErrors,
        shell::{Page, render},
    },
};

/// `/signin`
pub async fn sign_in(State(app): State<AppState>, errors: FormErrors, request: Request) -> Response {
    if current_user(&app, request.method(), request.headers(), Needs::SignIn).await.is_ok() {
        return Redirect::to(paths::DASHBOARD).into_response();
    }
    let provider = app.identity_provider.as_ref().map(|provider| provider.name().to_owned());
    let (allow_signup, sends_mail) = (app.config.auth.allow_signup, app.mail.is_some());
    let page = Page { title: "Sign in", ..Page::default() };
    render(&app.assets, request, page, move || {
        view! {
            <section class="card form-card">
                <h1>"Sign in"</h1>
                <p class="hint">"One board for your tasks, your team and your assistants."</p>
                {errors.input("reset").map(|_| view! {
                    <p class="success" role="status">"Your password is changed. Sign in with it."</p>
                })}
                {errors.message()}
                <form method="post" action="/api/ui/sign_in">
                    <input type="hidden" name="next" value=errors.input("next").unwrap_or_default() />
                    <Field name="email" label="Email" kind="email" autocomplete="username" value=errors.input("email") />
                    <Field name="password" label="Password" kind="password" autocomplete="current-password" />
                    <button class="button">"Sign in"</button>
                </form>
                {provider.clone().map(|name| {
                    let href = sign_in_with_identity_then(&errors.input("next").unwrap_or_default());
                    view! { <p><a class="quiet" href=href>{format!("Sign in with {name}")}</a></p> }
                })}
                {sends_mail.then(|| view! { <p><a href=paths::FORGOT_PASSWORD>"Forgot your password?"</a></p> })}
                {allow_signup.then(|| view! { <p>"New here? " <a href=paths::SIGN_UP>"Make an account"</a></p> })}
            </section>
        }
    })
    .await
}

/// `/signup`
pub async fn sign_up(State(app): State<AppState>, errors: FormErrors, request: Request) -> Response {
    if current_user(&app, request.method(), request.headers(), Needs::SignIn).await.is_ok() {
        return Redirect::to(paths::DASHBOARD).into_response();
    }
    let page = Page { title: "Make an account", ..Page::default() };
    render(&app.assets, request, page, move || {
        view! {
            <section class="card form-card">
                <h1>"Make an account"</h1>
                {errors.headline()}
                {sign_up_form(&errors, None)}
                <p>"Have an account? " <a href=paths::SIGN_IN>"Sign in"</a></p>
            </section>
        }
    })
    .await
}

/// The form for a new account, of somebody with an invitation or without one.
pub fn sign_up_form(errors: &FormErrors, invitation: Option<String>) -> impl IntoView + use<> {
    view! {
        <form method="post" action="/api/ui/sign_up">
            {name_field(None, errors)}
            <Field
                name="email"
                label="Email"
                kind="email"
                autocomplete="username"
                value=errors.input("email")
                error=errors.field("email")
            />
            {new_password_field("password", "Password", errors)}
            {time_zone_of_browser()}
            {invitation.map(|secret| view! { <input type="hidden" name="invitation" value=secret /> })}
            <button class="button">"Make the account"</button>
        </form>
    }
}
