//! Cookies, not readable by scripts: the session's, with the same token as the API's, and others.

use axum::http::{HeaderMap, header};
use chrono::{DateTime, Utc};

use tallyboard_base::config::ServerConfig;

/// The name of the session's cookie.
const SESSION: &str = "session";

/// What names begin with. It binds a cookie to this host and to https; browsers reject it without https.
fn prefix(server: &ServerConfig) -> &'static str {
    if server.is_https() { "__Host-" } else { "" }
}

/// A `Set-Cookie` value, for so many seconds; 0 deletes the cookie.
pub fn build(server: &ServerConfig, name: &str, value: &str, max_age: i64) -> String {
    let (prefix, secure) = (prefix(server), if server.is_https() { "; Secure" } else { "" });
    format!("{prefix}{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={max_age}{secure}")
}

/// A `Set-Cookie` value that stores a token until it expires.
pub fn store(server: &ServerConfig, token: &str, now: DateTime<Utc>, expires: DateTime<Utc>) -> String {
    build(server, SESSION, token, (expires - now).num_seconds())
}

/// A `Set-Cookie` value that deletes the session's cookie.
pub fn clear(server: &ServerConfig) -> String {
    build(server, SESSION, "", 0)
}

/// The token in the cookie of a request.
pub fn token<'a>(server: &ServerConfig, headers: &'a HeaderMap) -> Option<&'a str> {
    value(server, SESSION, headers)
}

/// The value of a cookie of a request.
pub fn value<'a>(server: &ServerConfig, name: &str, headers: &'a HeaderMap) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, value)| key.strip_prefix(prefix(server)) == Some(name) && !value.is_empty())
        .map(|(_, value)| value)
}
