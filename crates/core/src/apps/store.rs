//! The SQL of connected apps and of the look-up of their access tokens.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use sqlx::{QueryBuilder, query, query_as, query_scalar};

use super::ConnectedApp;
use tallyboard_db::{Scope, System, from_row, on_both, push_ids};
use tallyboard_model::{
    error::Result,
    id::{RowId, UserId},
};

from_row!(ConnectedApp { id, user_id, client_id, name, host, can_write, created_at, last_used_at });

/// A valid access token of an app.
pub struct AppToken {
    /// The app.
    pub app_id: RowId,
    /// Its display name.
    pub app_name: String,
    /// Whether the token may change things.
    pub can_write: bool,
    /// The person it acts for.
    pub user_id: UserId,
    /// The user's name.
    pub name: String,
    /// The user's time zone.
    pub time_zone: String,
    /// When the app was last used.
    pub last_used_at: Option<DateTime<Utc>>,
    /// When the token expires.
    pub expires_at: DateTime<Utc>,
}
from_row!(AppToken { app_id, app_name, can_write, user_id, name, time_zone, last_used_at, expires_at });

pub async fn insert(scope: &mut Scope, app: &ConnectedApp) -> Result<()> {
    let me = scope.user_id();
    on_both!(scope.connection(), conn => query(
        "INSERT INTO connected_apps (id, user_id, client_id, name, host, scope, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)")
        .bind(app.id).bind(me).bind(&app.client_id).bind(&app.name).bind(&app.host)
        .bind(if app.can_write { "write" } else { "read" }).bind(app.created_at).execute(conn).await.map(drop))?;
    Ok(())
}

/// The user's apps that were not revoked, newest first.
pub async fn list(scope: &mut Scope) -> Result<Vec<ConnectedApp>> {
    let me = scope.user_id();
    Ok(on_both!(scope.connection(), conn => query_as(
        "SELECT id, user_id, client_id, name, host, scope = 'write' AS can_write, created_at, last_used_at
         FROM connected_apps WHERE user_id = $1 AND revoked_at IS NULL ORDER BY created_at DESC, id DESC LIMIT 100")
        .bind(me).fetch_all(conn).await)?)
}

/// Revokes an app of the user; returns whether there was one.
pub async fn revoke(scope: &mut Scope, id: RowId, now: DateTime<Utc>) -> Result<bool> {
    let me = scope.user_id();
    let revoked: Option<RowId> = on_both!(scope.connection(), conn => query_scalar(
        "UPDATE connected_apps SET revoked_at = $3 WHERE id = $2 AND user_id = $1 AND revoked_at IS NULL RETURNING id")
        .bind(me).bind(id).bind(now).fetch_optional(conn).await)?;
    Ok(revoked.is_some())
}

/// Revokes every app of a user; returns whether there was one.
pub async fn revoke_all(scope: &mut Scope<System>, user: UserId, now: DateTime<Utc>) -> Result<bool> {
    let done = on_both!(scope.connection(), conn => query(
        "UPDATE connected_apps SET revoked_at = $2 WHERE user_id = $1 AND revoked_at IS NULL")
        .bind(user).bind(now).execute(conn).await.map(|done| done.rows_affected()))?;
    Ok(done > 0)
}

pub async fn find_token(scope: &mut Scope<System>, hash: &str, now: DateTime<Utc>) -> Result<Option<AppToken>> {
    Ok(on_both!(scope.connection(), conn => query_as(
        "SELECT a.id AS app_id, a.name AS app_name, r.scope = 'write' AS can_write, a.user_id, u.name, u.time_zone,
                a.last_used_at, r.expires_at
         FROM oauth_records r JOIN connected_apps a ON a.id = r.app_id JOIN users u ON u.id = a.user_id
         WHERE r.kind = 'access' AND r.key = $1 AND r.expires_at > $2 AND a.revoked_at IS NULL
           AND u.disabled_at IS NULL")
        .bind(hash).bind(now).fetch_optional(conn).await)?)
}

/// Which of these apps were not revoked.
pub async fn valid(scope: &mut Scope<System>, apps: &[RowId]) -> Result<HashSet<RowId>> {
    if apps.is_empty() {
        return Ok(HashSet::new());
    }
    let found: Vec<RowId> = on_both!(scope.connection(), conn => {
        let mut sql = QueryBuilder::new("SELECT id FROM connected_apps WHERE revoked_at IS NULL AND id IN ");
        push_ids(&mut sql, apps);
        sql.build_query_scalar().fetch_all(conn).await
    })?;
    Ok(found.into_iter().collect())
}

pub async fn update_last_used(scope: &mut Scope<System>, id: RowId, now: DateTime<Utc>) -> Result<()> {
    on_both!(scope.connection(), conn => query("UPDATE connected_apps SET last_used_at = $2 WHERE id = $1")
        .bind(id).bind(now).execute(conn).await.map(drop))?;
    Ok(())
}
