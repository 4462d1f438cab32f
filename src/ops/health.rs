//! Whether the server can do its work: it asks the database, each time.

use std::time::Duration;

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::json;
use sqlx::query_scalar;

use super::DatabaseKey;
use crate::{
    app::App,
    db::{Database, now, on_both},
    error::{Error, Result},
};

/// Longer than this and callers would call it down as well.
const PATIENCE: Duration = Duration::from_secs(2);

/// `/health` and `/api/dashboard/health`; both open.
pub fn routes() -> Router<App> {
    Router::new().route("/health", get(health)).route("/api/dashboard/health", get(health))
}

async fn health(State(app): State<App>) -> Response {
    let (status, text) = match check(&app.db).await {
        Ok(()) => (StatusCode::OK, "healthy"),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "unhealthy"),
    };
    let body = json!({ "status": text, "timestamp": now(), "version": env!("CARGO_PKG_VERSION") });
    (status, Json(body)).into_response()
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
