//! What the browser keeps of a sign-in at the provider, in a signed cookie: first what has to come back from there, then
//! who has signed in, until their account is known.

use axum::http::HeaderMap;
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::{Identity, provider::SignInSecrets};
use crate::{
    app::AppState,
    auth::{cookie, signed_state::SignedState},
};
use tallyboard_model::error::{Error, Result};

/// The name of the cookie.
const COOKIE: &str = "identity";
/// The time limit for signing in at the provider, and for the password afterwards.
const VALID_FOR: TimeDelta = TimeDelta::minutes(10);

/// A sign-in at the provider that is under way.
#[derive(Debug, Serialize, Deserialize)]
pub struct PendingSignIn {
    /// The values that must come back from there.
    pub secrets: SignInSecrets,
    /// The page to go to afterwards.
    pub next: String,
}

/// Somebody signed in by the provider whose identity isn't connected to an account here.
#[derive(Debug, Serialize, Deserialize)]
pub struct PendingConnection {
    /// Their account there.
    pub identity: Identity,
    /// Their email address, which the provider has verified.
    pub email: String,
    /// Their name there.
    pub name: Option<String>,
    /// The page to go to afterwards.
    pub next: String,
}

impl SignedState for PendingSignIn {
    const KIND: &str = "identity-sign-in";
    const VALID_FOR: TimeDelta = VALID_FOR;
}

impl SignedState for PendingConnection {
    const KIND: &str = "identity-connecting";
    const VALID_FOR: TimeDelta = VALID_FOR;
}

/// A `Set-Cookie` value with the state.
pub fn store<T: SignedState>(app: &AppState, state: &T) -> Result<String> {
    Ok(cookie::build(&app.config.server, COOKIE, &app.auth.sign_state(state)?, VALID_FOR.num_seconds()))
}

/// A `Set-Cookie` value without the state.
pub fn clear(app: &AppState) -> String {
    cookie::build(&app.config.server, COOKIE, "", 0)
}

/// The state in the cookie of a request; `None` when there is none, or it is too old.
pub fn read<T: SignedState>(app: &AppState, headers: &HeaderMap) -> Option<T> {
    app.auth.read_state(cookie::value(&app.config.server, COOKIE, headers)?)
}

/// Who is connecting an account.
///
/// # Errors
/// 401 when nobody is, or too much time has passed.
pub fn pending_connection(app: &AppState, headers: &HeaderMap) -> Result<PendingConnection> {
    read(app, headers).ok_or_else(|| Error::unauthorized("Start over").detail("It took longer than ten minutes."))
}
