//! The rules of accounts and sessions.

use std::{path::Path, sync::Arc, time::Duration};

use chrono::TimeDelta;
use moka::future::Cache;
use serde_json::json;

use super::{
    AuthenticatedUser, Needs,
    identity::{CachedApp, CachedToken, CachedUser},
    password,
    store::{self, UserRow},
    token::{self, Claims, Tokens},
};
use tallyboard_base::{config::AuthConfig, request_log};
use tallyboard_db::{Database, Lock, Scope, Scopes, System, Target, now};
use tallyboard_model::{
    auth::{Session, User, UserPatch},
    error::{Code, Error, Result},
    id::{SessionId, UserId},
    input::{Validator, comparable},
    language::{LanguageChoice, text},
    list::{List, ListQuery, PageRequest, all_pages},
};

/// The field error for a wrong password that should confirm a change.
pub(super) const WRONG_PASSWORD: &str = text("is not your password");
/// How many verified tokens are remembered, of about 400 bytes each.
const MAX_VERIFIED_TOKENS: u64 = 10_000;
/// How long a session or a personal token is cached: a revoked one is rejected within 5 s on every instance, and at
/// once on the instance that revoked it.
const CREDENTIAL_CACHE_TTL: Duration = Duration::from_secs(4);

/// Accounts and sessions over one database.
pub struct Auth {
    pub(super) db: Database,
    pub(super) tokens: Tokens,
    pub(super) sessions: Cache<SessionId, Arc<CachedUser>>,
    /// By the hash of the secret.
    pub(super) personal_tokens: Cache<String, Arc<CachedToken>>,
    /// By the key of the access token.
    pub(super) app_tokens: Cache<String, Arc<CachedApp>>,
    /// Tokens whose signature was verified; it is the same at every request.
    pub(super) verified_tokens: moka::sync::Cache<String, Claims>,
    pub(super) session_length: TimeDelta,
    pub(super) allow_signup: bool,
    /// Whether a mail can confirm an address.
    pub(super) sends_mail: bool,
}

/// Changes to a profile.
#[derive(Clone, Debug)]
pub(super) struct ProfileChanges {
    name: Option<String>,
    email: Option<String>,
    time_zone: Option<String>,
    language: Option<LanguageChoice>,
}

impl ProfileChanges {
    fn check(patch: UserPatch) -> Result<Self> {
        let mut validator = Validator::new();
        let name = patch.name.as_deref().map(|name| validator.line("name", name, 1, 100));
        let email = patch.email.as_deref().map(|email| validator.email("email", email));
        let time_zone = patch.time_zone.as_deref().map(|zone| validator.time_zone("time_zone", zone));
        validator.finish()?;
        Ok(Self { name, email, time_zone, language: patch.language })
    }

    /// The names of the fields that are given.
    pub(super) fn names(&self) -> Vec<&'static str> {
        let named = [
            ("name", self.name.is_some()),
            ("email", self.email.is_some()),
            ("time_zone", self.time_zone.is_some()),
            ("language", self.language.is_some()),
        ];
        named.into_iter().filter_map(|(name, given)| given.then_some(name)).collect()
    }

    pub(super) fn apply(&self, row: &mut UserRow) {
        let replace = |field: &mut String, value: &Option<String>| {
            if let Some(value) = value {
                field.clone_from(value);
            }
        };
        replace(&mut row.name, &self.name);
        replace(&mut row.email, &self.email);
        replace(&mut row.time_zone, &self.time_zone);
        if let Some(language) = self.language {
            language.as_str().clone_into(&mut row.language);
        }
    }
}

impl Auth {
    /// Signs tokens with the configured key, or with the one in `data_dir`.
    pub fn new(db: Database, config: &AuthConfig, data_dir: &Path, sends_mail: bool) -> std::io::Result<Self> {
        let key = match &config.signing_key {
            Some(key) => key.clone().into_bytes(),
            None => token::read_or_create_key(data_dir)?,
        };
        Ok(Self {
            db,
            tokens: Tokens::new(&key),
            sessions: Cache::builder().time_to_live(CREDENTIAL_CACHE_TTL).max_capacity(100_000).build(),
            personal_tokens: Cache::builder().time_to_live(CREDENTIAL_CACHE_TTL).max_capacity(100_000).build(),
            app_tokens: Cache::builder().time_to_live(CREDENTIAL_CACHE_TTL).max_capacity(100_000).build(),
            verified_tokens: moka::sync::Cache::new(MAX_VERIFIED_TOKENS),
            session_length: TimeDelta::hours(config.session_hours.into()),
            allow_signup: config.allow_signup,
            sends_mail,
        })
    }

