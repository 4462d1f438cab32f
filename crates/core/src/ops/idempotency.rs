//! Repeated requests: a POST whose `Idempotency-Key` was used within the last 24 hours gets the first answer
//! again and is not executed again.
//!
//! A key belongs to its user. Answers that a repetition may improve (5xx, 429) are not stored.

use axum::{
    body::Body,
    extract::{MatchedPath, Request},
    http::{HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use sqlx::{query, query_as};

use crate::{
    app::AppState,
    auth::{AuthenticatedUser, Needs, current_user},
};
use tallyboard_base::http::read_body;
use tallyboard_db::{Scope, from_row, now, on_both};
use tallyboard_model::error::{Code, Error, Result};

/// How long an answer is stored.
const RETENTION: TimeDelta = TimeDelta::hours(24);
/// A request unanswered for this long was lost with its server, and its key may be used again.
const MAX_DURATION: TimeDelta = TimeDelta::seconds(60);

/// How long the answer to a quick add is stored: a device may be without a connection for a while.
const QUICK_ADD_RETENTION: TimeDelta = TimeDelta::days(30);

/// The routes whose answers are stored. Everywhere else the header is ignored: a hash of a body with a password would be as good
/// as the password to anyone who reads the database.
const STORED: [&str; 10] = [
    "/api/tasks",
    "/api/tasks/bulk",
    "/api/tasks/{id}/complete",
    "/api/tasks/{id}/reopen",
    "/api/tasks/{id}/restore",
    "/api/tasks/{id}/shares",
    "/api/teams",
    "/api/teams/{id}/members",
    "/api/conversations/{id}/messages",
    "/api/conversations/{id}/ask",
];

/// The server function whose answer is stored: a device without a connection sends it again.
const QUICK_ADD: &str = "/api/ui/quick_add";
/// How the fingerprint of a quick add begins, by which it is kept longer.
const QUICK_ADD_MARK: &str = "quick add ";

/// The `Idempotency-Key` of a POST to one of these routes.
pub fn key(request: &Request) -> Option<HeaderValue> {
    let key = request.headers().get("idempotency-key")?;
    let route = request.extensions().get::<MatchedPath>()?;
    let is_stored = STORED.contains(&route.as_str()) || request.uri().path() == QUICK_ADD;
    (request.method() == Method::POST && is_stored).then(|| key.clone())
}

/// Answers a request with this [`key`].
pub async fn answer_once(app: &AppState, key: HeaderValue, request: Request, next: Next) -> Response {
    try_answer_once(app, key, request, next).await.unwrap_or_else(IntoResponse::into_response)
}

async fn try_answer_once(app: &AppState, key: HeaderValue, request: Request, next: Next) -> Result<Response> {
    let key = key.to_str().ok().filter(|key| (1..=255).contains(&key.len())).map(str::to_owned).ok_or_else(|| {
        Error::new(Code::BadRequest, "The Idempotency-Key header is malformed")
            .detail("1 to 255 visible ASCII characters")
    })?;
    let user = current_user(app, request.method(), request.headers(), Needs::Write).await?;
    let (parts, body) = request.into_parts();
    let body = read_body(body).await?;
    let fingerprint = fingerprint(&parts.uri.to_string(), &body);

    if let Some((status, text)) = claim(app, &user, &key, &fingerprint).await? {
        let mut response = (status, text).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response.headers_mut().insert("idempotency-replayed", HeaderValue::from_static("true"));
        return Ok(response);
    }
    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    let (parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.map_err(Error::internal)?;
    settle(app, &user, &key, parts.status, &String::from_utf8_lossy(&bytes)).await;
    Ok(Response::from_parts(parts, Body::from(bytes)))
}

/// Stores the answer of the request that has claimed a key; frees the key when a repetition may do better.
pub async fn settle(app: &AppState, user: &AuthenticatedUser, key: &str, status: StatusCode, text: &str) {
    let is_temporary = status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS;
    let status = (!is_temporary).then(|| i32::from(status.as_u16()));
    let stored = app
        .db
        .scope(user)
        .unattributed()
        .write(|scope| {
            let (key, text) = (key.to_owned(), text.to_owned());
            Box::pin(async move { store_answer(scope, &key, status, &text).await })
        })
        .await;
    if let Err(error) = stored {
        tracing::warn!(%error, "the answer for an Idempotency-Key could not be stored");
    }
}

/// The fingerprint by which two requests with one key are the same.
pub fn fingerprint(path: &str, body: &[u8]) -> String {
    let mut hash = Sha256::new();
    hash.update(path);
    hash.update([0]);
    hash.update(body);
    let mark = if path == QUICK_ADD { QUICK_ADD_MARK } else { "" };
    format!("{mark}{:x}", hash.finalize())
}

/// Claims the key: `None` when the request must be executed and then [`settle`]d, otherwise the first answer.
///
/// # Errors
/// 422 when the key was used for another request, 409 while the first request is under way.
pub async fn claim(
    app: &AppState,
    user: &AuthenticatedUser,
    key: &str,
    fingerprint: &str,
) -> Result<Option<(StatusCode, String)>> {
    let found = app
        .db
        .scope(user)
        .unattributed()
        .write(|scope| {
            let (key, fingerprint) = (key.to_owned(), fingerprint.to_owned());
            Box::pin(async move { insert_or_find(scope, &key, &fingerprint, now()).await })
        })
        .await?;
    let Some(row) = found else { return Ok(None) };
    if row.request != fingerprint {
        return Err(Error::validation()
            .field("Idempotency-Key", "was already used for another request")
            .detail("Use a new key for a new request"));
    }
    let status = row.status.and_then(|status| StatusCode::from_u16(u16::try_from(status).ok()?).ok());
    let status = status.ok_or_else(|| {
        Error::new(Code::Conflict, "The first request with this key is still in progress")
            .detail("Ask again in a moment")
    })?;
    Ok(Some((status, row.body.unwrap_or_default())))
}

struct KeyRow {
    request: String,
    status: Option<i32>,
    body: Option<String>,
}
from_row!(KeyRow { request, status, body });

async fn insert_or_find(scope: &mut Scope, key: &str, fingerprint: &str, now: DateTime<Utc>) -> Result<Option<KeyRow>> {
    let me = scope.user_id();
    on_both!(scope.connection(), conn => query(
        "DELETE FROM idempotency_keys WHERE user_id = $1 AND (
             (status IS NULL AND created_at < $3) OR created_at < $4 OR (created_at < $2 AND request NOT LIKE $5 || '%'))")
        .bind(me).bind(now - RETENTION).bind(now - MAX_DURATION).bind(now - QUICK_ADD_RETENTION).bind(QUICK_ADD_MARK)
        .execute(conn).await.map(drop))?;
    let inserted = on_both!(scope.connection(), conn => query(
        "INSERT INTO idempotency_keys (user_id, key, request, created_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (user_id, key) DO NOTHING")
        .bind(me).bind(key).bind(fingerprint).bind(now).execute(conn).await.map(|done| done.rows_affected()))?;
    if inserted == 1 {
        return Ok(None);
    }
    Ok(on_both!(scope.connection(), conn => query_as(
        "SELECT request, status, body FROM idempotency_keys WHERE user_id = $1 AND key = $2")
        .bind(me).bind(key).fetch_optional(conn).await)?)
}

/// Stores the answer, or frees the key when there is none to store.
async fn store_answer(scope: &mut Scope, key: &str, status: Option<i32>, body: &str) -> Result<()> {
    let me = scope.user_id();
    match status {
        Some(status) => on_both!(scope.connection(), conn => query(
            "UPDATE idempotency_keys SET status = $3, body = $4 WHERE user_id = $1 AND key = $2")
            .bind(me).bind(key).bind(status).bind(body).execute(conn).await.map(drop))?,
        None => {
            on_both!(scope.connection(), conn => query("DELETE FROM idempotency_keys WHERE user_id = $1 AND key = $2")
            .bind(me).bind(key).execute(conn).await.map(drop))?
        }
    }
    Ok(())
}
