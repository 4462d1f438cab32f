//! The SQL of personal tokens.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use sqlx::{query, query_as, query_scalar};

use crate::auth::store::valid_ids;
use tallyboard_db::{Scope, System, from_row, on_both};
use tallyboard_model::{
    auth::{PersonalToken, TokenScope},
    error::Result,
    id::{RowId, TokenId, UserId},
    list::PageRequest,
};

/// A valid personal token and its user.
pub struct TokenUserRow {
    pub id: TokenId,
    pub token_name: String,
    pub scope: String,
    pub user_id: UserId,
    pub name: String,
    pub time_zone: String,
    pub last_used_at: Option<DateTime<Utc>>,
    pub expires_at: Option<DateTime<Utc>>,
}
from_row!(TokenUserRow { id, token_name, scope, user_id, name, time_zone, last_used_at, expires_at });

struct TokenRow {
    id: TokenId,
    name: String,
    scope: String,
    prefix: String,
    created_at: DateTime<Utc>,
    last_used_at: Option<DateTime<Utc>>,
    expires_at: Option<DateTime<Utc>>,
}
from_row!(TokenRow { id, name, scope, prefix, created_at, last_used_at, expires_at });

/// The scope in a column: `calendar`, `read` or `write`.
macro_rules! scope_column {
    () => {
        "CASE WHEN only_calendar = 1 THEN 'calendar' ELSE scope END AS scope"
    };
}

/// The scope that [`scope_column`] reads; what is unknown may least.
pub fn token_scope(stored: &str) -> TokenScope {
    match stored {
        "write" => TokenScope::Write,
        "read" => TokenScope::Read,
        _ => TokenScope::Calendar,
    }
}

pub async fn insert_token(
    scope: &mut Scope,
    token: &PersonalToken,
    token_scope: TokenScope,
    secret_hash: &str,
) -> Result<()> {
    let me = scope.user_id();
    let stored_scope = if token_scope == TokenScope::Write { "write" } else { "read" };
    on_both!(scope.connection(), conn => query(
        "INSERT INTO access_tokens (id, user_id, name, secret_hash, prefix, scope, created_at, expires_at, only_calendar)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)")
        .bind(token.id).bind(me).bind(&token.name).bind(secret_hash).bind(&token.prefix).bind(stored_scope)
        .bind(token.created_at).bind(token.expires_at).bind(i64::from(token_scope == TokenScope::Calendar))
        .execute(conn).await.map(drop))?;
    Ok(())
}

/// How many tokens of the user are valid at `now`.
pub async fn count_tokens(scope: &mut Scope, now: DateTime<Utc>) -> Result<i64> {
    let me = scope.user_id();
    Ok(on_both!(scope.connection(), conn => query_scalar(
        "SELECT COUNT(*) FROM access_tokens
         WHERE user_id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)")
        .bind(me).bind(now).fetch_one(conn).await)?)
}

/// The user's tokens that were not revoked; those that have expired are among them.
pub async fn tokens(scope: &mut Scope, page: &PageRequest) -> Result<Vec<PersonalToken>> {
    let me = scope.user_id();
    let rows: Vec<TokenRow> = on_both!(scope.connection(), conn => query_as(concat!(
        "SELECT id, name, ", scope_column!(), ", prefix, created_at, last_used_at, expires_at FROM access_tokens
         WHERE user_id = $1 AND revoked_at IS NULL AND (created_at, id) < ($2, $3)
         ORDER BY created_at DESC, id DESC LIMIT $4"))
        .bind(me).bind(page.after.key).bind(page.after.id).bind(page.rows()).fetch_all(conn).await)?;
    let token = |row: TokenRow| PersonalToken {
        id: row.id,
        name: row.name,
        scopes: token_scope(&row.scope).included(),
        prefix: row.prefix,
        created_at: row.created_at,
        last_used_at: row.last_used_at,
        expires_at: row.expires_at,
    };
    Ok(rows.into_iter().map(token).collect())
}

/// Revokes a token of the user. Returns the hash of its secret, or `None` when there is no such token.
pub async fn revoke_token(scope: &mut Scope, token: TokenId, now: DateTime<Utc>) -> Result<Option<String>> {
    let me = scope.user_id();
    Ok(on_both!(scope.connection(), conn => query_scalar(
        "UPDATE access_tokens SET revoked_at = $3 WHERE id = $1 AND user_id = $2 AND revoked_at IS NULL
         RETURNING secret_hash")
        .bind(token).bind(me).bind(now).fetch_optional(conn).await)?)
}

/// Revokes the user's tokens for the calendar: their ids and the hashes of their secrets.
pub async fn revoke_calendar_tokens(scope: &mut Scope, now: DateTime<Utc>) -> Result<Vec<(TokenId, String)>> {
    let me = scope.user_id();
    Ok(on_both!(scope.connection(), conn => query_as(
        "UPDATE access_tokens SET revoked_at = $2 WHERE user_id = $1 AND only_calendar = 1 AND revoked_at IS NULL
         RETURNING id, secret_hash")
        .bind(me).bind(now).fetch_all(conn).await)?)
}

pub async fn find_token(scope: &mut Scope<System>, secret_hash: &str) -> Result<Option<TokenUserRow>> {
    Ok(on_both!(scope.connection(), conn => query_as(concat!(
        "SELECT t.id, t.name AS token_name, ", scope_column!(), ", t.user_id, u.name, u.time_zone, t.last_used_at, t.expires_at
         FROM access_tokens t JOIN users u ON u.id = t.user_id
         WHERE t.secret_hash = $1 AND t.revoked_at IS NULL AND u.disabled_at IS NULL"))
        .bind(secret_hash).fetch_optional(conn).await)?)
}

pub async fn update_last_used(scope: &mut Scope<System>, token: TokenId, now: DateTime<Utc>) -> Result<()> {
    on_both!(scope.connection(), conn => query("UPDATE access_tokens SET last_used_at = $2 WHERE id = $1")
        .bind(token).bind(now).execute(conn).await.map(drop))?;
    Ok(())
}

/// Which of these tokens are valid at `now`.
pub async fn valid_tokens(
    scope: &mut Scope<System>,
    tokens: &[TokenId],
    now: DateTime<Utc>,
) -> Result<HashSet<TokenId>> {
    let ids: Vec<_> = tokens.iter().map(|token| RowId(token.0)).collect();
    let valid = valid_ids(scope, "SELECT id FROM access_tokens", &ids, now).await?;
    Ok(valid.into_iter().map(|id| TokenId(id.0)).collect())
}
