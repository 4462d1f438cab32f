//! Prometheus' metrics, at their own address or behind a token.

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
    routing::get,
};
use metrics::gauge;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use sha2::{Digest, Sha256};

use tallyboard_base::{config::MetricsConfig, figures, http::header_text, release};
use tallyboard_core::{app::AppState, live::Listening};
use tallyboard_model::error::{Error, Result};

/// Seconds: from a cached number to the longest that a transaction may take.
const BUCKETS: [f64; 14] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// Where Prometheus asks.
const PATH: &str = "/metrics";

/// Starts recording, when the settings ask for metrics.
///
/// # Errors
/// A recorder was installed before.
pub fn start(config: &MetricsConfig) -> Result<Option<PrometheusHandle>, String> {
    if !config.is_on() {
        return Ok(None);
    }
    let recorder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &BUCKETS)
        .map_err(|error| error.to_string())?
        .build_recorder();
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder).map_err(|error| error.to_string())?;
    figures::record_metrics();
    Ok(Some(handle))
}

/// `/metrics` for requests with the token of the settings.
pub fn protected_route() -> Router<AppState> {
    let handler = async |State(app): State<AppState>, headers: HeaderMap| {
        check(&app.config.metrics, &headers)?;
        Ok::<_, Error>(answer(&app))
    };
    Router::new().route(PATH, get(handler))
}

/// `/metrics` for everybody who reaches its address.
pub fn open_route(app: AppState) -> Router {
    let handler = async |State(app): State<AppState>| answer(&app);
    Router::new().route(PATH, get(handler)).with_state(app)
}

fn check(config: &MetricsConfig, headers: &HeaderMap) -> Result<()> {
    // Without a token in the settings there is no such page.
    let expected = config.token.as_deref().ok_or_else(|| Error::not_found("Route"))?;
    let given = header_text(headers, header::AUTHORIZATION).and_then(|value| value.strip_prefix("Bearer "));
    // Hashes, so that the time of the comparison says nothing about the token.
    let is_right = given.is_some_and(|given| Sha256::digest(given) == Sha256::digest(expected));
    if is_right { Ok(()) } else { Err(Error::unauthorized("This requires the token from the setting metrics.token")) }
}

fn answer(app: &AppState) -> Response {
    let Some(handle) = &app.metrics else { return Error::not_found("Route").into_response() };
    let (open, idle) = app.db.connections();
    gauge!("tallyboard_database_connections", "state" => "idle").set(idle);
    gauge!("tallyboard_database_connections", "state" => "in use").set(open.saturating_sub(idle));
    gauge!("tallyboard_sockets").set(app.hub.sockets() as f64);
    gauge!("tallyboard_live").set(if app.hub.listening() == Listening::Working { 1.0 } else { 0.0 });
    gauge!("tallyboard_requests_in_flight").set(app.in_flight.count() as f64);
    let commit = release::get().map_or("unknown", |release| release.commit);
    gauge!("tallyboard_build_info", "version" => env!("CARGO_PKG_VERSION"), "commit" => commit).set(1.0);
    if let Some(bytes) = resident_bytes() {
        gauge!("process_resident_memory_bytes").set(bytes as f64);
    }
    handle.run_upkeep();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], handle.render()).into_response()
}

/// The memory of the process, where the system tells (Linux).
fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? * 1024)
}
