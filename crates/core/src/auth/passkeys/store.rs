//! The SQL of passkeys.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use sqlx::{query, query_as, query_scalar};

use super::Passkey;
use tallyboard_db::{Scope, System, from_row, on_both};
use tallyboard_model::{
    error::Result,
    id::{PasskeyId, UserId},
    list::PageRequest,
};

from_row!(Passkey { id, name, created_at, last_used_at });

/// The parts of a passkey that a sign-in needs.
pub struct StoredPasskey {
    pub id: PasskeyId,
    pub user_id: UserId,
    pub credential: String,
}
from_row!(StoredPasskey { id, user_id, credential });

/// A device's id for a passkey, as stored.
pub fn credential_id_text(id: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(id)
}

/// The same, read back.
pub fn credential_id_of(text: &str) -> Option<Vec<u8>> {
    BASE64_URL_SAFE_NO_PAD.decode(text).ok()
}

/// The user's passkeys, newest first.
pub async fn list(scope: &mut Scope, page: &PageRequest) -> Result<Vec<Passkey>> {
    let me = scope.user_id();
    Ok(on_both!(scope.connection(), conn => query_as(
        "SELECT id, name, created_at, last_used_at FROM passkeys WHERE user_id = $1 AND (created_at, id) < ($2, $3)
         ORDER BY created_at DESC, id DESC LIMIT $4")
        .bind(me).bind(page.after.key).bind(page.after.id).bind(page.rows()).fetch_all(conn).await)?)
}

/// The credential ids of the user's passkeys.
pub async fn credential_ids(scope: &mut Scope) -> Result<Vec<String>> {
    let me = scope.user_id();
    Ok(on_both!(scope.connection(), conn => query_scalar("SELECT credential_id FROM passkeys WHERE user_id = $1")
        .bind(me).fetch_all(conn).await)?)
}

/// Stores a passkey; false when any account already has this credential id.
pub async fn insert(scope: &mut Scope, passkey: &Passkey, credential_id: &str, credential: &str) -> Result<bool> {
    let me = scope.user_id();
    let done = on_both!(scope.connection(), conn => query(
        "INSERT INTO passkeys (id, user_id, credential_id, name, credential, last_challenge_at, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $6) ON CONFLICT (credential_id) DO NOTHING")
        .bind(passkey.id).bind(me).bind(credential_id).bind(&passkey.name).bind(credential).bind(passkey.created_at)
        .execute(conn).await.map(|done| done.rows_affected()))?;
    Ok(done > 0)
}

/// Deletes a passkey of the user; false when there is none.
pub async fn delete(scope: &mut Scope, id: PasskeyId) -> Result<bool> {
    let me = scope.user_id();
    let done = on_both!(scope.connection(), conn => query("DELETE FROM passkeys WHERE id = $1 AND user_id = $2")
        .bind(id).bind(me).execute(conn).await.map(|done| done.rows_affected()))?;
    Ok(done > 0)
}

/// The passkey with this credential id, in any account.
pub async fn find(scope: &mut Scope<System>, credential_id: &str) -> Result<Option<StoredPasskey>> {
    Ok(on_both!(scope.connection(), conn => query_as(
        "SELECT id, user_id, credential FROM passkeys WHERE credential_id = $1")
        .bind(credential_id).fetch_optional(conn).await)?)
}

/// Stores that a passkey has signed a challenge that was made at `made_at`; false when it has signed that one, or a later
/// one, before.
pub async fn use_challenge(
    scope: &mut Scope<System>,
    id: PasskeyId,
    credential: &str,
    made_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<bool> {
    let done = on_both!(scope.connection(), conn => query(
        "UPDATE passkeys SET last_challenge_at = $2, last_used_at = $3, credential = $4
         WHERE id = $1 AND last_challenge_at < $2")
        .bind(id).bind(made_at).bind(now).bind(credential).execute(conn).await.map(|done| done.rows_affected()))?;
    Ok(done > 0)
}
