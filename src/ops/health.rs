//! The health check: it queries the database each time.

use std::time::Duration;

use axum::{extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::query_scalar;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::system;
use crate::{
    app::AppState,
    db::{Database, now, on_both},
    error::{Error, Result},
    http::Json,
};

/// A database that takes longer counts as down.
const HEALTH_TIMEOUT: Duration = Duration::from_secs(2);

/// `/health`, `/api/dashboard/health`, `/healthz`, `/readyz`; all open.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(health))
        .routes(routes!(dashboard_health))
        .routes(routes!(alive))
        .routes(routes!(ready))
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Status {
    Healthy,
    Unhealthy,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Live {
    Working,
    Down,
}

#[derive(Serialize, ToSchema)]
struct Health {
    status: Status,
    timestamp: DateTime<Utc>,
    /// Whether changes of other instances arrive at once.
    live: Live,
    /// The version of the server.
    version: &'static str,
}

#[derive(Serialize, ToSchema)]
struct Alive {
    status: Status,
    timestamp: DateTime<Utc>,
}

/// The health of the server.
#[utoipa::path(get, path = "/health", tag = "Operations", security(()),
    responses((status = 200, body = Health), (status = 503, body = Health)))]
async fn health(State(app): State<AppState>) -> (StatusCode, Json<Health>) {
    let (code, status) = match check(&app.db).await {
        Ok(()) => (StatusCode::OK, Status::Healthy),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, Status::Unhealthy),
    };
    let live = if app.hub.is_live() { Live::Working } else { Live::Down };
    (code, Json(Health { status, live, timestamp: now(), version: env!("CARGO_PKG_VERSION") }))
}

/// The same as `/health`.
#[utoipa::path(get, path = "/api/dashboard/health", tag = "Operations", security(()),
    responses((status = 200, body = Health), (status = 503, body = Health)))]
async fn dashboard_health(app: State<AppState>) -> (StatusCode, Json<Health>) {
    health(app).await
}

/// Whether the process answers at all: for restarting it when not. It asks nothing of the database.
#[utoipa::path(get, path = "/healthz", tag = "Operations", security(()), responses((status = 200, body = Alive)))]
async fn alive() -> Json<Alive> {
    Json(Alive { status: Status::Healthy, timestamp: now() })
}

/// Whether requests may be sent here: the database answers, and changes of other instances arrive.
#[utoipa::path(get, path = "/readyz", tag = "Operations", security(()),
    responses((status = 200, body = Health), (status = 503, body = Health)))]
async fn ready(app: State<AppState>) -> (StatusCode, Json<Health>) {
    let is_live = app.hub.is_live();
    let (code, Json(health)) = health(app).await;
    if is_live {
        return (code, Json(health));
    }
    (StatusCode::SERVICE_UNAVAILABLE, Json(Health { status: Status::Unhealthy, ..health }))
}

/// Queries the database.
pub async fn check(db: &Database) -> Result<()> {
    let scopes = system(db);
    let query = scopes.read(|scope| {
        Box::pin(async move {
            let _: i64 = on_both!(scope.connection(), conn => query_scalar("SELECT COUNT(*) FROM users WHERE id IS NULL")
                .fetch_one(conn).await)?;
            Ok(())
        })
    });
    tokio::time::timeout(HEALTH_TIMEOUT, query).await.unwrap_or_else(|_| Err(Error::unavailable()))
}
