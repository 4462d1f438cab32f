//! The layer around all requests: what every answer has in common.

use std::{
    collections::HashSet,
    panic::AssertUnwindSafe,
    sync::{
        Arc, LazyLock, OnceLock,
        atomic::{AtomicBool, AtomicU64},
    },
    time::Instant,
};

use axum::{
    extract::{ConnectInfo, MatchedPath, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures::FutureExt;
use leptos::server_fn::axum::server_fn_paths;

use super::connection::Peer;
use crate::ui::{error_page::PageError, policy};
use tallyboard_base::{
    client_address::client_address,
    figures,
    http::header_text,
    in_flight::Permit,
    request_log::{self, RateLimit, RequestInfo},
};
use tallyboard_core::{
    app::AppState,
    auth::{has_credentials, has_valid_credentials},
    ops,
};
use tallyboard_db::now;
use tallyboard_model::{
    error::{Code, Error, Result, json_response},
    language::{self, Language},
    once_per_second::OncePerSecond,
    paths,
};

/// The layer around all requests: a request id for the answer and the log, repeated requests, panics, and the headers
/// of all answers.
pub(super) async fn around(State(app): State<AppState>, request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<Peer>>().map(|ConnectInfo(peer)| peer.clone());
    if let Some(peer) = &peer {
        peer.phase.answering();
    }
    let trusted = &app.config.server.trusted_proxies;
    let info = Arc::new(RequestInfo {
        id: uuid::Uuid::now_v7(),
        method: request.method().clone(),
        uri: request.uri().clone(),
        peer: peer.as_ref().map(|peer| client_address(peer.address.ip(), request.headers(), trusted)),
        user: OnceLock::new(),
        token: OnceLock::new(),
        started: Instant::now(),
        database_micros: AtomicU64::new(0),
        rendering_micros: AtomicU64::new(0),
        permit: Permit::new(app.in_flight.clone()),
        is_counted: AtomicBool::new(false),
        rate_limit: OnceLock::new(),
    });
    let route = figures::has_metrics().then(|| request.extensions().get::<MatchedPath>().cloned());
    let language = page_language(&request);
    let answering = request_log::with_request(info.clone(), answer(&app, &info, request, next));
    let mut response = match language {
        Some(language) => language::scope(language, answering).await,
        None => answering.await,
    };
    set_common_headers(&app, &info, response.headers_mut());
    let (status, elapsed) = (response.status().as_u16(), info.started.elapsed());
    figures::request_answered(method_label(&info.method), || route_label(&info, route.flatten()), status, elapsed);
    if let Some(peer) = peer {
        match response.status() {
            StatusCode::SWITCHING_PROTOCOLS => peer.phase.upgraded(),
            _ => peer.phase.sending(),
        }
    }
    response
}

/// The language that a browser asks for, for a page or for what its forms and islands call; `None` for the API, which speaks English.
fn page_language(request: &Request) -> Option<Language> {
    let path = request.uri().path();
    let is_page = !paths::is_api(path) || path.starts_with(paths::SERVER_FUNCTIONS);
    is_page.then(|| language::preferred(header_text(request.headers(), header::ACCEPT_LANGUAGE)))
}

/// The method of a request as a label: clients can invent others.
fn method_label(method: &Method) -> &'static str {
    const KNOWN: [Method; 7] =
        [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];
    const NAMES: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    KNOWN.iter().position(|known| known == method).map_or("other", |place| NAMES[place])
}

/// The route of a request as a label: there are as many as routes and server functions, whatever clients ask for.
fn route_label(info: &RequestInfo, route: Option<MatchedPath>) -> String {
    static SERVER_FUNCTIONS: LazyLock<HashSet<&str>> =
        LazyLock::new(|| server_fn_paths().map(|(path, _)| path).collect());
    match route {
        None => "other".to_owned(),
        Some(route) => SERVER_FUNCTIONS.get(info.uri.path()).copied().unwrap_or(route.as_str()).to_owned(),
    }
}

/// Releases the permit of a request, also when its client has gone away.
struct ReleaseOnDrop<'a>(&'a Permit);

impl Drop for ReleaseOnDrop<'_> {
    fn drop(&mut self) {
        self.0.release();
    }
}

