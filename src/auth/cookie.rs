//! The session cookie: the same token as the API's, not readable by scripts.

use axum::http::{HeaderMap, header};
use chrono::{DateTime, Utc};

use crate::config::ServerConfig;

/// The prefix `__Host-` binds a cookie to this host and to https; browsers reject it without https.
fn name(server: &ServerConfig) -> &'static str {
    if server.is_https() { "__Host-session" } else { "session" }
}

fn build(server: &ServerConfig, value: &str, max_age: i64) -> String {
    let secure = if server.is_https() { "; Secure" } else { "" };
    format!("{}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={max_age}{secure}", name(server))
}

/// A `Set-Cookie` value that stores a token until it expires.
pub fn store(server: &ServerConfig, token: &str, now: DateTime<Utc>, expires: DateTime<Utc>) -> String {
    build(server, token, (expires - now).num_seconds())
}

/// A `Set-Cookie` value that deletes the cookie.
pub fn clear(server: &ServerConfig) -> String {
    build(server, "", 0)
}

/// The token in the cookie of a request.
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
