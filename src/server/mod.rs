//! The server: the router with its layer, connections, start and graceful stop.

use std::{
    io::{self, IsTerminal, Write},
    sync::Arc,
    time::Duration,
};

use tokio::{net::TcpListener, signal::unix::SignalKind};

use crate::ui::{assets, error_page::STYLESHEET};
use connection::{Peer, TimedListener};
use tallyboard_assistants::oauth;
use tallyboard_base::{
    config::{Config, LogFormat},
    figures,
    in_flight::InFlight,
    request_log::WithRequest,
};
use tallyboard_core::{
    app::{AppState, AppStateInner},
    auth::{Auth, oidc::IdentityProvider},
    live::Hub,
    mail::{self, Mailer},
    model::ModelClient,
    notifications,
    ops::{audit, limits::Limits},
    statistics::service::StatisticsCache,
};
use tallyboard_db::{Database, Migration};
use tallyboard_ops as ops;

mod connection;
mod cors;
mod layer;
mod router;
mod site;

pub use router::{router, router_with_mcp};

/// How long requests may take to finish after the signal to stop.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(10);

/// Opens the database, migrates it and makes the state of all handlers.
pub async fn build(config: Config) -> Result<AppState, Box<dyn std::error::Error + Send + Sync>> {
    std::fs::create_dir_all(&config.data_dir)
        .map_err(|error| format!("data_dir {}: {error}", config.data_dir.display()))?;
    let db = Database::connect(&config.database)
        .await
        .map_err(|error| format!("database {}: {error}", config.database.masked_url()))?;
    db.migrate(Migration::Up).await?;
    let auth = Auth::new(db.clone(), &config.auth, &config.data_dir, config.mail.is_on())
        .map_err(|error| format!("the signing key in {}: {error}", config.data_dir.display()))?;
    let statistics = StatisticsCache::new(db.clone(), Duration::from_secs(config.dashboard.cache_ttl_seconds));
    // Rendering spawns tasks on this runtime.
    let _ = any_spawner::Executor::init_tokio();
    let assets = assets::load(&config.server.site_root, &config.data_dir)?;
    let _ = STYLESHEET.set(assets.stylesheet());
    let hub = Hub::new(&db, statistics.clone());
    figures::set_slow_query(config.log.slow_query());
    let metrics = ops::metrics::start(&config.metrics)?;
    let limits = Limits::new(&config.limits);
    let in_flight = InFlight::new(config.limits.requests_in_flight());
    let auth = Arc::new(auth);
    let identity_provider = IdentityProvider::new(&config)?;
    let model = ModelClient::new(&config.assistant)?;
    let mail = Mailer::new(&config.mail, &config.server.public_url)?;
    Ok(AppState::new(AppStateInner {
        config,
        db,
        auth,
        identity_provider,
        limits,
        in_flight,
        statistics,
        model,
        mail,
        hub,
        metrics,
        assets,
    }))
}

/// Serves until a signal arrives, then finishes the requests in flight.
pub async fn serve(app: AppState) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let address = app.config.server.address;
    let listener = TcpListener::bind(address).await.map_err(|error| format!("address {address}: {error}"))?;
    let address = listener.local_addr()?;
    print_line(&format!(
        "Tallyboard {} is on http://{address}\n  database  {}\n  data      {}",
        env!("CARGO_PKG_VERSION"),
        app.config.database.masked_url(),
        app.config.data_dir.display()
    ));

    if let Some(address) = &app.config.metrics.address {
        let listener =
            TcpListener::bind(address).await.map_err(|error| format!("metrics.address {address}: {error}"))?;
        print_line(&format!("  metrics   http://{}/metrics", listener.local_addr()?));
        let route = ops::metrics::open_route(app.clone());
        tokio::spawn(async move { axum::serve(listener, route).await });
    }
    if app.mail.is_none() {
        app.auth.confirm_all_addresses().await?;
    }
    let (stopping, mut stop) = tokio::sync::watch::channel(false);
    let (db, hub) = (app.db.clone(), app.hub.clone());
    let live = tokio::spawn(hub.clone().run(db.clone(), app.auth.clone()));
    let cleaning =
        tokio::spawn(audit::clean_forever(db.clone(), app.config.audit.keep_days, app.config.trash.keep_days));
    let limits = app.clone();
    let forgetting = tokio::spawn(async move { limits.limits.clean_forever().await });
    let interrupted = tokio::spawn(ops::answers::fail_interrupted_forever(db.clone()));
    let expired = tokio::spawn(oauth::forget_expired_forever(db.clone()));
    let backups = tokio::spawn(ops::backup::schedule::run_forever(app.config.clone(), db.clone()));
    let mailing = tokio::spawn(mail::delivery::run_forever(app.clone()));
    let telling = tokio::spawn(notifications::schedule::run_forever(app.clone()));
    let service = router(app).into_make_service_with_connect_info::<Peer>();
    let serving = axum::serve(TimedListener(listener), service).with_graceful_shutdown(async move {
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
    forgetting.abort();
    interrupted.abort();
    expired.abort();
    backups.abort();
    mailing.abort();
    telling.abort();
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
pub fn start_log(config: &tallyboard_base::config::LogConfig) -> io::Result<()> {
    // rmcp logs three lines a request at the level info, and every client that leaves as an error.
    let mut quiet = if config.level.contains("rmcp") { String::new() } else { ",rmcp=off".to_owned() };
    if config.level == "info" {
        quiet.extend([",", tallyboard_db::QUIET_NOTICES]);
    }
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
