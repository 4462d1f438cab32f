//! The HTTP side of the MCP server: who may ask, and the stream of the older revisions.

use std::{convert::Infallible, time::Duration};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
    routing::{any, get},
};
use futures::{Stream, stream};
use rmcp::{
    ServerHandler,
    transport::streamable_http_server::{
        StreamableHttpServerConfig, StreamableHttpService,
        session::{SessionManager, never::NeverSessionManager},
    },
};
use serde_json::{Value, json};

use super::{
    called,
    changes::{Change, ChangeListener},
    server::McpServer,
    subscriptions,
};
use tallyboard_base::{
    config::ServerConfig,
    http::{Json, header_text, read_body},
    request_log,
};
use tallyboard_core::{
    app::AppState,
    auth::{AuthenticatedUser, Needs, bearer_user, public_url},
};
use tallyboard_model::{
    error::{Code, Error, Result, json_response},
    paths::MCP,
};

/// Where a client learns how to sign in (RFC 9728).
const METADATA_PATH: &str = "/.well-known/oauth-protected-resource/mcp";
/// The same for clients that know only the host, or add a trailing slash.
const METADATA_PATHS: [&str; 4] = [
    METADATA_PATH,
    "/.well-known/oauth-protected-resource/mcp/",
    "/.well-known/oauth-protected-resource",
    "/.well-known/oauth-protected-resource/",
];
/// The first revision in which each request says its own revision, and without their own streams:
/// `subscriptions/listen` takes their place.
pub const STATELESS_REVISION: &str = "2026-07-28";
/// How often a silent stream sends a comment, so that proxies keep it open.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// `/mcp` and its metadata.
pub fn routes(app: &AppState) -> Router<AppState> {
    let server = McpServer::new(app.clone());
    routes_of(StreamableHttpService::new(move || Ok(server.clone()), NeverSessionManager::default().into(), config()))
}

/// The transport's settings: no sessions, and JSON where one answer is all. The handler checks Host and Origin itself,
/// for its own stream too, so rmcp does not.
pub fn config() -> StreamableHttpServerConfig {
    StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .with_sse_keep_alive(Some(KEEP_ALIVE))
        .disable_allowed_hosts()
}

/// The same routes over another service: the conformance suite needs its own tools.
pub fn routes_of<S, M>(service: StreamableHttpService<S, M>) -> Router<AppState>
where
    S: ServerHandler,
    M: SessionManager,
{
    let has_sessions = service.config.legacy_session_mode;
    let handler = move |State(app): State<AppState>, request: Request| {
        let service = service.clone();
        async move {
            let metadata = format!("{}{METADATA_PATH}", public_url(&app, request.headers()));
            // Boxed: large.
            let answer = Box::pin(async {
                let (is_stream, request) = admit(&app, request, has_sessions).await?;
                match is_stream {
                    Some(user) => Ok(older_stream(app.clone(), user).into_response()),
                    None => Ok(in_our_shape(service.handle(request).await).await?),
                }
            });
            answer.await.unwrap_or_else(|refusal: Refusal| refusal.into_response(&metadata))
        }
    };
    let mut router = Router::new().route(MCP, any(handler.clone())).route(&format!("{MCP}/"), any(handler));
    for path in METADATA_PATHS {
        router = router.route(path, get(metadata));
    }
    router
}

