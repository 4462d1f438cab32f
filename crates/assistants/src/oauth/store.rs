//! The SQL for what the authorization server stores between requests. It works before a user is known.

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::{query, query_scalar};

use tallyboard_db::{Scope, System, on_both};
use tallyboard_model::{
    error::{Error, Result},
    id::RowId,
};

/// The records of the authorization server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordKind {
    /// An app that is known, by its id.
    Client,
    /// A request that waits on the consent page.
    Consent,
    /// An authorization code.
    Code,
    /// An access token.
    Access,
    /// A refresh token.
    Refresh,
    /// A device that waits for its person.
    Device,
    /// A family of tokens that was revoked: nothing may be added to it.
    Family,
}

impl RecordKind {
    /// The kind's name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Consent => "consent",
            Self::Code => "code",
            Self::Access => "access",
            Self::Refresh => "refresh",
            Self::Device => "device",
            Self::Family => "family",
        }
    }
}

/// One record. Its text never holds a secret, nor does its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The kind of record.
    pub kind: RecordKind,
    /// The record's key: an id, or the hash of a secret.
    pub key: String,
    /// The connected app that it belongs to.
    pub app_id: Option<RowId>,
    /// The client.
    pub client_id: Option<String>,
    /// The tokens that come from the same yes.
    pub family: Option<String>,
    /// The code a person types from a device's screen.
    pub user_code: Option<String>,
    /// `read` or `write`, of an access token.
    pub scope: Option<&'static str>,
    /// The record itself, as JSON.
    pub json: String,
    /// When the record may be forgotten.
    pub expires_at: DateTime<Utc>,
}

impl Record {
    /// A record that belongs to no app, client or family yet.
    pub fn new(kind: RecordKind, key: String, value: &impl Serialize, expires_at: DateTime<Utc>) -> Result<Self> {
        let json = serde_json::to_string(value).map_err(Error::internal)?;
        Ok(Self {
            kind,
            key,
            app_id: None,
            client_id: None,
            family: None,
            user_code: None,
            scope: None,
            json,
            expires_at,
        })
    }
}

