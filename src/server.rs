//! The router, its layers, start and graceful stop.

use std::{
    io::{self, IsTerminal, Write},
    net::SocketAddr,
    panic::AssertUnwindSafe,
    sync::{Arc, OnceLock, atomic::AtomicU64},
    time::{Duration, Instant},
};

use axum::{
    Router,
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{any, get},
    serve::ListenerExt,
};
use futures::FutureExt;
use tokio::{net::TcpListener, signal::unix::SignalKind};
use tower_http::{
    CompressionLevel,
    compression::CompressionLayer,
    services::{ServeDir, fs::ServeFileSystemResponseBody},
    set_header::SetResponseHeaderLayer,
};
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::{
    app::{AppState, AppStateInner},
    audit,
    auth::{self, Auth},
    chat,
    config::{Config, LogFormat},
    db::{Database, Migration},
    error::{Code, Error, json_response},
    live::{self, Hub},
    mcp,
    openapi::{self, Description},
    ops, paths,
    request_log::{self, RequestInfo, WithRequest},
    server_fn, shares,
    statistics::{self, service::StatisticsCache},
    tasks, teams,
    ui::{
        assets::Assets,
        error_page::{STYLESHEET, page_not_found},
        policy,
    },
};

/// How long requests may take to finish after the signal to stop.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(10);

/// Every route, in one list.
pub fn router(app: AppState) -> Router {
    let mcp = mcp::rest::routes(&app);
    router_with_mcp(app, mcp)
}

/// The same with other routes for `/mcp`: the conformance suite needs tools of its own.
pub fn router_with_mcp(app: AppState, mcp: Router<AppState>) -> Router {
    let site = app.assets.site_root();
    let (rest, document) = OpenApiRouter::with_openapi(Description::openapi())
        .merge(auth::rest::routes())
        .merge(statistics::rest::routes())
        .merge(tasks::rest::routes())
        .merge(shares::rest::routes())
        .merge(teams::rest::routes())
        .merge(chat::rest::routes())
        .merge(ops::health::routes())
        .merge(audit::rest::routes())
        .split_for_parts();
    let pages = Router::new()
        .route(paths::HOME, get(statistics::page::home))
        .route(paths::DASHBOARD, get(statistics::page::dashboard))
        .route(paths::TASKS, get(tasks::page::tasks))
        .route("/tasks/{id}/shares", get(shares::page::task_shares))
        .route(paths::TEAMS, get(teams::page::teams))
        .route("/teams/{id}", get(teams::page::team))
        .route(paths::CHAT, get(chat::page::conversations))
        .route("/chat/{id}", get(chat::page::conversation))
        .route(paths::SETTINGS, get(auth::settings_page::settings))
        .route(paths::ASSISTANTS, get(auth::assistants_page::assistants).post(auth::assistants_page::create))
        .route(paths::ACTIVITY, get(audit::page::activity))
        .route(paths::SIGN_IN, get(auth::page::sign_in))
        .route(paths::SIGN_UP, get(auth::page::sign_up))
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest));
    let server_functions = Router::new()
        .route("/api/ui/{*name}", any(server_fn::handle))
        .layer(middleware::from_fn_with_state(app.clone(), server_fn::layer));
    let built = Router::new().nest_service(
        "/pkg",
        tower::ServiceBuilder::new()
            // The names contain a hash, so the content never changes; a missing file may still be added.
            .layer(SetResponseHeaderLayer::if_not_present(
                header::CACHE_CONTROL,
                |response: &Response<ServeFileSystemResponseBody>| {
                    let found = response.status().is_success();
                    found.then_some(HeaderValue::from_static("public, max-age=31536000, immutable"))
                },
            ))
            .service(ServeDir::new(site.join("pkg")).precompressed_br().precompressed_gzip()),
    );

    Router::new()
        .merge(rest)
        .merge(openapi::routes(document))
        .merge(live::rest::routes())
        .merge(mcp)
        .merge(pages)
        .merge(server_functions)
        .merge(built)
        .fallback_service(ServeDir::new(site).fallback(any(not_found).with_state(app.clone())))
        .method_not_allowed_fallback(method_not_allowed)
        // One layer: each costs every request a boxed future.
        .layer(middleware::from_fn_with_state(app.clone(), around))
        .with_state(app)
}

async fn not_found(request: Request) -> Response {
    if is_api(request.uri().path()) { Error::not_found("Route").into_response() } else { page_not_found() }
}

async fn method_not_allowed(method: Method) -> Response {
    Error::new(Code::MethodNotAllowed, format!("{method} is not allowed here")).into_response()
}

fn is_api(path: &str) -> bool {
    path == "/api" || path.starts_with("/api/")
}

/// The layer around all requests: a request id for the answer and the log, repeated requests, panics, and the headers
/// of all answers.
async fn around(State(app): State<AppState>, request: Request, next: Next) -> Response {
    let info = Arc::new(RequestInfo {
        id: uuid::Uuid::now_v7(),
        method: request.method().clone(),
        uri: request.uri().clone(),
        peer: request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip()),
        user: OnceLock::new(),
        token: OnceLock::new(),
        started: Instant::now(),
        database_micros: AtomicU64::new(0),
    });
    let mut response = request_log::with_request(info.clone(), answer(&app, &info, request, next)).await;
    set_common_headers(&app, &info, response.headers_mut());
    response
}