/// Why a request is rejected.
enum Refusal {
    Error(Error),
    /// The app can ask its person for the scope `write`.
    NeedsWrite(Error),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl Refusal {
    /// The error in our shape; one about the token says where a client learns how to get one, or which scope would do.
    fn into_response(self, metadata: &str) -> Response {
        let (error, challenge) = match self {
            Self::Error(error) if error.code == Code::Unauthorized => {
                (error, Some(format!("Bearer resource_metadata=\"{metadata}\"")))
            }
            Self::Error(error) => (error, None),
            Self::NeedsWrite(error) => {
                let challenge = format!(
                    "Bearer error=\"insufficient_scope\", scope=\"read write\", resource_metadata=\"{metadata}\", \
                     error_description=\"{}\"",
                    error.message
                );
                (error, Some(challenge))
            }
        };
        let mut response = json_response(&error);
        if let Some(challenge) = challenge.and_then(|challenge| HeaderValue::from_str(&challenge).ok()) {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

/// Checks Host, Origin, token, size and scope. Answers the user when the request opens a stream of the older revisions.
async fn admit(
    app: &AppState,
    request: Request,
    has_sessions: bool,
) -> Result<(Option<AuthenticatedUser>, axum::http::Request<Body>), Refusal> {
    check_host(app, request.uri(), request.headers())?;
    let user = bearer_user(app, request.headers(), Needs::Read).await?;
    let (mut parts, body) = request.into_parts();
    let is_stream = parts.method == Method::GET && !has_sessions && asks_for_older_stream(&parts.headers);
    if parts.method == Method::POST && accepts_an_answer(&parts.headers) {
        parts.headers.insert(header::ACCEPT, HeaderValue::from_static("application/json, text/event-stream"));
    }
    let body = called::Body::read(read_body(body).await?);
    body.check_scope(app, &user).await.map_err(Refusal::NeedsWrite)?;
    if let Some(no_object) = body.no_object {
        parts.extensions.insert(no_object);
    }
    if let Some(info) = request_log::current() {
        parts.extensions.insert(info);
    }
    parts.extensions.insert(user.clone());
    Ok((is_stream.then_some(user), Request::from_parts(parts, Body::from(body.bytes))))
}

/// Whether a client takes one of the two types that answers have. The protocol wants it to name both, which curl, the Java SDK and
/// others don't; it gets what there is.
fn accepts_an_answer(headers: &HeaderMap) -> bool {
    const TYPES: [&str; 5] = ["*/*", "application/*", "application/json", "text/*", "text/event-stream"];
    header_text(headers, "accept").is_none_or(|accept| {
        let mut types = accept.split(',').map(|kind| kind.split(';').next().unwrap_or_default().trim());
        types.any(|kind| TYPES.iter().any(|known| known.eq_ignore_ascii_case(kind)))
    })
}

fn asks_for_older_stream(headers: &HeaderMap) -> bool {
    header_text(headers, "mcp-protocol-version").is_none_or(|revision| revision < STATELESS_REVISION)
        && header_text(headers, "accept").is_some_and(|accept| accept.contains("text/event-stream"))
}

fn is_loopback(address: &Uri) -> bool {
    let host = address.host().unwrap_or_default().trim_matches(['[', ']']);
    ["localhost", "127.0.0.1", "::1"].contains(&host)
}

/// Whether pages of this origin may use `/mcp`: our own, those that the settings name, and those of this computer.
pub fn is_allowed_origin(server: &ServerConfig, origin: &str) -> bool {
    let is_public = !server.public_url.is_empty() && origin == server.public_url;
    let is_named = server.cors_origins.iter().any(|allowed| allowed == origin);
    is_public || is_named || origin.parse().is_ok_and(|origin| is_loopback(&origin))
}

/// Rejects requests that a page of another site sends by way of a name that it lets point here (DNS rebinding): Host
/// and Origin have to name `server.public_url` or this machine.
fn check_host(app: &AppState, uri: &Uri, headers: &HeaderMap) -> Result<()> {
    let public: Option<Uri> = app.config.server.public_url.parse().ok();
    // HTTP/2 names the host in the address.
    let host = header_text(headers, "host").map_or_else(|| Ok(uri.clone()), str::parse::<Uri>);
    let is_public = |host: &Uri| public.as_ref().is_some_and(|public| public.host() == host.host());
    if !host.is_ok_and(|host| is_loopback(&host) || is_public(&host)) {
        return Err(Error::forbidden("This server isn't known by that name")
            .detail("An administrator can set server.public_url to the address people use"));
    }
    let is_own = |origin: &str| is_allowed_origin(&app.config.server, origin);
    if headers.contains_key("origin") && !header_text(headers, "origin").is_some_and(is_own) {
        return Err(Error::forbidden("This request doesn't come from this site's own pages"));
    }
    Ok(())
}

/// The transport's own rejections are plain text: they get the shape of every other error.
async fn in_our_shape<B>(response: axum::http::Response<B>) -> Result<Response>
where
    B: axum::body::HttpBody<Data = Bytes, Error = Infallible> + Send + 'static,
{
    let (parts, body) = response.into_parts();
    let is_text = parts.status.is_client_error() && !parts.headers.contains_key(header::CONTENT_TYPE);
    if !is_text {
        return Ok(Response::from_parts(parts, Body::new(body)));
    }
    let bytes = read_body(Body::new(body)).await?;
    let code = match parts.status {
        StatusCode::METHOD_NOT_ALLOWED => Code::MethodNotAllowed,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Code::UnsupportedMediaType,
        StatusCode::NOT_FOUND => Code::NotFound,
        _ => Code::BadRequest,
    };
    let message = match code {
        Code::MethodNotAllowed => "This method is not allowed here".to_owned(),
        _ => String::from_utf8_lossy(&bytes).into_owned(),
    };
    let mut answer = json_response(&Error::new(code, message).detail("docs/ASSISTANTS.md says what a client sends"));
    *answer.status_mut() = parts.status;
    if let Some(allowed) = parts.headers.get(header::ALLOW) {
        answer.headers_mut().insert(header::ALLOW, allowed.clone());
    }
    Ok(answer)
}

/// The stream of the revisions before 2026-07-28: it tells of changes of the resources that the client has subscribed
/// to, and ends when the credential ends.
fn older_stream(app: AppState, user: AuthenticatedUser) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let changes = ChangeListener::new(&app, &user);
    let events = stream::unfold((changes, app, user), |(mut changes, app, user)| async move {
        let change = changes.next().await?;
        let updates = notifications(&app, &user, change).await;
        Some((stream::iter(updates), (changes, app, user)))
    });
    let events = futures::StreamExt::flatten(events);
    Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
}

async fn notifications(app: &AppState, user: &AuthenticatedUser, change: Change) -> Vec<Result<Event, Infallible>> {
    let credential = subscriptions::credential_id(user);
    let subscribed = app.db.scope(user).read(|scope| Box::pin(subscriptions::list(scope, credential))).await;
    let subscribed = subscribed.unwrap_or_else(|error| {
        tracing::warn!(%error, "a client couldn't be notified of a change");
        Vec::new()
    });
    let event = |method: &str, params: Value| {
        let message = json!({ "jsonrpc": "2.0", "method": method, "params": params });
        Ok(Event::default().event("message").data(message.to_string()))
    };
    let changed = subscribed.iter().filter(|uri| change.affects(uri));
    let mut events: Vec<_> =
        changed.map(|uri| event("notifications/resources/updated", json!({ "uri": uri.to_string() }))).collect();
    if change.affects_list() {
        events.push(event("notifications/resources/list_changed", json!({})));
    }
    events
}

/// RFC 9728: this server gives out the tokens, too.
async fn metadata(State(app): State<AppState>, headers: HeaderMap) -> Json<Value> {
    let issuer = public_url(&app, &headers);
    Json(json!({
        "resource": format!("{issuer}{MCP}"),
        "authorization_servers": [issuer],
        "resource_name": "Tallyboard",
        "bearer_methods_supported": ["header"],
        "scopes_supported": ["read", "write"],
    }))
}
