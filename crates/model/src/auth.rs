//! Accounts, sessions and tokens as they're sent.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    id::{SessionId, TokenId, UserId},
    language::LanguageChoice,
};

/// An account, as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// The email address, in lower case.
    pub email: String,
    /// Whether the address is confirmed. Others find the account by a confirmed address only; always true on a server that
    /// sends no mail.
    pub email_verified: bool,
    /// The person's name.
    pub name: String,
    /// An IANA name.
    pub time_zone: String,
    /// The language of pages and mails: `en`, `de`, or `browser` for the one that the browser asks for.
    pub language: LanguageChoice,
    /// When the account was created.
    pub created_at: DateTime<Utc>,
}

/// A request for a new account.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct NewUser {
    /// 1-100 characters after trimming.
    #[cfg_attr(
        feature = "server",
        schema(
            min_length = 1,
            max_length = 100,
            pattern = r"^[^\x00-\x1f\x7f-\x9f\u2028-\u202e]*[^\s\x00-\x1f\x7f-\xa0\xad\u2000-\u206f][^\x00-\x1f\x7f-\x9f\u2028-\u202e]*$"
        )
    )]
    pub name: String,
    #[cfg_attr(feature = "server", schema(format = Email, min_length = 3, max_length = 254))]
    pub email: String,
    /// 8-128 characters, not easily guessed.
    #[cfg_attr(feature = "server", schema(min_length = 8, max_length = 128))]
    pub password: String,
    #[serde(default)]
    /// An IANA name; UTC when absent.
    pub time_zone: Option<String>,
    /// The language of pages and mails; `browser` when absent.
    #[serde(default)]
    pub language: Option<LanguageChoice>,
    /// The secret of an invitation's link: the account is then in its team, and may be created also where people do not sign
    /// up by themselves.
    pub invitation: Option<String>,
}

/// Email and password, and a code for an account that needs one.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Credentials {
    pub email: String,
    pub password: String,
    /// Of the person's app, or a recovery code; only for an account with a second step.
    #[serde(default)]
    pub code: Option<String>,
}

/// The answer to a sign-in.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct SignedIn {
    /// A JWT, valid until `expires_at` or until its session ends.
    pub access_token: String,
    /// Always `Bearer`.
    pub token_type: String,
    /// When the token expires.
    pub expires_at: DateTime<Utc>,
    /// The user who signed in.
    pub user: User,
}

/// The address of an account whose password is forgotten.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ForgottenPassword {
    /// The email address of the account.
    #[cfg_attr(feature = "server", schema(format = Email, min_length = 3, max_length = 254))]
    pub email: String,
}

/// The token of a link that confirms an email address.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct EmailConfirmation {
    /// As in the link.
    #[cfg_attr(feature = "server", schema(min_length = 1))]
    pub token: String,
}

/// Changes to the user's own account; absent fields stay.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct UserPatch {
    /// 1-100 characters after trimming.
    #[cfg_attr(
        feature = "server",
        schema(
            min_length = 1,
            max_length = 100,
            pattern = r"^[^\x00-\x1f\x7f-\x9f\u2028-\u202e]*[^\s\x00-\x1f\x7f-\xa0\xad\u2000-\u206f][^\x00-\x1f\x7f-\x9f\u2028-\u202e]*$"
        )
    )]
    pub name: Option<String>,
    #[cfg_attr(feature = "server", schema(format = Email, min_length = 3, max_length = 254))]
    pub email: Option<String>,
    /// An IANA name.
    pub time_zone: Option<String>,
    /// The language of pages and mails.
    pub language: Option<LanguageChoice>,
    /// Needed for another email address when the user signed in more than an hour ago.
    pub password: Option<String>,
}

/// A new password, and the present one to confirm the change.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct PasswordChange {
    pub current_password: String,
    /// 8-128 characters, not easily guessed.
    #[cfg_attr(feature = "server", schema(min_length = 8, max_length = 128))]
    pub new_password: String,
    /// Whether personal tokens, connected apps, passkeys, sign-ins of other services and the calendar's address end, too.
    /// Two-step sign-in stays on.
    #[serde(default)]
    pub end_all: bool,
}

/// The password, to confirm that the account is deleted.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct AccountDeletion {
    pub password: String,
}

/// A session that is still valid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When it was last used, to the minute.
    pub last_seen_at: DateTime<Utc>,
    /// When it expires.
    pub expires_at: DateTime<Utc>,
    /// The `User-Agent` header of the sign-in.
    #[cfg_attr(feature = "server", schema(required = true))]
    pub user_agent: Option<String>,
    /// Whether this request belongs to it.
    pub current: bool,
}

/// What a personal token may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum TokenScope {
    /// Read the calendar of due days, and nothing else.
    Calendar,
    /// Read tasks, teams, conversations and statistics.
    Read,
    /// Change them too; includes `read`.
    Write,
}

impl TokenScope {
    /// The scopes as the API names them.
    pub fn included(self) -> Vec<TokenScope> {
        match self {
            TokenScope::Calendar | TokenScope::Read => vec![self],
            TokenScope::Write => vec![TokenScope::Read, TokenScope::Write],
        }
    }
}

/// A personal token: what a program or an assistant signs in with. Its secret is not among its fields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct PersonalToken {
    /// Its id.
    pub id: TokenId,
    /// 1-100 characters.
    pub name: String,
    /// `["calendar"]`, `["read"]` or `["read","write"]`.
    pub scopes: Vec<TokenScope>,
    /// The first characters of the secret, for recognition.
    pub prefix: String,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it was last used, to the minute.
    #[cfg_attr(feature = "server", schema(required = true))]
    pub last_used_at: Option<DateTime<Utc>>,
    /// When it expires; null for never.
    #[cfg_attr(feature = "server", schema(required = true))]
    pub expires_at: Option<DateTime<Utc>>,
}

/// A request for a new personal token.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewPersonalToken {
    /// 1-100 characters after trimming: the program or the assistant that will use it.
    #[cfg_attr(
        feature = "server",
        schema(
            min_length = 1,
            max_length = 100,
            pattern = r"^[^\x00-\x1f\x7f-\x9f\u2028-\u202e]*[^\s\x00-\x1f\x7f-\xa0\xad\u2000-\u206f][^\x00-\x1f\x7f-\x9f\u2028-\u202e]*$"
        )
    )]
    pub name: String,
    /// `["calendar"]`, `["read"]` or `["read","write"]`; write includes read.
    #[cfg_attr(feature = "server", schema(min_items = 1, max_items = 2))]
    pub scopes: Vec<TokenScope>,
    /// 1 to 366; 90 when absent. Not together with `never_expires`.
    #[cfg_attr(feature = "server", schema(minimum = 1, maximum = 366))]
    pub expires_in_days: Option<u32>,
    /// Whether it is valid until it is revoked.
    #[serde(default)]
    pub never_expires: bool,
    /// Needed when the user signed in more than an hour ago.
    pub password: Option<String>,
}

/// A new personal token with its secret, which is not shown again.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct CreatedPersonalToken {
    /// The token.
    #[serde(flatten)]
    pub details: PersonalToken,
    /// The secret: send it as `Authorization: Bearer`.
    pub token: String,
}