/// Stores a record, replacing one with the same key.
pub async fn put(scope: &mut Scope<System>, record: &Record, now: DateTime<Utc>) -> Result<()> {
    on_both!(scope.connection(), conn => query(
        "INSERT INTO oauth_records (kind, key, app_id, client_id, family, user_code, scope, record, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         ON CONFLICT (kind, key) DO UPDATE SET app_id = excluded.app_id, client_id = excluded.client_id,
             family = excluded.family, user_code = excluded.user_code, scope = excluded.scope, record = excluded.record,
             expires_at = excluded.expires_at")
        .bind(record.kind.as_str()).bind(&record.key).bind(record.app_id).bind(&record.client_id).bind(&record.family)
        .bind(&record.user_code).bind(record.scope).bind(&record.json).bind(now).bind(record.expires_at)
        .execute(conn).await.map(drop))?;
    Ok(())
}

/// Replaces the record with this text; returns whether there was one.
pub async fn replace(scope: &mut Scope<System>, before: &str, record: &Record) -> Result<bool> {
    let replaced: Option<String> = on_both!(scope.connection(), conn => query_scalar(
        "UPDATE oauth_records SET app_id = $4, record = $5, expires_at = $6
         WHERE kind = $1 AND key = $2 AND record = $3 RETURNING key")
        .bind(record.kind.as_str()).bind(&record.key).bind(before).bind(record.app_id).bind(&record.json)
        .bind(record.expires_at).fetch_optional(conn).await)?;
    Ok(replaced.is_some())
}

/// A record whose app, if it has one, was not revoked.
pub async fn find(scope: &mut Scope<System>, kind: RecordKind, key: &str) -> Result<Option<String>> {
    Ok(on_both!(scope.connection(), conn => query_scalar(
        "SELECT record FROM oauth_records r WHERE kind = $1 AND key = $2
         AND NOT EXISTS (SELECT 1 FROM connected_apps a WHERE a.id = r.app_id AND a.revoked_at IS NOT NULL)")
        .bind(kind.as_str()).bind(key).fetch_optional(conn).await)?)
}

/// A record that has not expired.
pub async fn find_fresh(
    scope: &mut Scope<System>,
    kind: RecordKind,
    key: &str,
    now: DateTime<Utc>,
) -> Result<Option<String>> {
    Ok(on_both!(scope.connection(), conn => query_scalar(
        "SELECT record FROM oauth_records WHERE kind = $1 AND key = $2 AND expires_at > $3")
        .bind(kind.as_str()).bind(key).bind(now).fetch_optional(conn).await)?)
}

pub async fn find_by_user_code(scope: &mut Scope<System>, user_code: &str) -> Result<Option<String>> {
    Ok(on_both!(scope.connection(), conn => query_scalar("SELECT record FROM oauth_records WHERE user_code = $1")
        .bind(user_code).fetch_optional(conn).await)?)
}

/// Removes a record: one caller gets it, and concurrent callers get nothing.
pub async fn take(scope: &mut Scope<System>, kind: RecordKind, key: &str) -> Result<Option<String>> {
    Ok(on_both!(scope.connection(), conn => query_scalar(
        "DELETE FROM oauth_records WHERE kind = $1 AND key = $2 RETURNING record")
        .bind(kind.as_str()).bind(key).fetch_optional(conn).await)?)
}

/// Deletes the tokens of a family; returns how many.
pub async fn delete_family(scope: &mut Scope<System>, family: &str) -> Result<u64> {
    let deleted: Vec<String> = on_both!(scope.connection(), conn => query_scalar(
        "DELETE FROM oauth_records WHERE family = $1 AND kind IN ('access', 'refresh') RETURNING key")
        .bind(family).fetch_all(conn).await)?;
    Ok(deleted.len() as u64)
}

/// Deletes everything of a client; returns whether it was known.
pub async fn delete_client(scope: &mut Scope<System>, client_id: &str) -> Result<bool> {
    let deleted: Vec<String> = on_both!(scope.connection(), conn => query_scalar(
        "DELETE FROM oauth_records WHERE client_id = $1 AND kind <> 'family' RETURNING kind")
        .bind(client_id).fetch_all(conn).await)?;
    Ok(deleted.iter().any(|kind| kind == "client"))
}

/// Deletes the oldest records of the same kind that nobody has connected, so that with this one there are at most `most`. Clients
/// that a document describes have their own limit: theirs are made by naming an address.
pub async fn make_room(scope: &mut Scope<System>, record: &Record, most: i64) -> Result<()> {
    on_both!(scope.connection(), conn => query(
        "DELETE FROM oauth_records WHERE kind = $1 AND key IN (
             SELECT key FROM oauth_records r
             WHERE kind = $1 AND key <> $2 AND (key LIKE 'https://%') = $3 AND (kind = 'device' OR NOT EXISTS (
                 SELECT 1 FROM connected_apps a WHERE a.client_id = r.client_id AND a.revoked_at IS NULL))
             ORDER BY created_at DESC, key LIMIT 1000 OFFSET $4)")
        .bind(record.kind.as_str()).bind(&record.key).bind(record.key.starts_with("https://")).bind(most - 1)
        .execute(conn).await.map(drop))?;
    Ok(())
}

/// Deletes expired records, except clients that somebody has connected; returns how many.
pub async fn delete_expired(scope: &mut Scope<System>, now: DateTime<Utc>) -> Result<u64> {
    let deleted: Vec<String> = on_both!(scope.connection(), conn => query_scalar(
        "DELETE FROM oauth_records WHERE expires_at < $1 AND NOT (kind = 'client' AND EXISTS (
             SELECT 1 FROM connected_apps a WHERE a.client_id = oauth_records.client_id AND a.revoked_at IS NULL))
         RETURNING kind")
        .bind(now).fetch_all(conn).await)?;
    Ok(deleted.len() as u64)
}
