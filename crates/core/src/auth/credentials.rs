//! Finds the user behind a credential: a session's token (a JWT) or a personal token.

use std::{collections::HashSet, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    Auth, AuthenticatedUser, CredentialId,
    identity::{CachedApp, CachedToken, CachedUser},
    personal_tokens::store::{self as token_store, TokenUserRow},
    secret,
    service::session_ended,
    store,
    token::Claims,
};
use crate::apps::{self, AppToken};
use tallyboard_db::now;
use tallyboard_model::{
    auth::TokenScope,
    error::{Error, Result},
    id::SessionId,
    language::LanguageChoice,
};

/// The precision of `last_seen_at` and `last_used_at`.
const LAST_USE_PRECISION: TimeDelta = TimeDelta::seconds(60);

impl Auth {
    /// The user behind a session's token or a personal token. What the credential may do is checked by
    /// [`AuthenticatedUser::check`].
    pub async fn authenticate(&self, token: &str) -> Result<AuthenticatedUser> {
        if token.starts_with(secret::SECRET_PREFIX) {
            return Box::pin(self.authenticate_token(token)).await;
        }
        // A session's token has its parts between dots.
        if !token.contains('.') {
            return Box::pin(self.authenticate_app(token)).await;
        }
        let claims = self.check_token(token)?;
        let session = claims.sid;
        let session_user = match self.sessions.get(&session).await {
            Some(user) => user,
            // Boxed: large, and seldom needed.
            None => Box::pin(self.sessions.try_get_with(session, self.look_up(session)))
                .await
                .map_err(|error| Error::clone(&error))?,
        };
        if session_user.user_id != claims.sub || session_user.has_expired() {
            return Err(session_ended());
        }
        Ok(AuthenticatedUser::of_session(session_user, session))
    }

    /// The claims of a token, from those that were verified recently or by verifying it.
    fn check_token(&self, token: &str) -> Result<Claims> {
        match self.verified_tokens.get(token) {
            Some(claims) if !claims.has_expired(Utc::now()) => Ok(claims),
            _ => {
                let claims = self.tokens.check(token)?;
                self.verified_tokens.insert(token.to_owned(), claims);
                Ok(claims)
            }
        }
    }

    /// Whether a token that is not accepted is one of a session that should still last: it was ended, or its account is gone.
    pub fn was_ended(&self, token: &str) -> bool {
        self.check_token(token).is_ok()
    }

    async fn look_up(&self, session: SessionId) -> Result<Arc<CachedUser>> {
        let found = self.system().read(|scope| Box::pin(store::find_session(scope, session))).await?;
        let row = found.ok_or_else(session_ended)?;
        self.update_last_used(CredentialId::Session(session), Some(row.last_seen_at));
        Ok(Arc::new(CachedUser {
            user_id: row.user_id,
            name: row.name,
            email: row.email,
            time_zone: row.time_zone.parse().unwrap_or_default(),
            language: LanguageChoice::parse(&row.language).unwrap_or_default(),
            offers_notifications: row.offers_notifications,
            email_verified: row.email_verified,
            signed_in_at: Some(row.created_at),
            expires_at: Some(row.expires_at),
        }))
    }

    /// Stores that a credential is used, in the background and once a minute: a lost update costs only precision.
    #[expect(clippy::disallowed_methods, reason = "the user of the credential is not known yet")]
    fn update_last_used(&self, credential: CredentialId, stored: Option<DateTime<Utc>>) {
        let now = now();
        if stored.is_some_and(|stored| now - stored <= LAST_USE_PRECISION) {
            return;
        }
        let db = self.db.clone();
        tokio::spawn(async move {
            let scopes = db.system_scopes();
            let update = scopes.write(|scope| {
                Box::pin(async move {
                    match credential {
                        CredentialId::Session(session) => store::update_last_seen(scope, session, now).await,
                        CredentialId::Token(token) => token_store::update_last_used(scope, token, now).await,
                        CredentialId::App(app) => apps::service::used(scope, app, now).await,
                    }
                })
            });
            if let Err(error) = update.await {
                tracing::debug!(%error, "the last use of a credential was not stored");
            }
        });
    }

