//! Begins and ends the session of a browser, from within a server function.

use axum::http::{HeaderName, HeaderValue, header, request::Parts};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;

use super::page_user::server_fn_context;
use tallyboard_core::{
    app::AppState,
    auth::{
        attempts, cookie,
        oidc::browser_state::{self, PendingConnection},
        passkeys::PasskeySignIn,
        sign_in::SignIn,
    },
};
use tallyboard_db::now;
use tallyboard_model::{
    auth::{Credentials, NewUser, SignedIn},
    error::{Error, Result},
    language::{self, LanguageChoice},
};

/// Checks the credentials, begins a session and sets its cookie. Answers a challenge instead when a code is needed.
pub async fn begin(app: &AppState, parts: &Parts, credentials: Credentials) -> Result<Option<String>> {
    match attempts::sign_in(app, credentials, &parts.headers).await? {
        SignIn::Done(signed_in) => store(app, &signed_in).map(|()| None),
        SignIn::CodeNeeded(user) => app.auth.challenge(user).map(Some),
    }
}

/// Checks the code that belongs to a challenge, begins a session and sets its cookie.
pub async fn begin_with_code(app: &AppState, parts: &Parts, challenge: &str, code: &str) -> Result<()> {
    store(app, &attempts::sign_in_with_code(app, challenge, code, &parts.headers).await?)
}

/// Checks what a passkey has signed, begins a session and sets its cookie.
pub async fn begin_with_passkey(app: &AppState, parts: &Parts, sign_in: PasskeySignIn) -> Result<()> {
    store(app, &attempts::sign_in_with_passkey(app, sign_in, &parts.headers).await?)
}

/// Signs in somebody whom the provider has signed in, with the password of their account here, and connects the two.
/// Answers the page to show.
pub async fn connect_identity(app: &AppState, parts: &Parts, password: String, code: Option<String>) -> Result<String> {
    let PendingConnection { identity, email, next, .. } = browser_state::pending_connection(app, &parts.headers)?;
    let credentials = Credentials { email, password, code };
    store(app, &attempts::connect_identity(app, credentials, &identity, &parts.headers).await?)?;
    set_cookie(&browser_state::clear(app))?;
    Ok(next)
}

/// Creates the account of somebody whom the provider has signed in, and signs in. Answers the page to show.
pub async fn sign_up_with_identity(
    app: &AppState,
    parts: &Parts,
    name: String,
    password: String,
    time_zone: Option<String>,
) -> Result<String> {
    let PendingConnection { identity, email, next, .. } = browser_state::pending_connection(app, &parts.headers)?;
    let credentials = Credentials { email: email.clone(), password: password.clone(), code: None };
    let language = Some(LanguageChoice::of(language::current()));
    let new = NewUser { name, email, password, time_zone, language, invitation: None };
    attempts::sign_up_with_identity(app, new, identity).await?;
    begin(app, parts, credentials).await?;
    set_cookie(&browser_state::clear(app))?;
    Ok(next)
}

fn store(app: &AppState, signed_in: &SignedIn) -> Result<()> {
    set_cookie(&cookie::store(&app.config.server, &signed_in.access_token, now(), signed_in.expires_at))
}

/// Deletes the cookie.
pub fn end() -> Result<()> {
    let (app, _) = server_fn_context()?;
    set_cookie(&cookie::clear(&app.config.server))
}

/// Deletes the cookie and all that the browser has kept of this site.
pub fn forget_everything() -> Result<()> {
    let (app, _) = server_fn_context()?;
    cookie::forget_everything(&app.config.server).into_iter().try_for_each(|(name, value)| append_header(name, &value))
}

fn set_cookie(cookie: &str) -> Result<()> {
    append_header(header::SET_COOKIE, cookie)
}

fn append_header(name: HeaderName, value: &str) -> Result<()> {
    let response =
        use_context::<ResponseOptions>().ok_or_else(|| Error::internal("there is no response to set a header in"))?;
    response.append_header(name, HeaderValue::from_str(value).map_err(Error::internal)?);
    Ok(())
}
