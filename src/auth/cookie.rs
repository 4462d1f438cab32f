//! The browser's cookie: the same token as the API's, out of scripts' reach.

use axum::http::{HeaderMap, HeaderValue, header, request::Parts};
use chrono::{DateTime, Utc};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;

use super::{Credentials, rest::user_agent};
use crate::{
    app::App,
    config::ServerConfig,
    db::now,
    error::{Error, Result},
};

/// `__Host-` binds the cookie to this host and to https; browsers refuse it without https.
fn name(server: &ServerConfig) -> &'static str {
    if server.is_https() { "__Host-session" } else { "session" }
}

fn build(server: &ServerConfig, value: &str, max_age: i64) -> String {
    let secure = if server.is_https() { "; Secure" } else { "" };
    format!("{}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={max_age}{secure}", name(server))
}

/// Signs a server function's caller in: checks, begins a session, hands the cookie over.
pub async fn begin_session(app: &App, parts: &Parts, credentials: Credentials) -> Result<()> {
    let signed_in = app.auth.sign_in(credentials, user_agent(&parts.headers)).await?;
    set(&keep(&app.config.server, &signed_in.access_token, now(), signed_in.expires_at))
}

/// Takes the cookie back from a server function's caller.
pub fn end_session() -> Result<()> {
    let (app, _) = super::anybody()?;
    set(&forget(&app.config.server))
}

fn set(cookie: &str) -> Result<()> {
    let options =
        use_context::<ResponseOptions>().ok_or_else(|| Error::internal("there is no answer to set a cookie in"))?;
    options.append_header(header::SET_COOKIE, HeaderValue::from_str(cookie).map_err(Error::internal)?);
    Ok(())
}

/// Keeps a token until it expires.
fn keep(server: &ServerConfig, token: &str, now: DateTime<Utc>, expires: DateTime<Utc>) -> String {
    build(server, token, (expires - now).num_seconds())
}

/// Forgets the token.
pub fn forget(server: &ServerConfig) -> String {
    build(server, "", 0)
}

/// The token that a request brings.
pub fn token<'a>(server: &ServerConfig, headers: &'a HeaderMap) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, value)| *key == name(server) && !value.is_empty())
        .map(|(_, value)| value)
}
