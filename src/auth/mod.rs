//! Accounts, passwords, tokens and sessions: who is asking.
//!
//! Not here: what they may reach (that is `db::Scope` and each room's own rules).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::id::{SessionId, UserId};

pub mod actions;

#[cfg(feature = "ssr")]
mod cookie;
#[cfg(feature = "ssr")]
mod extract;
#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
mod password;
#[cfg(feature = "ssr")]
pub mod people;
#[cfg(feature = "ssr")]
pub mod rest;
#[cfg(feature = "ssr")]
pub mod service;
#[cfg(feature = "ssr")]
mod settings_page;
#[cfg(feature = "ssr")]
mod store;
#[cfg(all(test, feature = "ssr"))]
mod store_test;
#[cfg(feature = "ssr")]
mod token;

#[cfg(feature = "ssr")]
pub use extract::{AuthenticatedUser, anybody, caller, check_same_origin, current_user, has_credentials};
#[cfg(feature = "ssr")]
pub use service::Auth;

/// The way past a user's scope, for this room only.
#[cfg(feature = "ssr")]
pub struct DatabaseKey(());

/// A person, as they see themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct User {
    /// Who.
    pub id: UserId,
    /// In lower case.
    pub email: String,
    /// What they are called.
    pub name: String,
    /// An IANA name.
    pub time_zone: String,
    /// Since when.
    pub created_at: DateTime<Utc>,
}

/// Wishes for a new account.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct NewUser {
    /// 1-100 characters after trimming.
    #[cfg_attr(feature = "ssr", schema(min_length = 1, max_length = 100, pattern = r"^[^\x00]*[^\s\x00][^\x00]*$"))]
    pub name: String,
    #[cfg_attr(feature = "ssr", schema(format = Email, min_length = 3, max_length = 254))]
    pub email: String,
    /// 8-128 characters, refused when easily guessed.
    #[cfg_attr(feature = "ssr", schema(min_length = 8, max_length = 128))]
    pub password: String,
    #[serde(default)]
    /// An IANA name; UTC when absent.
    pub time_zone: Option<String>,
}

/// What proves who one is.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Credentials {
    pub email: String,
    pub password: String,
}

/// The answer to a sign-in.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct SignedIn {
    /// A JWT, valid until `expires_at` or until its session ends.
    pub access_token: String,
    /// Always `Bearer`.
    pub token_type: String,
    /// When the token stops being good.
    pub expires_at: DateTime<Utc>,
    /// Whose it is.
    pub user: User,
}

/// Changes to one's own account; what is absent stays.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct UserPatch {
    /// 1-100 characters after trimming.
    #[cfg_attr(feature = "ssr", schema(min_length = 1, max_length = 100, pattern = r"^[^\x00]*[^\s\x00][^\x00]*$"))]
    pub name: Option<String>,
    #[cfg_attr(feature = "ssr", schema(format = Email, min_length = 3, max_length = 254))]
    pub email: Option<String>,
    /// An IANA name.
    pub time_zone: Option<String>,
}

/// A new password, and the old one to prove the right to it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct PasswordChange {
    pub current_password: String,
    /// 8-128 characters, refused when easily guessed.
    #[cfg_attr(feature = "ssr", schema(min_length = 8, max_length = 128))]
    pub new_password: String,
}

/// The password, to confirm the end of the account.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct AccountDeletion {
    pub password: String,
}

/// A sign-in that is still good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Session {
    /// Which.
    pub id: SessionId,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When it was last used, to the minute.
    pub last_seen_at: DateTime<Utc>,
    /// When it ends by itself.
    pub expires_at: DateTime<Utc>,
    /// What signed in.
    #[cfg_attr(feature = "ssr", schema(required = true))]
    pub user_agent: Option<String>,
    /// Whether it is the one that is asking.
    pub current: bool,
}
