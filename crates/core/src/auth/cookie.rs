//! Cookies, not readable by scripts: the session's, with the same token as the API's, and others.

use axum::http::{HeaderMap, HeaderName, header};
use chrono::{DateTime, Utc};

use tallyboard_base::config::ServerConfig;

/// The name of the session's cookie.
const SESSION: &str = "session";

/// The prefix of names. It binds a cookie to this host and to https; browsers reject it without https.
fn prefix(server: &ServerConfig) -> &'static str {
    if server.is_https() { "__Host-" } else { "" }
}

/// The suffix of names where browsers name a port: cookies know none, and two servers on one host would take each other's.
fn suffix(server: &ServerConfig) -> String {
    let port = match server.public_url.as_str() {
        "" => Some(server.address.port()),
        url => url.rsplit_once(':').and_then(|(_, port)| port.parse().ok()),
    };
    port.map(|port| format!("-{port}")).unwrap_or_default()
}

/// A `Set-Cookie` value with this max age in seconds; 0 deletes the cookie.
pub fn build(server: &ServerConfig, name: &str, value: &str, max_age: i64) -> String {
    let (prefix, secure) = (prefix(server), if server.is_https() { "; Secure" } else { "" });
    let suffix = suffix(server);
    format!("{prefix}{name}{suffix}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={max_age}{secure}")
}

/// A `Set-Cookie` value that stores a token until it expires.
pub fn store(server: &ServerConfig, token: &str, now: DateTime<Utc>, expires: DateTime<Utc>) -> String {
    build(server, SESSION, token, (expires - now).num_seconds())
}

/// A `Set-Cookie` value that deletes the session's cookie.
pub fn clear(server: &ServerConfig) -> String {
    build(server, SESSION, "", 0)
}

/// The headers by which a browser forgets the session, and what the installed app has kept: pages, and tasks that were not sent.
/// They go with an account, and with a session that was ended elsewhere.
pub fn forget_everything(server: &ServerConfig) -> [(HeaderName, String); 2] {
    let data = r#""cache", "storage""#.to_owned();
    [(header::SET_COOKIE, clear(server)), (HeaderName::from_static("clear-site-data"), data)]
}

/// The token in the cookie of a request.
pub fn token<'a>(server: &ServerConfig, headers: &'a HeaderMap) -> Option<&'a str> {
    value(server, SESSION, headers)
}

/// The value of a cookie of a request. A name without a port is one of an older version, or was written by hand.
pub fn value<'a>(server: &ServerConfig, name: &str, headers: &'a HeaderMap) -> Option<&'a str> {
    let pairs = || {
        let lines = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        let ours =
            pairs.filter_map(|(key, value)| Some((key.strip_prefix(prefix(server))?.strip_prefix(name)?, value)));
        ours.filter(|(_, value)| !value.is_empty())
    };
    pairs().next()?;
    let suffix = suffix(server);
    let with_suffix = |wanted: &str| pairs().find(|(end, _)| *end == wanted).map(|(_, value)| value);
    with_suffix(&suffix).or_else(|| with_suffix(""))
}