    /// The user behind a personal token.
    async fn authenticate_token(&self, secret: &str) -> Result<AuthenticatedUser> {
        if !secret::is_secret(secret) {
            return Err(not_valid());
        }
        let secret_hash = secret::hash(secret);
        let token = match self.personal_tokens.get(&secret_hash).await {
            Some(token) => token,
            None => {
                let look_up = self.look_up_token(&secret_hash);
                Box::pin(self.personal_tokens.try_get_with(secret_hash.clone(), look_up))
                    .await
                    .map_err(|error| Error::clone(&error))?
            }
        };
        if token.user.has_expired() {
            return Err(not_valid());
        }
        Ok(AuthenticatedUser::of_token(token))
    }

    /// The user for whom an app acts by this access token.
    async fn authenticate_app(&self, secret: &str) -> Result<AuthenticatedUser> {
        // A hash isn't secret.
        if secret.starts_with(apps::HASHED) {
            return Err(not_valid());
        }
        let key = apps::key_of(secret);
        let app = match self.app_tokens.get(&key).await {
            Some(app) => app,
            None => {
                let look_up = self.look_up_app(&key);
                Box::pin(self.app_tokens.try_get_with(key.clone(), look_up))
                    .await
                    .map_err(|error| Error::clone(&error))?
            }
        };
        if app.user.has_expired() {
            return Err(not_valid());
        }
        Ok(AuthenticatedUser::of_app(app))
    }

    async fn look_up_app(&self, key: &str) -> Result<Arc<CachedApp>> {
        let found = self
            .system()
            .read(|scope| {
                let key = key.to_owned();
                Box::pin(async move { apps::service::find_token(scope, &key).await })
            })
            .await?;
        let AppToken { app_id, app_name, can_write, user_id, name, time_zone, last_used_at, expires_at } =
            found.ok_or_else(not_valid)?;
        self.update_last_used(CredentialId::App(app_id), last_used_at);
        let time_zone = time_zone.parse().unwrap_or_default();
        let user = CachedUser {
            user_id,
            name,
            email: String::new(),
            time_zone,
            language: LanguageChoice::default(),
            offers_notifications: false,
            email_verified: true,
            signed_in_at: None,
            expires_at: Some(expires_at),
        };
        let scope = if can_write { TokenScope::Write } else { TokenScope::Read };
        Ok(Arc::new(CachedApp { id: app_id, name: app_name, scope, user: Arc::new(user) }))
    }

    async fn look_up_token(&self, secret_hash: &str) -> Result<Arc<CachedToken>> {
        let found = self
            .system()
            .read(|scope| {
                let secret_hash = secret_hash.to_owned();
                Box::pin(async move { token_store::find_token(scope, &secret_hash).await })
            })
            .await?;
        let TokenUserRow { id, token_name, scope, user_id, name, time_zone, last_used_at, expires_at } =
            found.ok_or_else(not_valid)?;
        self.update_last_used(CredentialId::Token(id), last_used_at);
        let user = CachedUser {
            user_id,
            name,
            email: String::new(),
            time_zone: time_zone.parse().unwrap_or_default(),
            language: LanguageChoice::default(),
            offers_notifications: false,
            email_verified: true,
            signed_in_at: None,
            expires_at,
        };
        let scope = token_store::token_scope(&scope);
        Ok(Arc::new(CachedToken { id, name: token_name, scope, user: Arc::new(user) }))
    }

    /// Which of these credentials are still valid, for any user.
    pub async fn valid_credentials(&self, credentials: HashSet<CredentialId>) -> Result<HashSet<CredentialId>> {
        if credentials.is_empty() {
            return Ok(credentials);
        }
        let (mut sessions, mut tokens, mut apps) = (Vec::new(), Vec::new(), Vec::new());
        for credential in credentials {
            match credential {
                CredentialId::Session(session) => sessions.push(session),
                CredentialId::Token(token) => tokens.push(token),
                CredentialId::App(app) => apps.push(app),
            }
        }
        let asked = Arc::new((sessions, tokens, apps));
        self.system()
            .read(|scope| {
                let asked = asked.clone();
                Box::pin(async move {
                    let sessions = store::valid_sessions(scope, &asked.0, now()).await?;
                    let tokens = token_store::valid_tokens(scope, &asked.1, now()).await?;
                    let apps = apps::service::valid(scope, &asked.2).await?;
                    let sessions = sessions.into_iter().map(CredentialId::Session);
                    let tokens = tokens.into_iter().map(CredentialId::Token);
                    Ok(sessions.chain(tokens).chain(apps.into_iter().map(CredentialId::App)).collect())
                })
            })
            .await
    }
}

fn not_valid() -> Error {
    Error::unauthorized("The token is not valid, has expired or was revoked").detail("Create a new one in Settings")
}
