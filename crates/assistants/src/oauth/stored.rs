//! How each record of the protocol's library is stored: as JSON in which the hashes of secrets stand for the secrets.

use std::time::SystemTime;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use oauth_as::{
    authorization::{AuthorizationCodeRecord, AuthorizationCodeState},
    client::Client,
    device::{DeviceGrant, DeviceGrantState, normalize_user_code},
    scope::ScopeSet,
    store::RevocationWindow,
    token::{IssuedToken, RefreshTokenRecord, RefreshTokenState},
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{
    requests, sealed,
    store::{Record, RecordKind},
};
use tallyboard_core::apps::key_of;
use tallyboard_db::now;
use tallyboard_model::{
    error::{Error, Result},
    id::RowId,
};

/// How long a refresh token lives, restarted at each use.
const REFRESH_LIFETIME: TimeDelta = TimeDelta::days(30);
/// How long a client that has registered itself is kept when nobody connects it.
const CLIENT_LIFETIME: TimeDelta = TimeDelta::days(1);
/// Where the JSON of a spent refresh token has the answer of its rotation.
pub const ANSWER: &str = "/retry/response";

/// What an access token with these scopes may do.
pub fn scope_name(scope: &ScopeSet) -> &'static str {
    if scope.contains("write") { "write" } else { "read" }
}

/// The record of a text.
pub fn from_json<T: DeserializeOwned>(json: &str) -> Result<T> {
    serde_json::from_str(json).map_err(Error::internal)
}

/// A time, as the database keeps it.
pub fn time(time: SystemTime) -> DateTime<Utc> {
    DateTime::<Utc>::from(time).trunc_subsecs(6)
}

/// The connected app that a record belongs to: the library calls it the subject.
fn app_of(subject: Option<&str>) -> Option<RowId> {
    subject.and_then(|subject| subject.parse().ok())
}

/// An authorization code.
pub fn code_record(record: &AuthorizationCodeRecord) -> Result<Record> {
    let mut stored = record.clone();
    stored.code = key_of(&record.code);
    if let AuthorizationCodeState::Consumed { access_token, refresh_token }
    | AuthorizationCodeState::Replayed { access_token, refresh_token } = &mut stored.state
    {
        for token in [access_token, refresh_token].into_iter().flatten() {
            *token = key_of(token);
        }
    }
    // Kept for longer than it is valid: a code that is used twice has been stolen.
    let kept_until = time(record.expires_at) + TimeDelta::days(1);
    Ok(Record {
        app_id: app_of(Some(&record.subject)),
        client_id: Some(record.client_id.to_string()),
        ..Record::new(RecordKind::Code, stored.code.clone(), &stored, kept_until)?
    })
}

/// An access token.
pub fn access_record(token: &IssuedToken) -> Result<Record> {
    let mut stored = token.clone();
    stored.access_token = key_of(&token.access_token);
    Ok(Record {
        app_id: app_of(token.subject.as_deref()),
        client_id: Some(token.client_id.to_string()),
        family: token.family_id.clone(),
        scope: Some(scope_name(&token.scope)),
        ..Record::new(RecordKind::Access, stored.access_token.clone(), &stored, time(token.expires_at))?
    })
}

/// A refresh token, which lives from now on. A spent one keeps the answer of its rotation, sealed.
pub fn refresh_record(token: &RefreshTokenRecord) -> Result<Record> {
    let expires_at = now() + REFRESH_LIFETIME;
    let mut stored = token.clone();
    stored.refresh_token = key_of(&token.refresh_token);
    stored.expires_at = Some(expires_at.into());
    let mut json = serde_json::to_value(&stored).map_err(Error::internal)?;
    match json.pointer_mut(ANSWER).filter(|_| token.state == RefreshTokenState::Spent) {
        Some(answer) => *answer = Value::from(sealed::seal(&token.refresh_token, &answer.to_string())?),
        // A successor keeps no answer: it rotates like every other token.
        None => json["retry"] = Value::Null,
    }
    Ok(Record {
        app_id: app_of(token.subject.as_deref()),
        client_id: Some(token.client_id.to_string()),
        family: Some(token.family_id.clone()),
        ..Record::new(RecordKind::Refresh, stored.refresh_token.clone(), &json, expires_at)?
    })
}

/// A device that waits.
pub fn device_record(grant: &DeviceGrant) -> Result<Record> {
    let mut stored = grant.clone();
    stored.device_code = key_of(&grant.device_code);
    let subject = match &grant.state {
        DeviceGrantState::Approved { subject } => Some(subject.as_str()),
        DeviceGrantState::Pending | DeviceGrantState::Denied => None,
    };
    Ok(Record {
        app_id: app_of(subject),
        client_id: Some(grant.client_id.to_string()),
        user_code: Some(normalize_user_code(&grant.user_code)),
        ..Record::new(RecordKind::Device, stored.device_code.clone(), &stored, time(grant.expires_at))?
    })
}

/// A client that has registered itself.
pub fn client_record(client: &Client) -> Result<Record> {
    Ok(Record {
        client_id: Some(client.client_id.to_string()),
        ..Record::new(RecordKind::Client, client.client_id.to_string(), client, now() + CLIENT_LIFETIME)?
    })
}

/// A client that names no scopes may ask for any; the person decides. `write` includes `read`.
pub fn with_all_scopes(mut client: Client) -> Client {
    let may_write = client.allowed_scopes.is_empty() || client.allowed_scopes.contains("write");
    client.allowed_scopes = requests::scopes(may_write);
    client.default_scopes = requests::scopes(false);
    client
}

/// The record that says that a family was revoked.
pub fn family_record(family: &str, window: RevocationWindow) -> Result<Record> {
    Record::new(RecordKind::Family, family.to_owned(), &serde_json::json!({}), time(window.until))
}
