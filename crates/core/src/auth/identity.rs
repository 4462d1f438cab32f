//! The signed-in user, as the rest of the server sees them.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use tallyboard_db::{CredentialKind, VerifiedUser, Via};
use tallyboard_model::{
    auth::TokenScope,
    error::{Error, Result},
    id::{RowId, SessionId, TokenId, UserId},
    language::{Language, LanguageChoice},
};

/// How long a sign-in proves that the user is still present.
const RECENT_SIGN_IN: TimeDelta = TimeDelta::hours(1);

/// What a valid session or token says about its user; cached for a few seconds.
#[derive(Clone, Debug)]
pub struct CachedUser {
    pub(super) user_id: UserId,
    pub(super) name: String,
    /// A token shows no page, and needs no address.
    pub(super) email: String,
    pub(super) time_zone: Tz,
    /// A token shows no page, and speaks English.
    pub(super) language: LanguageChoice,
    /// Whether to offer the notifications that new accounts have; a token shows no page.
    pub(super) offers_notifications: bool,
    /// Whether the user's address is confirmed; a token shows no page.
    pub(super) email_verified: bool,
    /// When the user signed in; `None` for a token, which has no sign-in behind it.
    pub(super) signed_in_at: Option<DateTime<Utc>>,
    /// When the session or the token expires; `None` for never.
    pub(super) expires_at: Option<DateTime<Utc>>,
}

impl CachedUser {
    /// Whether the session or the token has ended.
    pub(super) fn has_expired(&self) -> bool {
        self.expires_at.is_some_and(|expires| expires <= Utc::now())
    }
}

/// A valid personal token; cached for a few seconds.
#[derive(Clone, Debug)]
pub struct CachedToken {
    pub(super) id: TokenId,
    pub(super) name: String,
    pub(super) scope: TokenScope,
    pub(super) user: Arc<CachedUser>,
}

/// A valid access token of a connected app; cached for a few seconds.
#[derive(Clone, Debug)]
pub struct CachedApp {
    pub(super) id: RowId,
    pub(super) name: String,
    pub(super) scope: TokenScope,
    pub(super) user: Arc<CachedUser>,
}

/// The session or the token that somebody signed in with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CredentialId {
    /// A sign-in with a password.
    Session(SessionId),
    /// A personal token.
    Token(TokenId),
    /// An access token of a connected app.
    App(RowId),
}

#[derive(Clone, Debug)]
enum Credential {
    Session(SessionId),
    /// With the name of the client program, when the client said it.
    Token(Arc<CachedToken>, Option<Arc<str>>),
    App(Arc<CachedApp>),
}

/// What a handler needs from the user's credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// A session or any token, also one for the calendar alone.
    Calendar,
    /// A session or a token with the scope `read`.
    Read,
    /// A session, or a token with the scope `write`.
    Write,
    /// A session: for the account itself, its password, sessions and tokens.
    SignIn,
}

/// A user whose credential (a session's token, or a personal token) was checked. Its fields are private and only
/// `auth` can make one, so that opening a user's scope requires proof of the check.
#[derive(Clone, Debug)]
pub struct AuthenticatedUser {
    user: Arc<CachedUser>,
    credential: Credential,
    /// The program that acts for the user.
    app: Option<&'static str>,
}

impl AuthenticatedUser {
    pub(super) fn of_session(user: Arc<CachedUser>, session: SessionId) -> Self {
        Self { user, credential: Credential::Session(session), app: None }
    }

    pub(super) fn of_token(token: Arc<CachedToken>) -> Self {
        Self { user: token.user.clone(), credential: Credential::Token(token, None), app: None }
    }

    pub(super) fn of_app(app: Arc<CachedApp>) -> Self {
        Self { user: app.user.clone(), credential: Credential::App(app), app: None }
    }

    /// The same user, with the name of their client program: log lines and events of a token's writes name it.
    #[must_use]
    pub fn with_client(mut self, name: Option<&str>) -> Self {
        if let (Credential::Token(_, client), Some(name)) = (&mut self.credential, name) {
            let shown: String = name.chars().filter(|c| !c.is_control()).take(100).collect();
            *client = Some(shown.trim().into()).filter(|name: &Arc<str>| !name.is_empty());
        }
        self
    }

    /// The same user, for whom a program of this server acts: events and the audit log name it.
    #[must_use]
    pub fn through(self, app: &'static str) -> Self {
        Self { app: Some(app), ..self }
    }

