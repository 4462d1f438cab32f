//! The answers that begin and end the session of a browser.

use axum::{
    http::{HeaderMap, header},
    response::{AppendHeaders, IntoResponse, Response},
};

use super::page_user::sign_in_code_then;
use crate::ui::forms::{Form, see_other};
use tallyboard_base::local_path::local_path_or_dashboard;
use tallyboard_core::{
    app::AppState,
    auth::{
        attempts, cookie,
        oidc::browser_state::{self, PendingConnection},
        passkeys::{PasskeySignIn, credential_of_form},
        sign_in::SignIn,
        sign_up::known_time_zone,
    },
};
use tallyboard_db::now;
use tallyboard_model::{
    auth::{Credentials, NewUser, SignedIn},
    error::Result,
    language::{self, LanguageChoice},
    paths,
};

/// The page of this site that a form leads to after a sign-in, or the dashboard.
pub fn next_page(form: &Form) -> String {
    local_path_or_dashboard(form.option("next"))
}

/// Checks the credentials, begins a session and leads to the page `next`; first to the page that asks for a code, where the
/// account needs one.
pub async fn begin(app: &AppState, headers: &HeaderMap, credentials: Credentials, next: &str) -> Result<Response> {
    match attempts::sign_in(app, credentials, headers).await? {
        SignIn::Done(signed_in) => Ok(signed_in_to(app, &signed_in, next)),
        SignIn::CodeNeeded(user) => Ok(see_other(&sign_in_code_then(&app.auth.challenge(user)?, next))),
    }
}

/// Checks the code that belongs to a challenge, and begins a session.
pub async fn begin_with_code(app: &AppState, headers: &HeaderMap, form: &Form) -> Result<Response> {
    let signed_in = attempts::sign_in_with_code(app, &form.text("challenge"), &form.text("code"), headers).await?;
    Ok(signed_in_to(app, &signed_in, &next_page(form)))
}

/// Checks what a passkey has signed, and begins a session.
pub async fn begin_with_passkey(app: &AppState, headers: &HeaderMap, form: &Form) -> Result<Response> {
    let credential = credential_of_form(&form.text("credential"))?;
    let sign_in = PasskeySignIn { state: form.text("state"), credential };
    let signed_in = attempts::sign_in_with_passkey(app, sign_in, headers).await?;
    Ok(signed_in_to(app, &signed_in, &next_page(form)))
}

/// Creates an account and signs in; with the secret of an invitation, the account is in its team.
pub async fn sign_up(app: &AppState, headers: &HeaderMap, form: &Form) -> Result<Response> {
    let new = NewUser { email: form.text("email"), invitation: form.option("invitation"), ..new_user(form) };
    let credentials = Credentials { email: new.email.clone(), password: new.password.clone(), code: None };
    let next = if new.invitation.is_some() { paths::TEAMS } else { paths::DASHBOARD };
    attempts::sign_up(app, new).await?;
    begin(app, headers, credentials, next).await
}

/// Signs in somebody whom the provider has signed in, with the password of their account here, and connects the two.
pub async fn connect_identity(app: &AppState, headers: &HeaderMap, form: &Form) -> Result<Response> {
    let PendingConnection { identity, email, next, .. } = browser_state::pending_connection(app, headers)?;
    let credentials = Credentials { email, password: form.text("password"), code: form.option("code") };
    let signed_in = attempts::connect_identity(app, credentials, &identity, headers).await?;
    Ok(connected(app, signed_in_to(app, &signed_in, &next)))
}

/// Creates the account of somebody whom the provider has signed in, and signs in.
pub async fn sign_up_with_identity(app: &AppState, headers: &HeaderMap, form: &Form) -> Result<Response> {
    let PendingConnection { identity, email, next, .. } = browser_state::pending_connection(app, headers)?;
    let credentials = Credentials { email: email.clone(), password: form.text("password"), code: None };
    attempts::sign_up_with_identity(app, NewUser { email, ..new_user(form) }, identity).await?;
    Ok(connected(app, begin(app, headers, credentials, &next).await?))
}

fn new_user(form: &Form) -> NewUser {
    NewUser {
        name: form.text("name"),
        email: String::new(),
        password: form.text("password"),
        time_zone: known_time_zone(form.option("time_zone")),
        language: Some(LanguageChoice::of(language::current())),
        invitation: None,
    }
}

fn connected(app: &AppState, response: Response) -> Response {
    (AppendHeaders([(header::SET_COOKIE, browser_state::clear(app))]), response).into_response()
}

fn signed_in_to(app: &AppState, signed_in: &SignedIn, next: &str) -> Response {
    let cookie = cookie::store(&app.config.server, &signed_in.access_token, now(), signed_in.expires_at);
    (AppendHeaders([(header::SET_COOKIE, cookie)]), see_other(next)).into_response()
}

/// Deletes the cookie.
pub fn end(app: &AppState) -> Response {
    (AppendHeaders([(header::SET_COOKIE, cookie::clear(&app.config.server))]), see_other(paths::SIGN_IN))
        .into_response()
}

/// Deletes the cookie and all that the browser has kept of this site.
pub fn forget_everything(app: &AppState, next: &str) -> Response {
    (AppendHeaders(cookie::forget_everything(&app.config.server)), see_other(next)).into_response()
}