    /// The account with this email address: for the operator.
    pub async fn id_of_account(&self, email: &str) -> Result<UserId> {
        let user = self.find_by_email(&comparable(email.trim())).await?;
        user.map(|user| user.id).ok_or_else(|| Error::new(Code::NotFound, "No account uses this email address"))
    }

    pub(super) async fn find_by_id(&self, user: UserId) -> Result<Option<UserRow>> {
        self.system().read(|scope| Box::pin(store::find_by_id(scope, user))).await
    }

    pub(super) async fn find_by_email(&self, email: &str) -> Result<Option<UserRow>> {
        // PostgreSQL rejects U+0000 in any text, and no account has such an address.
        if email.contains('\0') {
            return Ok(None);
        }
        self.system()
            .read(|scope| {
                let email = email.to_owned();
                Box::pin(async move { store::find_by_email(scope, &email).await })
            })
            .await
    }

    /// Transactions before the user is known, and those that change other users' rows.
    #[expect(clippy::disallowed_methods, reason = "sign-in has no user yet; deleting an account changes its teams")]
    pub(super) fn system(&self) -> Scopes<'_, System> {
        self.db.system_scopes()
    }

    pub(super) async fn evict_token(&self, secret_hash: &str) {
        self.personal_tokens.invalidate(secret_hash).await;
    }

    /// The user's own account.
    pub async fn me(&self, user: &AuthenticatedUser) -> Result<User> {
        Ok(self.own_row(user).await?.into())
    }

    /// Changes the user's own account.
    pub async fn update_me(&self, user: &AuthenticatedUser, patch: UserPatch) -> Result<User> {
        user.session()?;
        let changes = ProfileChanges::check(patch)?;
        let changed = match &changes.email {
            Some(email) if self.own_row(user).await?.email != *email => {
                let mut validator = Validator::new();
                validator.new_email("email", email);
                validator.finish()?;
                self.change_address(user, changes).await?
            }
            _ => self.change_profile(user, &changes).await?,
        };
        self.forget_cached_session(user).await;
        Ok(changed)
    }

    async fn change_profile(&self, user: &AuthenticatedUser, changes: &ProfileChanges) -> Result<User> {
        let scopes = self.db.scope(user);
        let changed = scopes.write(|scope| {
            let changes = changes.clone();
            Box::pin(async move {
                let mut row = store::me(scope).await?.ok_or_else(session_ended)?;
                changes.apply(&mut row);
                store::update_me(scope, &row, now()).await?;
                scope.record("auth.profile_changed", Target::User(row.id)).fields(&changes.names());
                // Today and this week depend on the time zone.
                scope.statistics_changed(row.id);
                Ok(User::from(row))
            })
        });
        changed.await
    }

    /// Forgets what is kept in memory of the user's session, after something of it has changed.
    pub async fn forget_cached_session(&self, user: &AuthenticatedUser) {
        if let Ok(session) = user.session() {
            self.sessions.invalidate(&session).await;
        }
    }

    /// Deletes the account and everything that belongs to it; its teams get a new owner.
    pub async fn delete_me(&self, user: &AuthenticatedUser, password: String) -> Result<()> {
        user.check(Needs::SignIn)?;
        let row = self.own_row(user).await?;
        self.confirm(&row, password, "password").await?;
        let id = row.id;
        let (sessions, secret_hashes) = self.system().write(|scope| Box::pin(remove_user(scope, id))).await?;
        self.evict(&sessions).await;
        for secret_hash in &secret_hashes {
            self.evict_token(secret_hash).await;
        }
        tracing::info!(user = %id, "account deleted");
        Ok(())
    }

    /// A page of the valid sessions, newest first.
    pub async fn sessions(&self, user: &AuthenticatedUser, query: ListQuery) -> Result<List<Session>> {
        let current = user.session()?;
        self.db.scope(user).read(|scope| Box::pin(sessions(scope, current, query.clone()))).await
    }

    /// All valid sessions, newest first.
    pub async fn all_sessions(&self, user: &AuthenticatedUser) -> Result<Vec<Session>> {
        let current = user.session()?;
        let read = self.db.scope(user);
        read.read(|scope| Box::pin(all_pages(scope, move |scope, query| Box::pin(sessions(scope, current, query)))))
            .await
    }

    /// Ends one of the user's own sessions.
    pub async fn revoke_session(&self, user: &AuthenticatedUser, session: SessionId) -> Result<()> {
        let action = if user.session()? == session { "auth.signed_out" } else { "auth.session_ended" };
        let ended = self
            .db
            .scope(user)
            .write(|scope| {
                Box::pin(async move {
                    let ended = store::revoke_session(scope, session, now()).await?;
                    if ended {
                        scope.record(action, Target::Session(session));
                    }
                    Ok(ended)
                })
            })
            .await?;
        self.sessions.invalidate(&session).await;
        if ended { Ok(()) } else { Err(Error::not_found("Session")) }
    }

    /// Ends the session of the request.
    pub async fn sign_out(&self, user: &AuthenticatedUser) -> Result<()> {
        self.revoke_session(user, user.session()?).await
    }

    pub(super) async fn own_row(&self, user: &AuthenticatedUser) -> Result<UserRow> {
        let row = self.db.scope(user).read(|scope| Box::pin(store::me(scope))).await?;
        row.ok_or_else(session_ended)
    }

    /// Checks the user's password again; `field` is where it came from.
    pub(super) async fn confirm_password(&self, user: &AuthenticatedUser, password: String, field: &str) -> Result<()> {
        let row = self.own_row(user).await?;
        self.confirm(&row, password, field).await
    }

    pub(super) async fn confirm(&self, row: &UserRow, password: String, field: &str) -> Result<()> {
        if password::verify(password, Some(row.password_hash.clone())).await? {
            return Ok(());
        }
        tracing::warn!(user = %row.id, "a wrong password was given to confirm a change");
        Err(Error::invalid(field, WRONG_PASSWORD))
    }

    pub(super) async fn evict(&self, sessions: &[SessionId]) {
        for session in sessions {
            self.sessions.invalidate(session).await;
        }
    }
}

