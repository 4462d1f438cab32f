//! The SQL of confirmed addresses.

use chrono::{DateTime, Utc};
use sqlx::query;

use crate::auth::store::UserRow;
use tallyboard_db::{Scope, System, on_both};
use tallyboard_model::{error::Result, id::UserId};

/// Marks the address of an account as confirmed; `false` when it was already, or the account has another address.
pub async fn confirm(scope: &mut Scope<System>, user: UserId, email: &str, now: DateTime<Utc>) -> Result<bool> {
    let done = on_both!(scope.connection(), conn => query(
        "UPDATE users SET email_verified_at = $3 WHERE id = $1 AND lower(email) = lower($2) AND email_verified_at IS NULL")
        .bind(user).bind(email).bind(now).execute(conn).await.map(|done| done.rows_affected()))?;
    Ok(done > 0)
}

pub async fn confirm_all(scope: &mut Scope<System>, now: DateTime<Utc>) -> Result<()> {
    on_both!(scope.connection(), conn => query("UPDATE users SET email_verified_at = $1 WHERE email_verified_at IS NULL")
        .bind(now).execute(conn).await.map(drop))?;
    Ok(())
}

/// Stores an account's profile with its address.
pub async fn update(scope: &mut Scope<System>, user: &UserRow, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    on_both!(scope.connection(), conn => query(
        "UPDATE users SET email = $2, name = $3, time_zone = $4, language = $5, email_verified_at = $6, updated_at = $7
         WHERE id = $1")
        .bind(user.id).bind(&user.email).bind(&user.name).bind(&user.time_zone).bind(&user.language)
        .bind(user.email_verified_at).bind(now).execute(conn).await.map(drop))
}
