//! The SQL of identities at the provider.

use chrono::{DateTime, Utc};
use sqlx::{query, query_scalar};

use super::Identity;
use tallyboard_db::{Scope, System, on_both};
use tallyboard_model::{error::Result, id::UserId};

/// The account that an identity is connected with.
pub async fn find_user(scope: &mut Scope<System>, identity: &Identity) -> Result<Option<UserId>> {
    Ok(on_both!(scope.connection(), conn => query_scalar(
        "SELECT user_id FROM identities WHERE issuer = $1 AND subject = $2")
        .bind(&identity.issuer).bind(&identity.subject).fetch_optional(conn).await)?)
}

/// Connects an identity with an account: `false` when it is connected with another one.
pub async fn insert(scope: &mut Scope<System>, user: UserId, identity: &Identity, now: DateTime<Utc>) -> Result<bool> {
    let connected: Option<UserId> = on_both!(scope.connection(), conn => query_scalar(
        "INSERT INTO identities (issuer, subject, user_id, created_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (issuer, subject) DO UPDATE SET created_at = identities.created_at
         RETURNING user_id")
        .bind(&identity.issuer).bind(&identity.subject).bind(user).bind(now).fetch_optional(conn).await)?;
    Ok(connected == Some(user))
}

/// Whether an account is connected with an identity.
pub async fn has_identity(scope: &mut Scope<System>, user: UserId) -> Result<bool> {
    let one: Option<i32> = on_both!(scope.connection(), conn => query_scalar(
        "SELECT 1 FROM identities WHERE user_id = $1 LIMIT 1").bind(user).fetch_optional(conn).await)?;
    Ok(one.is_some())
}

/// Disconnects an account from all identities.
pub async fn delete_all(scope: &mut Scope<System>, user: UserId) -> Result<()> {
    on_both!(scope.connection(), conn => query("DELETE FROM identities WHERE user_id = $1")
        .bind(user).execute(conn).await.map(drop))?;
    Ok(())
}