async fn answer(app: &AppState, info: &RequestInfo, request: Request, next: Next) -> Response {
    let _permit = ReleaseOnDrop(&info.permit);
    let has_credentials = has_credentials(app, request.headers());
    let is_counted = is_counted_here(info, &request);
    if let Err(error) = admit(app, info, request.headers(), has_credentials, is_counted).await {
        return if paths::is_api(info.uri.path()) { json_response(&error) } else { PageError(error).into_response() };
    }
    let answering = match ops::idempotency::key(&request) {
        // Boxed: seldom used, and large.
        Some(key) => {
            AssertUnwindSafe(ops::idempotency::answer_once(app, key, request, next).boxed()).catch_unwind().await
        }
        None => AssertUnwindSafe(next.run(request)).catch_unwind().await,
    };
    let mut response = answering.unwrap_or_else(|_| Error::internal("a request panicked").into_response());
    if has_credentials && is_counted {
        app.limits.count_unproven_request();
    }
    if response.status() == StatusCode::METHOD_NOT_ALLOWED
        && paths::is_api(info.uri.path())
        && !response.headers().contains_key(header::CONTENT_TYPE)
    {
        let method = &info.method;
        response = json_response(&Error::new(Code::MethodNotAllowed, format!("{method} is not allowed here")));
    }
    if response.status() == StatusCode::FORBIDDEN {
        // FR-028: an attempt to reach somebody else's data. The line names the user, path and address.
        tracing::warn!(target: "security", "refused");
        if let Some(user) = info.user.get() {
            ops::audit::record_refusal(&app.db, *user, info.uri.path());
        }
    }
    if info.started.elapsed() >= figures::SLOW_REQUEST {
        // During a database outage every request is slow.
        static UNAVAILABLE: OncePerSecond = OncePerSecond::new();
        let (status, milliseconds) = (response.status().as_u16(), info.started.elapsed().as_millis());
        if response.status() != StatusCode::SERVICE_UNAVAILABLE || UNAVAILABLE.next().is_some() {
            tracing::warn!(target: "slow_request", status, milliseconds, "a request was slow");
        }
    }
    tracing::debug!(status = response.status().as_u16(), elapsed = ?info.started.elapsed(), "answered");
    response
}

fn is_health_check(info: &RequestInfo) -> bool {
    ["/healthz", "/readyz", "/health"].contains(&info.uri.path())
}

/// Whether the layer counts the request, unless a user is known.
fn is_counted_here(info: &RequestInfo, request: &Request) -> bool {
    // Files cost next to nothing.
    let is_file = request.extensions().get::<MatchedPath>().is_none_or(|route| route.as_str().starts_with("/pkg"));
    let is_preflight = info.method == Method::OPTIONS;
    // The handler of sockets counts: their token may be in the query or in the first message.
    let is_socket = info.uri.path() == paths::SOCKET;
    !is_file && !is_preflight && !is_socket && !is_health_check(info)
}

/// Rejects a request that is one too many. With a token or a cookie, it's counted once its user is known, or at the end.
async fn admit(
    app: &AppState,
    info: &RequestInfo,
    headers: &HeaderMap,
    has_credentials: bool,
    is_counted: bool,
) -> Result<()> {
    // Monitoring has to reach the server then, too.
    if is_health_check(info) {
        return Ok(());
    }
    if !info.permit.try_acquire() {
        return Err(Error::overloaded());
    }
    if !is_counted {
        return Ok(());
    }
    let is_proven = match has_credentials {
        // Boxed: seldom needed, and large.
        true if app.limits.is_network_refused() => has_valid_credentials(app, headers).boxed().await,
        has_credentials => has_credentials,
    };
    if is_proven { Ok(()) } else { app.limits.count_anonymous_request() }
}

fn set_common_headers(app: &AppState, info: &RequestInfo, headers: &mut HeaderMap) {
    if let Ok(id) = HeaderValue::from_str(info.id.hyphenated().encode_lower(&mut uuid::Uuid::encode_buffer())) {
        headers.insert("x-request-id", id);
    }
    if let Ok(timing) = HeaderValue::try_from(info.timing()) {
        headers.insert("server-timing", timing);
    }
    if let Some(RateLimit { limit, retry_after }) = info.rate_limit.get().copied() {
        headers.insert(header::RETRY_AFTER, retry_after.into());
        headers.insert("x-ratelimit-limit", limit.into());
        headers.insert("x-ratelimit-remaining", HeaderValue::from_static("0"));
        headers.insert("x-ratelimit-reset", (now().timestamp() + retry_after.cast_signed()).into());
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // Only our own forms need the referrer.
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    let is_html = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if is_html {
        headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(policy::WITHOUT_SCRIPTS);
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if app.config.server.is_https() {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
}