async fn answer(app: &AppState, info: &RequestInfo, request: Request, next: Next) -> Response {
    let answering = match ops::idempotency::key(&request) {
        // Boxed: seldom used, and large.
        Some(key) => {
            AssertUnwindSafe(ops::idempotency::answer_once(app, key, request, next).boxed()).catch_unwind().await
        }
        None => AssertUnwindSafe(next.run(request)).catch_unwind().await,
    };
    let mut response = answering.unwrap_or_else(|_| Error::internal("a request panicked").into_response());
    if response.status() == StatusCode::METHOD_NOT_ALLOWED
        && is_api(info.uri.path())
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
    tracing::debug!(status = response.status().as_u16(), elapsed = ?info.started.elapsed(), "answered");
    response
}

fn set_common_headers(app: &AppState, info: &RequestInfo, headers: &mut HeaderMap) {
    if let Ok(id) = HeaderValue::from_str(info.id.hyphenated().encode_lower(&mut uuid::Uuid::encode_buffer())) {
        headers.insert("x-request-id", id);
    }
    if let Ok(timing) = HeaderValue::try_from(info.timing()) {
        headers.insert("server-timing", timing);
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

/// Opens the database, migrates it and makes the state of all handlers.
pub async fn build(config: Config) -> Result<AppState, Box<dyn std::error::Error>> {
    std::fs::create_dir_all(&config.data_dir)
        .map_err(|error| format!("data_dir {}: {error}", config.data_dir.display()))?;
    let db = Database::connect(&config.database)
        .await
        .map_err(|error| format!("database {}: {error}", config.database.masked_url()))?;
    db.migrate(Migration::Up).await?;
    let auth = Auth::new(db.clone(), &config.auth, &config.data_dir)
        .map_err(|error| format!("the signing key in {}: {error}", config.data_dir.display()))?;
    let statistics = StatisticsCache::new(db.clone(), Duration::from_secs(config.dashboard.cache_ttl_seconds));
    // Rendering spawns tasks on this runtime.
    let _ = any_spawner::Executor::init_tokio();
    let assets = Assets::load(&config.server.site_root);
    let _ = STYLESHEET.set(assets.stylesheet());
    let hub = Hub::new(&db, statistics.clone());
    Ok(AppState::new(AppStateInner { config, db, auth: Arc::new(auth), statistics, hub, assets }))
}

/// Serves until a signal arrives, then finishes the requests in flight.
pub async fn serve(app: AppState) -> Result<(), Box<dyn std::error::Error>> {
    let address = app.config.server.address;
    let listener = TcpListener::bind(address).await.map_err(|error| format!("address {address}: {error}"))?;
    let address = listener.local_addr()?;
    print_line(&format!(
        "Tallyboard {} is on http://{address}\n  database  {}\n  data      {}",
        env!("CARGO_PKG_VERSION"),
        app.config.database.masked_url(),
        app.config.data_dir.display()
    ));

    // Without TCP_NODELAY the last packet of an answer waits for the client's acknowledgement: 1,459 pages/s
    // instead of 10,384.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY could not be set");
        }
    });
    let (stopping, mut stop) = tokio::sync::watch::channel(false);
    let (db, hub) = (app.db.clone(), app.hub.clone());
    let live = tokio::spawn(hub.clone().run(db.clone(), app.auth.clone()));
    let cleaning = tokio::spawn(ops::audit::clean_forever(db.clone(), app.config.audit.keep_days));
    let service = router(app).into_make_service_with_connect_info::<SocketAddr>();
    let serving = axum::serve(listener, service).with_graceful_shutdown(async move {
        stop_signal().await;
        print_line("Stopping: finishing what is in flight");
        hub.stop();
        let _ = stopping.send(true);
    });
    let deadline = async {
        let _ = stop.wait_for(|stopping| *stopping).await;
        tokio::time::sleep(SHUTDOWN_TIMEOUT).await;
    };
    tokio::select! {
        result = serving => result?,
        () = deadline => tracing::warn!("some requests did not finish in time"),
    }
    live.abort();
    cleaning.abort();
    db.close().await;
    Ok(())
}

/// Prints to stdout. A closed stdout is ignored: a log reader that exits must not stop the server.
fn print_line(text: &str) {
    let _ = writeln!(io::stdout(), "{text}");
}

async fn stop_signal() {
    let terminated = async {
        match tokio::signal::unix::signal(SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(error) => {
                tracing::warn!(%error, "cannot listen for SIGTERM");
                std::future::pending::<()>().await;
            }
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminated => {}
    }
}

/// Starts the log as configured.
pub fn start_log(config: &crate::config::LogConfig) -> io::Result<()> {
    // rmcp logs three lines a request at the level info, and every client that leaves as an error.
    let quiet = if config.level.contains("rmcp") { "" } else { ",rmcp=off" };
    let filter =
        tracing_subscriber::EnvFilter::try_new(format!("{}{quiet}", config.level)).map_err(io::Error::other)?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    let format = tracing_subscriber::fmt::format();
    match config.format {
        LogFormat::Text => {
            let inner = format.with_ansi(io::stderr().is_terminal());
            log.event_format(WithRequest { inner, is_json: false }).try_init()
        }
        LogFormat::Json => log.json().event_format(WithRequest { inner: format.json(), is_json: true }).try_init(),
    }
    .map_err(io::Error::other)
}