    /// The one place that decides what a credential may do: 403 when it is not enough.
    pub fn check(&self, needs: Needs) -> Result<()> {
        let (scope, advice) = match &self.credential {
            Credential::Session(_) => return Ok(()),
            Credential::Token(token, _) => {
                (token.scope, "Its owner can create a token with the scope write in Settings")
            }
            Credential::App(app) => (app.scope, "The app can ask its person for the scope write"),
        };
        match (needs, scope) {
            (Needs::Calendar, _)
            | (Needs::Read, TokenScope::Read | TokenScope::Write)
            | (Needs::Write, TokenScope::Write) => Ok(()),
            (Needs::Read | Needs::Write, TokenScope::Calendar) => {
                Err(Error::forbidden("This token only works for the calendar"))
            }
            (Needs::Write, TokenScope::Read) => Err(Error::forbidden("This token is read-only").detail(advice)),
            (Needs::SignIn, _) => Err(needs_sign_in()),
        }
    }

    /// The user's id.
    pub fn id(&self) -> UserId {
        self.user.user_id
    }

    /// The session of the request; 403 for a personal token.
    pub fn session(&self) -> Result<SessionId> {
        match &self.credential {
            Credential::Session(session) => Ok(*session),
            Credential::Token(..) | Credential::App(_) => Err(needs_sign_in()),
        }
    }

    /// The user's credential.
    pub fn credential(&self) -> CredentialId {
        match &self.credential {
            Credential::Session(session) => CredentialId::Session(*session),
            Credential::Token(token, _) => CredentialId::Token(token.id),
            Credential::App(app) => CredentialId::App(app.id),
        }
    }

    /// The name of the personal token of the request.
    pub fn token_name(&self) -> Option<&str> {
        match &self.credential {
            Credential::Session(_) | Credential::App(_) => None,
            Credential::Token(token, _) => Some(&token.name),
        }
    }

    /// Whether a connected app asks for the user: its tokens are for the MCP server alone.
    pub fn is_app(&self) -> bool {
        matches!(self.credential, Credential::App(_))
    }

    /// The user's name.
    pub fn name(&self) -> &str {
        &self.user.name
    }

    /// The time zone in which the user's days begin.
    pub fn time_zone(&self) -> Tz {
        self.user.time_zone
    }

    /// The language of the pages of the user; `None` to follow the browser.
    pub fn language(&self) -> Option<Language> {
        self.user.language.language()
    }

    /// Whether the user last signed in long enough ago that they have to enter their password again for what opens the account to
    /// others.
    pub fn needs_password_again(&self) -> bool {
        self.user.signed_in_at.is_none_or(|at| Utc::now() - at > RECENT_SIGN_IN)
    }

    /// The email address of a session's user; empty for a token's.
    pub fn email(&self) -> &str {
        &self.user.email
    }

    /// Whether to offer the notifications that new accounts have: the account is older than they are, and hasn't answered.
    pub fn is_offered_notifications(&self) -> bool {
        self.user.offers_notifications
    }

    /// Whether the user's email address is confirmed.
    pub fn has_verified_email(&self) -> bool {
        self.user.email_verified
    }
}

fn needs_sign_in() -> Error {
    Error::forbidden("Tokens can't do this")
        .detail("Sign in with your password to manage the account, its sessions and tokens")
}

/// An account that a mail is written for: it exists and is not disabled. Only `auth` can make one, so that code that reads
/// for a mail has proof of the check.
#[derive(Clone, Debug)]
pub struct Recipient {
    pub(super) id: UserId,
    pub(super) email: String,
    pub(super) email_verified: bool,
    pub(super) name: String,
    pub(super) time_zone: Tz,
    pub(super) language: LanguageChoice,
}

impl Recipient {
    /// The user's id.
    pub fn id(&self) -> UserId {
        self.id
    }

    /// The user's email address.
    pub fn email(&self) -> &str {
        &self.email
    }

    /// The user's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The time zone in which the user's days begin.
    pub fn time_zone(&self) -> Tz {
        self.time_zone
    }

    /// The language of the mails.
    pub fn language(&self) -> Language {
        self.language.language().unwrap_or(Language::English)
    }
}

/// Exists only after a token was checked.
impl VerifiedUser for AuthenticatedUser {
    fn user_id(&self) -> UserId {
        self.id()
    }

    fn via(&self) -> Option<Arc<Via>> {
        let (by, client) = match (self.app, &self.credential) {
            (Some(app), _) => (CredentialKind::App(app.to_owned()), None),
            (None, Credential::Token(token, client)) => (CredentialKind::Token(token.name.clone()), client.clone()),
            (None, Credential::App(app)) => (CredentialKind::App(app.name.clone()), None),
            (None, Credential::Session(_)) => return None,
        };
        Some(Arc::new(Via { user: self.id(), by, client: client.as_deref().map(str::to_owned) }))
    }
}

/// Exists only for an account that the server itself writes to.
impl VerifiedUser for Recipient {
    fn user_id(&self) -> UserId {
        self.id
    }

    fn via(&self) -> Option<Arc<Via>> {
        None
    }
}
