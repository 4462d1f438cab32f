//! Rotating refresh tokens, with a grace period for clients that refresh twice with one token.
//!
//! A rotation is one transaction: the predecessor becomes spent, its access token and successor are stored. A server that is killed
//! has done all of it or nothing. For the grace period the old token's record keeps the answer, encrypted under a key derived from
//! that token, so that a second request with it (another process, or a retry after a lost answer) gets the same tokens from any instance.
//! No second chain begins: when the successor was rotated within its own grace period, the answer is that of the newest one.

use oauth_as::token::{IssuedToken, RefreshTokenRecord};
use serde_json::Value;

use super::{
    sealed,
    store::{self, Record, RecordKind},
    stored::{ANSWER, access_record, from_json, refresh_record},
};
use tallyboard_core::apps::key_of;
use tallyboard_db::{Scope, System, now};
use tallyboard_model::error::{Error, Result};

/// The most rotations within one grace period that are followed to the newest.
const MAX_STEPS: usize = 20;

/// A stored token with its answer opened, which the token itself is needed for.
fn open(json: &str, token: &str) -> Result<Value> {
    let mut value: Value = from_json(json)?;
    let opened = value.pointer(ANSWER).and_then(Value::as_str).and_then(|sealed| sealed::open(token, sealed));
    match (opened.and_then(|text| serde_json::from_str(&text).ok()), value.pointer_mut(ANSWER)) {
        (Some(opened), Some(answer)) => *answer = opened,
        _ => value["retry"] = Value::Null,
    }
    value["refresh_token"] = Value::from(token);
    Ok(value)
}

/// A refresh token. One that is spent has the answer of the newest rotation after it, as long as the grace periods last.
pub async fn find(scope: &mut Scope<System>, token: &str) -> Result<Option<RefreshTokenRecord>> {
    let Some(json) = store::find(scope, RecordKind::Refresh, &key_of(token)).await? else { return Ok(None) };
    let mut found = open(&json, token)?;
    for _ in 0..MAX_STEPS {
        let Some(next) = found.pointer(ANSWER).and_then(|answer| answer["refresh_token"].as_str()) else { break };
        let Some(json) = store::find(scope, RecordKind::Refresh, &key_of(next)).await? else { break };
        let mut successor = open(&json, next)?;
        if !is_in_grace(&successor) {
            break;
        }
        found["retry"]["response"] = successor["retry"]["response"].take();
    }
    serde_json::from_value(found).map(Some).map_err(Error::internal)
}

fn is_in_grace(record: &Value) -> bool {
    record["retry"]["until"]["secs_since_epoch"].as_i64().is_some_and(|until| now().timestamp() < until)
}

/// Stores a rotation, or nothing when the predecessor isn't as expected any more: another request was first, or the family or
/// its app has ended.
pub async fn rotate(
    scope: &mut Scope<System>,
    expected: &RefreshTokenRecord,
    spent: &RefreshTokenRecord,
    access: &IssuedToken,
    next: Option<&RefreshTokenRecord>,
) -> Result<bool> {
    let (spent, next): (Record, _) = (refresh_record(spent)?, next.map(refresh_record).transpose()?);
    let Some(before) = store::find(scope, RecordKind::Refresh, &spent.key).await? else { return Ok(false) };
    let current: RefreshTokenRecord =
        serde_json::from_value(open(&before, &expected.refresh_token)?).map_err(Error::internal)?;
    let is_revoked = store::find(scope, RecordKind::Family, &expected.family_id).await?.is_some();
    if current != *expected || is_revoked || !store::replace(scope, &before, &spent).await? {
        return Ok(false);
    }
    store::put(scope, &access_record(access)?, now()).await?;
    if let Some(next) = next {
        store::put(scope, &next, now()).await?;
    }
    Ok(true)
}
