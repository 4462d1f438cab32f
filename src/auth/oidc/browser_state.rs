//! What the browser keeps of a sign-in at the provider, in a signed cookie: first what has to come back from there, then
//! who has signed in, until their account is known.

use axum::http::HeaderMap;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{Identity, provider::SignInSecrets};
use crate::{
    app::AppState,
    auth::cookie,
    db::now,
    error::{Error, Result},
};

/// The name of the cookie.
const COOKIE: &str = "identity";
/// How long somebody has at the provider, and for their password afterwards.
const LENGTH: TimeDelta = TimeDelta::minutes(10);

/// A sign-in at the provider that is under way.
#[derive(Debug, Serialize, Deserialize)]
pub struct SignInUnderWay {
    /// What has to come back from there.
    pub secrets: SignInSecrets,
    /// Where to go then.
    pub next: String,
}

/// Somebody whom the provider has signed in, and who has no account that is connected with theirs there.
#[derive(Debug, Serialize, Deserialize)]
pub struct PendingConnection {
    /// Their account there.
    pub identity: Identity,
    /// Their email address, which the provider has verified.
    pub email: String,
    /// Their name there.
    pub name: Option<String>,
    /// Where to go then.
    pub next: String,
}

/// One of the two kinds of state: what is signed names it, so that one is not taken for the other.
pub trait BrowserState: Serialize + DeserializeOwned {
    /// The name of the kind.
    const KIND: &str;
}

impl BrowserState for SignInUnderWay {
    const KIND: &str = "identity-sign-in";
}

impl BrowserState for PendingConnection {
    const KIND: &str = "identity-connecting";
}

fn signed_text(kind: &str, text: &str) -> String {
    format!("{kind}:{text}")
}

/// A `Set-Cookie` value with the state.
pub fn store<T: BrowserState>(app: &AppState, state: &T) -> Result<String> {
    let expires = (now() + LENGTH).timestamp();
    let json = serde_json::to_vec(&(expires, state)).map_err(Error::internal)?;
    let text = BASE64_URL_SAFE_NO_PAD.encode(json);
    let signature = app.auth.sign_text(&signed_text(T::KIND, &text));
    let value = format!("{text}.{signature}");
    Ok(cookie::build(&app.config.server, COOKIE, &value, LENGTH.num_seconds()))
}

/// A `Set-Cookie` value without the state.
pub fn clear(app: &AppState) -> String {
    cookie::build(&app.config.server, COOKIE, "", 0)
}

/// The state in the cookie of a request; `None` when there is none, or it is too old.
pub fn read<T: BrowserState>(app: &AppState, headers: &HeaderMap) -> Option<T> {
    let (text, signature) = cookie::value(&app.config.server, COOKIE, headers)?.rsplit_once('.')?;
    if !app.auth.verify_text(&signed_text(T::KIND, text), signature) {
        return None;
    }
    let json = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
    let (expires, state): (i64, T) = serde_json::from_slice(&json).ok()?;
    (expires > now().timestamp()).then_some(state)
}

/// Who is connecting an account.
///
/// # Errors
/// 401 when nobody is, or too much time has passed.
pub fn pending_connection(app: &AppState, headers: &HeaderMap) -> Result<PendingConnection> {
    read(app, headers).ok_or_else(|| Error::unauthorized("Begin again").detail("It has taken more than ten minutes."))
}
