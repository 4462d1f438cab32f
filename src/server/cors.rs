//! Cross-origin requests to the API, for the pages of other sites that `server.cors_origins` names. They sign in by a
//! token: a cookie is neither sent nor accepted.

use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, Method, header};
use tower_http::cors::CorsLayer;

use tallyboard_base::config::ServerConfig;

/// How long a browser may remember that it is allowed.
const MAX_AGE: Duration = Duration::from_secs(3600);

/// The layer, when there is an origin to allow.
pub fn layer(server: &ServerConfig) -> Option<CorsLayer> {
    let origins: Vec<HeaderValue> = server.cors_origins.iter().filter_map(|origin| origin.parse().ok()).collect();
    let name = HeaderName::from_static;
    let layer = CorsLayer::new()
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
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