/// Records what a user did, or what was done to their account, without letting the answer wait for it.
#[expect(clippy::disallowed_methods, reason = "the user may not be signed in")]
pub fn record_in_background(db: &Database, user: UserId, action: &'static str, target: Option<Target>) {
    let db = db.clone();
    request_log::spawn(async move {
        let scopes = db.system_scopes();
        let recorded = scopes.write(|scope| {
            scope.record_of(user, action, target);
            Box::pin(async { Ok(()) })
        });
        if let Err(error) = recorded.await {
            tracing::warn!(%error, action, "an action was not recorded");
        }
    });
}

async fn sessions(scope: &mut Scope, current: SessionId, query: ListQuery) -> Result<List<Session>> {
    let page = PageRequest::parse(&query)?;
    let found = store::sessions(scope, now(), current, &page).await?;
    Ok(page.answer(found, |session| (session.created_at, session.id.0)))
}

/// Deletes a user: their sessions and the hashes of their tokens' secrets, which may be cached.
pub(super) async fn remove_user(scope: &mut Scope<System>, user: UserId) -> Result<(Vec<SessionId>, Vec<String>)> {
    let credentials = (store::session_ids(scope, user).await?, store::secret_hashes(scope, user).await?);
    for receiver in store::share_recipients(scope, user).await? {
        scope.statistics_changed(receiver);
    }
    scope.statistics_changed(user);
    for (team, members) in store::teams_of(scope, user).await? {
        scope.emit("team_changed", members, json!({ "team_id": team }));
    }
    for team in store::owned_teams(scope, user).await? {
        scope.connection().lock(team.0, Lock::Exclusive).await?;
        // Without a successor the team is deleted with its owner.
        if let Some(successor) = store::successor(scope, team).await? {
            store::transfer_team(scope, team, user, successor, now()).await?;
        }
    }
    store::delete_user(scope, user).await?;
    Ok(credentials)
}

pub(super) fn session_ended() -> Error {
    Error::unauthorized("This session has ended")
}

pub(super) fn email_taken(error: sqlx::Error) -> Error {
    match error.as_database_error() {
        Some(database) if database.is_unique_violation() => taken(),
        _ => error.into(),
    }
}

fn taken() -> Error {
    Error::new(Code::Conflict, "An account already uses this email").field("email", "is taken")
}
