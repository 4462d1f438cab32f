//! The SQL of the second step of a sign-in.

use chrono::{DateTime, Utc};
use sqlx::{query, query_as, query_scalar};

use tallyboard_db::{Scope, System, from_row, on_both};
use tallyboard_model::{error::Result, id::UserId};

/// An account's data for its codes.
pub struct TwoStepRow {
    pub secret: String,
    pub confirmed_at: Option<DateTime<Utc>>,
    /// The half minutes since 1970 of the codes that were accepted, newest first, with commas.
    pub used_steps: String,
    pub wrong_codes: i64,
    pub wrong_since: Option<DateTime<Utc>>,
    /// How many times the limit of wrong codes was reached.
    pub refusals: i64,
    pub refused_until: Option<DateTime<Utc>>,
}
from_row!(TwoStepRow { secret, confirmed_at, used_steps, wrong_codes, wrong_since, refusals, refused_until });

impl TwoStepRow {
    /// Whether signing in requires a code: the person's app has shown that it has the secret.
    pub fn is_confirmed(&self) -> bool {
        self.confirmed_at.is_some()
    }
}

pub async fn find(scope: &mut Scope<System>, user: UserId) -> Result<Option<TwoStepRow>> {
    Ok(on_both!(scope.connection(), conn => query_as(
        "SELECT secret, confirmed_at, used_steps, wrong_codes, wrong_since, refusals, refused_until
         FROM two_step WHERE user_id = $1")
        .bind(user).fetch_optional(conn).await)?)
}

/// Stores a new secret, not confirmed yet, replacing an unconfirmed one.
pub async fn replace(scope: &mut Scope<System>, user: UserId, secret: &str, now: DateTime<Utc>) -> Result<()> {
    on_both!(scope.connection(), conn => query(
        "INSERT INTO two_step (user_id, secret, created_at) VALUES ($1, $2, $3)
         ON CONFLICT (user_id) DO UPDATE SET secret = excluded.secret, created_at = excluded.created_at, used_steps = ''
         WHERE two_step.confirmed_at IS NULL")
        .bind(user).bind(secret).bind(now).execute(conn).await.map(drop))?;
    Ok(())
}

pub async fn confirm(scope: &mut Scope<System>, user: UserId, now: DateTime<Utc>) -> Result<()> {
    on_both!(scope.connection(), conn => query("UPDATE two_step SET confirmed_at = $2 WHERE user_id = $1")
        .bind(user).bind(now).execute(conn).await.map(drop))?;
    Ok(())
}

/// Stores the half minutes of accepted codes; `false` when another code was accepted since `before` was read.
pub async fn set_used_steps(scope: &mut Scope<System>, user: UserId, before: &str, steps: &str) -> Result<bool> {
    let done = on_both!(scope.connection(), conn => query(
        "UPDATE two_step SET used_steps = $3 WHERE user_id = $1 AND used_steps = $2")
        .bind(user).bind(before).bind(steps).execute(conn).await.map(|done| done.rows_affected()))?;
    Ok(done > 0)
}

pub async fn count_wrong_code(
    scope: &mut Scope<System>,
    user: UserId,
    wrong_codes: i64,
    since: DateTime<Utc>,
) -> Result<()> {
    on_both!(scope.connection(), conn => query(
        "UPDATE two_step SET wrong_codes = $2, wrong_since = $3 WHERE user_id = $1")
        .bind(user).bind(wrong_codes).bind(since).execute(conn).await.map(drop))?;
    Ok(())
}

/// Accepts no code until a time, and counts that.
pub async fn refuse_codes(scope: &mut Scope<System>, user: UserId, until: DateTime<Utc>) -> Result<()> {
    on_both!(scope.connection(), conn => query(
        "UPDATE two_step SET wrong_codes = 0, wrong_since = NULL, refusals = refusals + 1, refused_until = $2
         WHERE user_id = $1")
        .bind(user).bind(until).execute(conn).await.map(drop))?;
    Ok(())
}

/// Forgets wrong codes, and accepts codes again.
pub async fn forget_wrong_codes(scope: &mut Scope<System>, user: UserId) -> Result<()> {
    on_both!(scope.connection(), conn => query(
        "UPDATE two_step SET wrong_codes = 0, wrong_since = NULL, refusals = 0, refused_until = NULL WHERE user_id = $1")
        .bind(user).execute(conn).await.map(drop))?;
    Ok(())
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
