//! Cross-origin requests to the API, for the pages of other sites that `server.cors_origins` names. They sign in by a
//! token: a cookie is neither sent nor accepted.

use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, Method, header};
use tower_http::cors::{AllowOrigin, CorsLayer};

use tallyboard_assistants::mcp::rest::is_allowed_origin;
use tallyboard_base::config::ServerConfig;
use tallyboard_model::paths::MCP;

/// How long a browser may remember that it is allowed.
const MAX_AGE: Duration = Duration::from_secs(3600);

/// The methods and headers a page may send; a route that doesn't have a method answers 405 itself.
const METHODS: [Method; 5] = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];

/// The layer, when there is an origin to allow.
pub fn layer(server: &ServerConfig) -> Option<CorsLayer> {
    let origins: Vec<HeaderValue> = server.cors_origins.iter().filter_map(|origin| origin.parse().ok()).collect();
    let name = HeaderName::from_static;
    let layer = CorsLayer::new()
        .allow_methods(METHODS)
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::IF_MATCH,
            name("idempotency-key"),
            name("mcp-protocol-version"),
            name("mcp-method"),
            name("mcp-name"),
        ])
        .expose_headers([
            header::ETAG,
            header::LOCATION,
            header::RETRY_AFTER,
            name("idempotency-replayed"),
            name("server-timing"),
            name("x-ratelimit-limit"),
            name("x-ratelimit-remaining"),
            name("x-ratelimit-reset"),
            name("x-request-id"),
        ])
        .max_age(MAX_AGE);
    (!origins.is_empty()).then(|| layer.allow_origin(origins))
}

/// The layer of what MCP clients in a browser call. `/mcp` takes the origins that its own check lets in; the metadata, registration,
/// tokens and their revocation are open to all: they know no cookie, and a page sends nothing that a program couldn't.
pub fn mcp_layer(server: &ServerConfig) -> CorsLayer {
    let (server, name) = (server.clone(), HeaderName::from_static);
    let allowed = AllowOrigin::predicate(move |origin, parts| {
        let is_mcp = parts.uri.path().trim_end_matches('/') == MCP;
        !is_mcp || origin.to_str().is_ok_and(|origin| is_allowed_origin(&server, origin))
    });
    CorsLayer::new()
        .allow_methods(METHODS)
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::ACCEPT,
            name("last-event-id"),
            name("mcp-method"),
            name("mcp-name"),
            name("mcp-protocol-version"),
            name("mcp-session-id"),
        ])
        .expose_headers([
            header::RETRY_AFTER,
            header::WWW_AUTHENTICATE,
            name("mcp-protocol-version"),
            name("mcp-session-id"),
            name("x-request-id"),
        ])
        .max_age(MAX_AGE)
        .allow_origin(allowed)
}
