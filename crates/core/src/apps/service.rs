//! The rules of connected apps.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use super::{AppToken, ConnectedApp, store};
use crate::mail::outbox::{self, AccountChange};
use tallyboard_db::{Scope, System, Target, now};
use tallyboard_model::{
    error::{Error, Result},
    id::{RowId, UserId},
};

/// Connects an app: the person has said yes to it.
pub async fn connect(scope: &mut Scope, app: &ConnectedApp) -> Result<()> {
    store::insert(scope, app).await?;
    scope.record("app.connected", Target::App(app.id));
    outbox::add_change(scope, AccountChange::AppConnected, app.created_at).await
}

/// The apps of the user that were not revoked, newest first.
pub async fn list(scope: &mut Scope) -> Result<Vec<ConnectedApp>> {
    store::list(scope).await
}

/// Revokes an app of the user: its tokens are no longer valid, on other instances within 5 s.
pub async fn revoke(scope: &mut Scope, id: RowId) -> Result<()> {
    if !store::revoke(scope, id, now()).await? {
        return Err(Error::not_found("App"));
    }
    scope.record("app.revoked", Target::App(id));
    Ok(())
}

/// Revokes every app of a user; returns whether there was one.
pub async fn revoke_all(scope: &mut Scope<System>, user: UserId) -> Result<bool> {
    store::revoke_all(scope, user, now()).await
}

/// The owner of the access token with this hash; `None` without a valid one.
pub async fn find_token(scope: &mut Scope<System>, hash: &str) -> Result<Option<AppToken>> {
    store::find_token(scope, hash, now()).await
}

/// Which of these apps may still act.
pub async fn valid(scope: &mut Scope<System>, apps: &[RowId]) -> Result<HashSet<RowId>> {
    store::valid(scope, apps).await
}

/// Stores when an app was last used.
pub async fn used(scope: &mut Scope<System>, id: RowId, time: DateTime<Utc>) -> Result<()> {
    store::update_last_used(scope, id, time).await
}
