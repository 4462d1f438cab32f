//! The signed-in user, as the rest of the server sees them.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::{
    db::{Database, Scopes},
    id::{SessionId, UserId},
};

/// What a valid session says about its user; cached for a few seconds.
#[derive(Clone, Debug)]
pub struct SessionUser {
    pub(super) user_id: UserId,
    pub(super) name: String,
    pub(super) time_zone: Tz,
    pub(super) expires_at: DateTime<Utc>,
}

/// A user whose token and session were checked. Its fields are private and only `auth` can make one, so
/// that whoever opens a user's scope has proof of the check.
#[derive(Clone, Debug)]
pub struct AuthenticatedUser {
    user: Arc<SessionUser>,
    session: SessionId,
}

impl AuthenticatedUser {
    pub(super) fn new(user: Arc<SessionUser>, session: SessionId) -> Self {
        Self { user, session }
    }

    /// The user's id.
    pub fn id(&self) -> UserId {
        self.user.user_id
    }

    /// The session of the token.
    pub fn session(&self) -> SessionId {
        self.session
    }

    /// The user's name.
    pub fn name(&self) -> &str {
        &self.user.name
    }

    /// The time zone in which the user's days begin.
    pub fn time_zone(&self) -> Tz {
        self.user.time_zone
    }
}

impl Database {
    /// Opens scopes (transactions) of this user.
    #[expect(clippy::disallowed_methods, reason = "an AuthenticatedUser is proof that a token was checked")]
    pub fn scope(&self, user: &AuthenticatedUser) -> Scopes<'_, UserId> {
        self.scopes_of_verified_user(user.id())
    }
}
