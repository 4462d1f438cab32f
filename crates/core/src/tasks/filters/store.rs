//! The SQL of saved filters.

use sqlx::{query_as, query_scalar};

use super::SavedFilter;
use tallyboard_db::{Scope, from_row, on_both};
use tallyboard_model::{error::Result, id::FilterId, list::PageRequest};

from_row!(SavedFilter { id, name, query, created_at });

/// The user's saved filters, newest first.
pub async fn list(scope: &mut Scope, page: &PageRequest) -> Result<Vec<SavedFilter>> {
    let me = scope.user_id();
    Ok(on_both!(scope.connection(), conn => query_as(
        "SELECT id, name, query, created_at FROM saved_filters WHERE user_id = $1 AND (created_at, id) < ($2, $3)
         ORDER BY created_at DESC, id DESC LIMIT $4")
        .bind(me).bind(page.after.key).bind(page.after.id).bind(page.rows()).fetch_all(conn).await)?)
}

/// How many filters with another name the user has saved.
pub async fn count_others(scope: &mut Scope, name: &str) -> Result<i64> {
    let me = scope.user_id();
    Ok(on_both!(scope.connection(), conn => query_scalar(
        "SELECT COUNT(*) FROM saved_filters WHERE user_id = $1 AND name <> $2")
        .bind(me).bind(name).fetch_one(conn).await)?)
}

/// Saves a filter, replacing the one with its name.
pub async fn save(scope: &mut Scope, filter: &SavedFilter) -> Result<SavedFilter> {
    let me = scope.user_id();
    Ok(on_both!(scope.connection(), conn => query_as(
        "INSERT INTO saved_filters (id, user_id, name, query, created_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (user_id, name) DO UPDATE SET query = excluded.query
         RETURNING id, name, query, created_at")
        .bind(filter.id).bind(me).bind(&filter.name).bind(&filter.query).bind(filter.created_at)
        .fetch_one(conn).await)?)
}

/// Deletes a filter of the user; false when there is none.
pub async fn delete(scope: &mut Scope, id: FilterId) -> Result<bool> {
    let me = scope.user_id();
    let deleted: Option<FilterId> = on_both!(scope.connection(), conn => query_scalar(
        "DELETE FROM saved_filters WHERE id = $1 AND user_id = $2 RETURNING id")
        .bind(id).bind(me).fetch_optional(conn).await)?;
    Ok(deleted.is_some())
}
