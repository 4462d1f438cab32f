//! The SQL of the resource subscriptions of assistants that speak a revision before 2026-07-28.

use chrono::{DateTime, Utc};
use sqlx::{query, query_scalar};
use uuid::Uuid;

use tallyboard_db::{Scope, on_both};
use tallyboard_model::{error::Result, id::RowId};

/// The resources that the user's client with this credential wants to hear about.
pub async fn subscriptions(scope: &mut Scope, credential: Uuid) -> Result<Vec<String>> {
    let me = scope.user_id();
    Ok(on_both!(scope.connection(), conn => query_scalar(
        "SELECT uri FROM resource_subscriptions WHERE user_id = $1 AND credential_id = $2")
        .bind(me).bind(RowId(credential)).fetch_all(conn).await)?)
}

/// Subscribes the user's client to a resource. Does nothing if it's subscribed already.
pub async fn insert_subscription(scope: &mut Scope, credential: Uuid, uri: &str, now: DateTime<Utc>) -> Result<()> {
    let me = scope.user_id();
    on_both!(scope.connection(), conn => query(
        "INSERT INTO resource_subscriptions (user_id, credential_id, uri, created_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (user_id, credential_id, uri) DO NOTHING")
        .bind(me).bind(RowId(credential)).bind(uri).bind(now).execute(conn).await.map(drop))?;
    Ok(())
}

/// Ends a subscription of the user's client.
pub async fn delete_subscription(scope: &mut Scope, credential: Uuid, uri: &str) -> Result<()> {
    let me = scope.user_id();
    on_both!(scope.connection(), conn => query(
        "DELETE FROM resource_subscriptions WHERE user_id = $1 AND credential_id = $2 AND uri = $3")
        .bind(me).bind(RowId(credential)).bind(uri).execute(conn).await.map(drop))?;
    Ok(())
}

/// Deletes the user's subscriptions that are older than `time`, whatever their credential.
pub async fn delete_old_subscriptions(scope: &mut Scope, time: DateTime<Utc>) -> Result<()> {
    let me = scope.user_id();
    on_both!(scope.connection(), conn => query(
        "DELETE FROM resource_subscriptions WHERE user_id = $1 AND created_at < $2")
        .bind(me).bind(time).execute(conn).await.map(drop))?;
    Ok(())
}
