//! Resource subscriptions of the revisions before 2026-07-28: a request subscribes, and a separate stream delivers.
//!
//! They are stored by credential, because no instance keeps anything of a client between two requests: two clients
//! with one token share their subscriptions.

use chrono::TimeDelta;
use uuid::Uuid;

use super::changes::ResourceUri;
use tallyboard_core::{
    auth::{AuthenticatedUser, CredentialId},
    mcp::store,
};
use tallyboard_db::{Scope, now};
use tallyboard_model::error::{Code, Error, Result};

/// How many resources one credential may subscribe to.
const MAX_SUBSCRIPTIONS: usize = 100;
/// Clients subscribe again at their start; what is older was forgotten.
const RETENTION: TimeDelta = TimeDelta::days(30);

/// The id by which subscriptions of this user's client are stored.
pub fn credential_id(user: &AuthenticatedUser) -> Uuid {
    match user.credential() {
        CredentialId::Session(session) => session.0,
        CredentialId::Token(token) => token.0,
        CredentialId::App(app) => app.0,
    }
}

/// Subscribes to a resource; a second time isn't an error.
pub async fn subscribe(scope: &mut Scope, credential: Uuid, uri: &ResourceUri) -> Result<()> {
    let now = now();
    store::delete_old_subscriptions(scope, now - RETENTION).await?;
    if store::subscriptions(scope, credential).await?.len() >= MAX_SUBSCRIPTIONS {
        return Err(Error::new(Code::Conflict, format!("There are already {MAX_SUBSCRIPTIONS} subscriptions")));
    }
    store::insert_subscription(scope, credential, &uri.to_string(), now).await
}

/// Ends a subscription; without one it isn't an error.
pub async fn unsubscribe(scope: &mut Scope, credential: Uuid, uri: &ResourceUri) -> Result<()> {
    store::delete_subscription(scope, credential, &uri.to_string()).await
}

/// The resources that this credential has subscribed to.
pub async fn list(scope: &mut Scope, credential: Uuid) -> Result<Vec<ResourceUri>> {
    let found = store::subscriptions(scope, credential).await?;
    Ok(found.iter().filter_map(|uri| uri.parse().ok()).collect())
}
