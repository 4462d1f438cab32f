//! The SQL of the second step of a sign-in.

use chrono::{DateTime, Utc};
use sqlx::{query, query_as, query_scalar};

use tallyboard_db::{Scope, System, from_row, on_both};
use tallyboard_model::{error::Result, id::UserId};

/// What an account needs for its codes.
pub struct TwoStepRow {
    pub secret: String,
    pub confirmed_at: Option<DateTime<Utc>>,
}
from_row!(TwoStepRow { secret, confirmed_at });

impl TwoStepRow {
    /// Whether a code is asked for: the person's app has shown that it has the secret.
    pub fn is_confirmed(&self) -> bool {
        self.confirmed_at.is_some()
    }
}

pub async fn find(scope: &mut Scope<System>, user: UserId) -> Result<Option<TwoStepRow>> {
    Ok(on_both!(scope.connection(), conn => query_as("SELECT secret, confirmed_at FROM two_step WHERE user_id = $1")
        .bind(user).fetch_optional(conn).await)?)
}

/// Stores a new secret, not confirmed yet, in the place of one that was not confirmed either.
pub async fn replace(scope: &mut Scope<System>, user: UserId, secret: &str, now: DateTime<Utc>) -> Result<()> {
    on_both!(scope.connection(), conn => query(
        "INSERT INTO two_step (user_id, secret, created_at) VALUES ($1, $2, $3)
         ON CONFLICT (user_id) DO UPDATE SET secret = excluded.secret, created_at = excluded.created_at
         WHERE two_step.confirmed_at IS NULL")
        .bind(user).bind(secret).bind(now).execute(conn).await.map(drop))?;
    Ok(())
}

pub async fn confirm(scope: &mut Scope<System>, user: UserId, now: DateTime<Utc>) -> Result<()> {
    on_both!(scope.connection(), conn => query("UPDATE two_step SET confirmed_at = $2 WHERE user_id = $1")
        .bind(user).bind(now).execute(conn).await.map(drop))?;
    Ok(())
}

/// Stores the half minute of a code that is accepted; `false` when this code, or a later one, was accepted before.
pub async fn set_last_step(scope: &mut Scope<System>, user: UserId, step: i64) -> Result<bool> {
    let done = on_both!(scope.connection(), conn => query(
        "UPDATE two_step SET last_step = $2 WHERE user_id = $1 AND last_step < $2")
        .bind(user).bind(step).execute(conn).await.map(|done| done.rows_affected()))?;
    Ok(done > 0)
}

/// Ends the second step of an account, with its recovery codes.
pub async fn delete(scope: &mut Scope<System>, user: UserId) -> Result<()> {
    for statement in ["DELETE FROM two_step WHERE user_id = $1", "DELETE FROM recovery_codes WHERE user_id = $1"] {
        on_both!(scope.connection(), conn => query(statement).bind(user).execute(conn).await.map(drop))?;
    }
    Ok(())
}

pub async fn insert_recovery_code(scope: &mut Scope<System>, user: UserId, code_hash: &str) -> Result<()> {
    on_both!(scope.connection(), conn => query("INSERT INTO recovery_codes (user_id, code_hash) VALUES ($1, $2)")
        .bind(user).bind(code_hash).execute(conn).await.map(drop))?;
    Ok(())
}

/// Uses a recovery code up: of two sign-ins at once, one gets it.
pub async fn take_recovery_code(scope: &mut Scope<System>, user: UserId, code_hash: &str) -> Result<bool> {
    let done = on_both!(scope.connection(), conn => query(
        "DELETE FROM recovery_codes WHERE user_id = $1 AND code_hash = $2")
        .bind(user).bind(code_hash).execute(conn).await.map(|done| done.rows_affected()))?;
    Ok(done > 0)
}

pub async fn count_recovery_codes(scope: &mut Scope<System>, user: UserId) -> Result<i64> {
    Ok(on_both!(scope.connection(), conn => query_scalar("SELECT COUNT(*) FROM recovery_codes WHERE user_id = $1")
        .bind(user).fetch_one(conn).await)?)
}
