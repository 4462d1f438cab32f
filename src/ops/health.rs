//! Whether the server can do its work: it asks the database, each time.

use std::time::Duration;

use axum::{Json, extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::query_scalar;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::DatabaseKey;
use crate::{
    app::App,
    db::{Database, now, on_both},
    error::{Error, Result},
};

/// Longer than this and callers would call it down as well.
const PATIENCE: Duration = Duration::from_secs(2);

/// `/health` and `/api/dashboard/health`; both open.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(health)).routes(routes!(dashboard_health))
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
    /// Whether it hears at once what other instances change.
    live: Live,
    /// The server's.
    version: &'static str,
}

/// Whether the server can do its work.
#[utoipa::path(get, path = "/health", tag = "Operations", security(()),
    responses((status = 200, body = Health), (status = 503, body = Health)))]
async fn health(State(app): State<App>) -> (StatusCode, Json<Health>) {
    let (code, status) = match check(&app.db).await {
        Ok(()) => (StatusCode::OK, Status::Healthy),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, Status::Unhealthy),
    };
    let live = if app.hub.is_live() { Live::Working } else { Live::Down };
    (code, Json(Health { status, live, timestamp: now(), version: env!("CARGO_PKG_VERSION") }))
}

/// The same under the dashboard's address.
#[utoipa::path(get, path = "/api/dashboard/health", tag = "Operations", security(()),
    responses((status = 200, body = Health), (status = 503, body = Health)))]
async fn dashboard_health(app: State<App>) -> (StatusCode, Json<Health>) {
    health(app).await
}

/// Asks the database for an answer.
pub async fn check(db: &Database) -> Result<()> {
    let ask = db.system_read(DatabaseKey(()), |scope| {
        Box::pin(async move {
            let _: i64 = on_both!(scope.connection(), conn => query_scalar("SELECT COUNT(*) FROM users WHERE id IS NULL")
                .fetch_one(conn).await)?;
            Ok(())
        })
    });
    tokio::time::timeout(PATIENCE, ask).await.unwrap_or_else(|_| Err(Error::unavailable()))
}
