//! The health check: it queries the database, at most twice a second.

use std::time::{Duration, Instant};

use axum::{extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::query_scalar;
use tokio::sync::Mutex;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::system;
use tallyboard_base::http::Json;
use tallyboard_core::{app::AppState, live::Listening};
use tallyboard_db::{Database, now, on_both, pooler::NEEDS_DIRECT_URL};
use tallyboard_model::error::{Error, Result};

/// A database that takes longer counts as down.
const HEALTH_TIMEOUT: Duration = Duration::from_secs(2);
/// How old an answer may be.
const MAX_AGE: Duration = Duration::from_millis(500);

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
    /// Until somebody uses the board: `database.keep_awake` is off.
    Asleep,
}

#[derive(Serialize, ToSchema)]
struct Health {
    status: Status,
    timestamp: DateTime<Utc>,
    /// Whether changes of other instances arrive at once.
    live: Live,
    /// What to do, when something is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'static str>,
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
    static CHECKED: Mutex<Checked> = Mutex::const_new(None);
    let (code, status) = match recent_or(&CHECKED, check(&app.db)).await {
        Ok(()) => (StatusCode::OK, Status::Healthy),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, Status::Unhealthy),
    };
    let (live, detail) = match app.hub.listening() {
        Listening::Working => (Live::Working, None),
        Listening::Asleep => (Live::Asleep, None),
        Listening::Lost => {
            (Live::Down, Some("The connection for changes of other instances is lost; it is opened again"))
        }
        Listening::NotPossible => (Live::Down, Some(NEEDS_DIRECT_URL)),
    };
    (code, Json(Health { status, live, detail, timestamp: now(), version: env!("CARGO_PKG_VERSION") }))
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
    static CHECKED: Mutex<Checked> = Mutex::const_new(None);
    let users = recent_or(&CHECKED, check_users_access(&app.db));
    let (is_lost, may_read) = (app.hub.listening() == Listening::Lost, users.await);
    let (code, Json(health)) = health(app).await;
    match may_read {
        Ok(()) if !is_lost => (code, Json(health)),
        Ok(()) => (StatusCode::SERVICE_UNAVAILABLE, Json(Health { status: Status::Unhealthy, ..health })),
        Err(_) if code != StatusCode::OK => (code, Json(health)),
        Err(_) => {
            let detail = Some("Users' transactions can't begin; `tallyboard doctor` says why");
            (StatusCode::SERVICE_UNAVAILABLE, Json(Health { status: Status::Unhealthy, detail, ..health }))
        }
    }
}

/// The last check's outcome and time.
type Checked = Option<(Instant, Result<()>)>;

/// The outcome of a check that may be a moment old: nobody is counted here, so however many ask, the database is asked
/// twice a second.
async fn recent_or(checked: &Mutex<Checked>, check: impl Future<Output = Result<()>>) -> Result<()> {
    // Concurrent requests wait for this one's outcome.
    let mut checked = checked.lock().await;
    if let Some((at, found)) = &*checked
        && at.elapsed() < MAX_AGE
    {
        return found.clone();
    }
    let found = check.await;
    *checked = Some((Instant::now(), found.clone()));
    found
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

/// Begins a transaction as users' requests do, for nobody's rows: on PostgreSQL that sets the app's role.
async fn check_users_access(db: &Database) -> Result<()> {
    let begun = db.begin_as_nobody();
    tokio::time::timeout(HEALTH_TIMEOUT, begun).await.unwrap_or_else(|_| Err(Error::unavailable()))
}
