//! The router, its layers, start and graceful stop.

use std::{
    io::{self, IsTerminal, Write},
    net::SocketAddr,
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use axum::{
    Router,
    extract::{ConnectInfo, Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{any, get},
    serve::ListenerExt,
};
use leptos::{config::LeptosOptions, prelude::provide_context};
use tokio::{net::TcpListener, signal::unix::SignalKind};
use tower_http::{
    CompressionLevel,
    catch_panic::CatchPanicLayer,
    compression::CompressionLayer,
    services::{ServeDir, fs::ServeFileSystemResponseBody},
    set_header::SetResponseHeaderLayer,
};
use tracing::{Instrument, field};
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::{
    app::{App, STYLESHEET, page_not_found},
    auth::{self, Auth},
    chat,
    config::{Config, ServerConfig},
    db::{Database, Migration},
    error::{Code, Error, json_response},
    live::{self, Hub},
    openapi::{self, Description},
    ops, paths, shares, statistics,
    statistics::service::Counts,
    tasks, teams,
    ui::forms,
};

/// How long requests may take to finish after the signal to stop.
const GRACE: Duration = Duration::from_secs(10);

/// Every route, in one list.
pub fn router(app: App) -> Router {
    let site = PathBuf::from(app.leptos.site_root.as_ref());
    let (rest, document) = OpenApiRouter::with_openapi(Description::openapi())
        .merge(auth::rest::routes())
        .merge(statistics::rest::routes())
        .merge(tasks::rest::routes())
        .merge(shares::rest::routes())
        .merge(teams::rest::routes())
        .merge(chat::rest::routes())
        .layer(middleware::from_fn_with_state(app.clone(), ops::idempotency::layer))
        .merge(ops::health::routes())
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
        .route(paths::SETTINGS, get(auth::page::settings))
        .route(paths::SIGN_IN, get(auth::page::sign_in))
        .route(paths::SIGN_UP, get(auth::page::sign_up))
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest));
    let server_functions = Router::new()
        .route("/api/ui/{*name}", any(server_function))
        .layer(middleware::from_fn_with_state(app.clone(), forms::layer));
    let built = Router::new().nest_service(
        "/pkg",
        tower::ServiceBuilder::new()
            // The names carry a hash: what is behind one never changes. What is not there may come.
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
        .merge(pages)
        .merge(server_functions)
        .merge(built)
        .fallback_service(ServeDir::new(site).fallback(any(not_found).with_state(app.clone())))
        .method_not_allowed_fallback(method_not_allowed)
        .layer(CatchPanicLayer::custom(|_| Error::internal("a request panicked").into_response()))
        .layer(middleware::from_fn_with_state(app.clone(), envelope))
        .with_state(app)
}

async fn server_function(State(app): State<App>, request: Request) -> Response {
    let context = move || provide_context(app.clone());
    leptos_axum::handle_server_fns_with_context(context, request).await.into_response()
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

/// Around every request: an id that the answer and the log share, and headers that all answers have.
async fn envelope(State(app): State<App>, request: Request, next: Next) -> Response {
    let id = uuid::Uuid::now_v7();
    let (method, for_api) = (request.method().clone(), is_api(request.uri().path()));
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| field::display(peer.ip()));
    // An error's level, so that the quietest log still says who a line is about.
    let span = tracing::error_span!("request", %id, %method, path = request.uri().path(), peer, user = field::Empty);
    let started = std::time::Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    if for_api && response.status() == 405 && !response.headers().contains_key(header::CONTENT_TYPE) {
        response = json_response(&Error::new(Code::MethodNotAllowed, format!("{method} is not allowed here")));
    }
    let _entered = span.enter();
    if response.status() == StatusCode::FORBIDDEN {
        // FR-028: a try at what is somebody else's; who, what and from where are the span's.
        tracing::warn!(target: "security", "refused");
    }
    tracing::debug!(status = response.status().as_u16(), elapsed = ?started.elapsed(), "answered");

    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(id.hyphenated().encode_lower(&mut uuid::Uuid::encode_buffer())) {
        headers.insert("x-request-id", id);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // Our own forms need the referrer, nobody else does.
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if app.config.server.is_https() {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    response
}

/// Opens the database, migrates it, and puts the services together.
pub async fn build(config: Config) -> Result<App, Box<dyn std::error::Error>> {
    std::fs::create_dir_all(&config.data_dir)
        .map_err(|error| format!("data_dir {}: {error}", config.data_dir.display()))?;
    let db = Database::connect(&config.database)
        .await
        .map_err(|error| format!("database {}: {error}", config.database.masked_url()))?;
    ops::migrations::run(&db, Migration::Up).await?;
    let auth = Auth::new(db.clone(), &config.auth, &config.data_dir)
        .map_err(|error| format!("the signing key in {}: {error}", config.data_dir.display()))?;
    let counts = Counts::new(db.clone(), Duration::from_secs(config.dashboard.cache_ttl_seconds));
    // Rendering spawns; the runtime is the one that we are in.
    let _ = any_spawner::Executor::init_tokio();
    let leptos = leptos_options(&config.server);
    let _ = STYLESHEET.set(stylesheet(&leptos));
    let hub = Hub::new(&db, counts.clone());
    Ok(App { config: Arc::new(config), db, auth: Arc::new(auth), counts, hub, leptos })
}

fn leptos_options(server: &ServerConfig) -> LeptosOptions {
    let hashed = hash_file().is_some_and(|path| path.exists());
    LeptosOptions::builder()
        .output_name("tallyboard")
        .site_root(server.site_root.clone())
        .site_addr(server.address)
        .hash_files(hashed)
        .build()
}

/// cargo-leptos writes the hashes of what it built beside the binary.
fn hash_file() -> Option<PathBuf> {
    Some(std::env::current_exe().ok()?.parent()?.join("hash.txt"))
}

fn stylesheet(options: &LeptosOptions) -> String {
    let hashes = hash_file().and_then(|path| std::fs::read_to_string(path).ok()).unwrap_or_default();
    let hash = hashes.lines().find_map(|line| line.strip_prefix("css:")).map(|hash| format!(".{}", hash.trim()));
    format!("/{}/{}{}.css", options.site_pkg_dir, options.output_name, hash.unwrap_or_default())
}

/// Serves until a signal says stop; then finishes what is in flight.
pub async fn serve(app: App) -> Result<(), Box<dyn std::error::Error>> {
    let address = app.config.server.address;
    let listener = TcpListener::bind(address).await.map_err(|error| format!("address {address}: {error}"))?;
    let address = listener.local_addr()?;
    say(&format!(
        "Tallyboard {} is on http://{address}\n  database  {}\n  data      {}",
        env!("CARGO_PKG_VERSION"),
        app.config.database.masked_url(),
        app.config.data_dir.display()
    ));

    // Without TCP_NODELAY an answer's last packet waits for the client's acknowledgement: measured
    // 1,459 pages/s instead of 10,384.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY was refused");
        }
    });
    let (stopping, mut stop) = tokio::sync::watch::channel(false);
    let (db, hub) = (app.db.clone(), app.hub.clone());
    let live = tokio::spawn(hub.clone().run(db.clone(), app.auth.clone()));
    let service = router(app).into_make_service_with_connect_info::<SocketAddr>();
    let serving = axum::serve(listener, service).with_graceful_shutdown(async move {
        stop_signal().await;
        say("Stopping: finishing what is in flight");
        hub.stop();
        let _ = stopping.send(true);
    });
    let deadline = async {
        let _ = stop.wait_for(|stopping| *stopping).await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        result = serving => result?,
        () = deadline => tracing::warn!("some requests did not finish in time"),
    }
    live.abort();
    db.close().await;
    Ok(())
}

/// Tells whoever started it; a server does not die because nobody listens.
fn say(text: &str) {
    let _ = writeln!(io::stdout(), "{text}");
}

async fn stop_signal() {
    let terminated = async {
        match tokio::signal::unix::signal(SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(error) => {
                tracing::warn!(%error, "SIGTERM can't be heard");
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
    let filter = tracing_subscriber::EnvFilter::try_new(&config.level).map_err(io::Error::other)?;
    let log =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).with_ansi(io::stderr().is_terminal());
    match config.format {
        crate::config::LogFormat::Text => log.try_init(),
        crate::config::LogFormat::Json => log.json().try_init(),
    }
    .map_err(io::Error::other)
}
