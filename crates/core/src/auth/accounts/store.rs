//! The SQL of managing accounts.

use chrono::{DateTime, Utc};
use sqlx::{query, query_as, query_scalar};

use super::Account;
use tallyboard_db::{Scope, System, from_row, on_both};
use tallyboard_model::{
    error::Result,
    id::{SessionId, UserId},
};

from_row!(Account { id, email, name, created_at, last_seen_at, disabled_at });

/// Every account, by email address.
pub async fn list(scope: &mut Scope<System>) -> Result<Vec<Account>> {
    Ok(on_both!(scope.connection(), conn => query_as(
        "SELECT u.id, u.email, u.name, u.created_at, u.disabled_at,
                (SELECT MAX(s.last_seen_at) FROM sessions s WHERE s.user_id = u.id) AS last_seen_at
         FROM users u ORDER BY lower(u.email)")
        .fetch_all(conn).await)?)
}

/// Disables an account at this time, or enables it.
pub async fn set_disabled(
    scope: &mut Scope<System>,
    user: UserId,
    disabled_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<()> {
    on_both!(scope.connection(), conn => query("UPDATE users SET disabled_at = $2, updated_at = $3 WHERE id = $1")
        .bind(user).bind(disabled_at).bind(now).execute(conn).await.map(drop))?;
    Ok(())
}

pub async fn set_password(
    scope: &mut Scope<System>,
    user: UserId,
    password_hash: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    on_both!(scope.connection(), conn => query("UPDATE users SET password_hash = $2, updated_at = $3 WHERE id = $1")
        .bind(user).bind(password_hash).bind(now).execute(conn).await.map(drop))?;
    Ok(())
}

/// Ends every session of a user but `kept`; answers their ids.
pub async fn revoke_sessions(
    scope: &mut Scope<System>,
    user: UserId,
    kept: Option<SessionId>,
    now: DateTime<Utc>,
) -> Result<Vec<SessionId>> {
    Ok(on_both!(scope.connection(), conn => query_scalar(
        "UPDATE sessions SET revoked_at = $2 WHERE user_id = $1 AND revoked_at IS NULL AND ($3 IS NULL OR id <> $3)
         RETURNING id")
        .bind(user).bind(now).bind(kept).fetch_all(conn).await)?)
}

/// Revokes every personal token of a user, with the calendar's address; returns whether there was one.
pub async fn revoke_tokens(scope: &mut Scope<System>, user: UserId, now: DateTime<Utc>) -> Result<bool> {
    let done = on_both!(scope.connection(), conn => query(
        "UPDATE access_tokens SET revoked_at = $2 WHERE user_id = $1 AND revoked_at IS NULL")
        .bind(user).bind(now).execute(conn).await.map(|done| done.rows_affected()))?;
    Ok(done > 0)
}

/// Removes every passkey of a user; returns whether there was one.
pub async fn delete_passkeys(scope: &mut Scope<System>, user: UserId) -> Result<bool> {
    let done = on_both!(scope.connection(), conn => query("DELETE FROM passkeys WHERE user_id = $1")
        .bind(user).execute(conn).await.map(|done| done.rows_affected()))?;
    Ok(done > 0)
}

/// Disconnects a user from every identity at a provider; returns whether there was one.
pub async fn delete_identities(scope: &mut Scope<System>, user: UserId) -> Result<bool> {
    let done = on_both!(scope.connection(), conn => query("DELETE FROM identities WHERE user_id = $1")
        .bind(user).execute(conn).await.map(|done| done.rows_affected()))?;
    Ok(done > 0)
}

/// Stores a link for the account's present address.
pub async fn insert_link(
    scope: &mut Scope<System>,
    secret_hash: &str,
    user: UserId,
    by_mail: bool,
    now: DateTime<Utc>,
    expires_at: DateTime<Utc>,
) -> Result<()> {
    on_both!(scope.connection(), conn => query(
        "INSERT INTO password_links (secret_hash, user_id, email, by_mail, created_at, expires_at)
         SELECT $1, id, email, $3, $4, $5 FROM users WHERE id = $2")
        .bind(secret_hash).bind(user).bind(i64::from(by_mail)).bind(now).bind(expires_at)
        .execute(conn).await.map(drop))?;
    Ok(())
}

/// The email address and the name of the account of a link that is valid at `now`: the account still has the address.
pub async fn find_link(
    scope: &mut Scope<System>,
    secret_hash: &str,
    now: DateTime<Utc>,
) -> Result<Option<(String, String)>> {
    Ok(on_both!(scope.connection(), conn => query_as(
        "SELECT u.email, u.name FROM password_links l JOIN users u ON u.id = l.user_id AND u.email = l.email
         WHERE l.secret_hash = $1 AND l.expires_at > $2")
        .bind(secret_hash).bind(now).fetch_optional(conn).await)?)
}

/// A link that is being used.
pub struct RedeemedLink {
    pub user_id: UserId,
    pub email: String,
    pub by_mail: i64,
}
from_row!(RedeemedLink { user_id, email, by_mail });

/// Deletes a link that is valid at `now`, and answers it: of two requests at once, one gets it.
pub async fn take_link(
    scope: &mut Scope<System>,
    secret_hash: &str,
    now: DateTime<Utc>,
) -> Result<Option<RedeemedLink>> {
    Ok(on_both!(scope.connection(), conn => query_as(
        "DELETE FROM password_links WHERE secret_hash = $1 AND expires_at > $2
             AND email = (SELECT u.email FROM users u WHERE u.id = password_links.user_id)
         RETURNING user_id, email, by_mail")
        .bind(secret_hash).bind(now).fetch_optional(conn).await)?)
}

/// Deletes the links of a user, and those of everybody that have expired.
pub async fn delete_links(scope: &mut Scope<System>, user: UserId, now: DateTime<Utc>) -> Result<()> {
    on_both!(scope.connection(), conn => query("DELETE FROM password_links WHERE user_id = $1 OR expires_at <= $2")
        .bind(user).bind(now).execute(conn).await.map(drop))?;
    Ok(())
}
