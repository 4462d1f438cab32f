//! Personal tokens: what a program or an assistant signs in with instead of a password.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Auth, AuthenticatedUser, Needs, secret};
use crate::{
    apps::{self, ConnectedApp},
    mail::outbox::{self, AccountChange},
};
use tallyboard_db::{Lock, Scope, Scopes, Target, now};
use tallyboard_model::{
    auth::{CreatedPersonalToken, NewPersonalToken, PersonalToken, TokenScope},
    error::{Code, Error, Result},
    id::{RowId, TokenId, UserId},
    input::Validator,
    language::t_with,
    list::{List, ListQuery, PageRequest, all_pages},
};

pub(super) mod store;
#[cfg(test)]
mod store_test;

/// How many valid tokens a user may have.
const MAX_TOKENS: i64 = 50;
const DEFAULT_DAYS: u32 = 90;
const MAX_DAYS: u32 = 366;

/// The row of a new token.
struct Checked {
    name: String,
    scope: TokenScope,
    expires_at: Option<DateTime<Utc>>,
}

fn check(new: &NewPersonalToken, now: DateTime<Utc>) -> Result<Checked> {
    let mut validator = Validator::new();
    let name = validator.line("name", &new.name, 1, 100);
    let scope = new.scopes.iter().copied().max();
    let is_mixed = new.scopes.contains(&TokenScope::Calendar) && new.scopes.len() > 1;
    if scope.is_none() || new.scopes.len() > 2 || is_mixed {
        validator.reject("scopes", r#"has to be ["calendar"], ["read"] or ["read","write"]"#);
    }
    let days = new.expires_in_days.unwrap_or(DEFAULT_DAYS);
    if !(1..=MAX_DAYS).contains(&days) {
        validator.reject("expires_in_days", format!("has to be from 1 to {MAX_DAYS}"));
    }
    if new.never_expires && new.expires_in_days.is_some() {
        validator.reject("never_expires", "can't be combined with expires_in_days");
    }
    validator.finish()?;
    let expires_at = (!new.never_expires).then(|| now + TimeDelta::days(days.into()));
    Ok(Checked { name, scope: scope.unwrap_or(TokenScope::Read), expires_at })
}

async fn create(scope: &mut Scope, new: &NewPersonalToken, secret: &str) -> Result<PersonalToken> {
    let now = now();
    let Checked { name, scope: token_scope, expires_at } = check(new, now)?;
    // Two requests at once must not both be the fiftieth.
    let me = scope.user_id();
    scope.connection().lock(me.0, Lock::Exclusive).await?;
    if store::count_tokens(scope, now).await? >= MAX_TOKENS {
        return Err(Error::new(Code::Conflict, t_with("You already have {n} tokens", &[("n", &MAX_TOKENS)]))
            .detail("Revoke one you no longer use"));
    }
    let token = PersonalToken {
        id: TokenId::new(),
        name,
        scopes: token_scope.included(),
        prefix: secret::shown(secret),
        created_at: now,
        last_used_at: None,
        expires_at,
    };
    store::insert_token(scope, &token, token_scope, &secret::hash(secret)).await?;
    scope.record("auth.token_created", Target::Token(token.id));
    let is_calendar = token_scope == TokenScope::Calendar;
    let change = if is_calendar { AccountChange::CalendarAddressMade } else { AccountChange::TokenCreated };
    outbox::add_change(scope, change, now).await?;
    Ok(token)
}

async fn list(scope: &mut Scope, query: ListQuery) -> Result<List<PersonalToken>> {
    let page = PageRequest::parse(&query)?;
    let found = store::tokens(scope, &page).await?;
    Ok(page.answer(found, |token| (token.created_at, token.id.0)))
}

impl Auth {
    /// The apps that the user has connected, newest first.
    pub async fn apps(&self, user: &AuthenticatedUser) -> Result<Vec<ConnectedApp>> {
        user.check(Needs::SignIn)?;
        self.db.scope(user).read(|scope| Box::pin(apps::service::list(scope))).await
    }

    /// Revokes an app of the user: at once on this instance, within 5 s on the others.
    pub async fn revoke_app(&self, user: &AuthenticatedUser, id: RowId) -> Result<()> {
        user.check(Needs::SignIn)?;
        self.db.scope(user).write(|scope| Box::pin(apps::service::revoke(scope, id))).await?;
        self.forget_app_tokens();
        Ok(())
    }

    /// Looks every app's token up again: one was revoked.
    pub fn forget_app_tokens(&self) {
        self.app_tokens.invalidate_all();
    }

    /// Creates a personal token of the user.
    pub async fn create_token(&self, user: &AuthenticatedUser, new: NewPersonalToken) -> Result<CreatedPersonalToken> {
        user.check(Needs::SignIn)?;
        self.create_token_in(self.db.scope(user), new).await
    }

    async fn create_token_in(&self, scopes: Scopes<'_, UserId>, new: NewPersonalToken) -> Result<CreatedPersonalToken> {
        let token = secret::new_secret();
        let details = scopes
            .write(|scope| {
                let (new, token) = (new.clone(), token.clone());
                Box::pin(async move { create(scope, &new, &token).await })
            })
            .await?;
        let can_write = details.scopes.contains(&TokenScope::Write);
        tracing::info!(target: "security", token = %details.id, name = details.name, can_write, "personal token created");
        Ok(CreatedPersonalToken { details, token })
    }

    /// Creates the user's token for a calendar program, and revokes the previous one.
    pub async fn renew_calendar_token(&self, user: &AuthenticatedUser) -> Result<CreatedPersonalToken> {
        user.check(Needs::SignIn)?;
        let token = secret::new_secret();
        let new = NewPersonalToken {
            name: "Calendar".to_owned(),
            scopes: TokenScope::Calendar.included(),
            expires_in_days: None,
            never_expires: true,
            password: None,
        };
        let (revoked, details) = self
            .db
            .scope(user)
            .write(|scope| {
                let (new, token) = (new.clone(), token.clone());
                Box::pin(async move {
                    let revoked = store::revoke_calendar_tokens(scope, now()).await?;
                    for (id, _) in &revoked {
                        scope.record("auth.token_revoked", Target::Token(*id));
                    }
                    Ok((revoked, create(scope, &new, &token).await?))
                })
            })
            .await?;
        for (_, secret_hash) in &revoked {
            self.evict_token(secret_hash).await;
        }
        tracing::info!(target: "security", token = %details.id, "calendar address created");
        Ok(CreatedPersonalToken { details, token })
    }

    /// A page of the tokens that were not revoked, newest first.
    pub async fn tokens(&self, user: &AuthenticatedUser, query: ListQuery) -> Result<List<PersonalToken>> {
        user.check(Needs::SignIn)?;
        self.db.scope(user).read(|scope| Box::pin(list(scope, query.clone()))).await
    }

    /// All tokens that were not revoked, newest first.
    pub async fn all_tokens(&self, user: &AuthenticatedUser) -> Result<Vec<PersonalToken>> {
        user.check(Needs::SignIn)?;
        all_tokens(self.db.scope(user)).await
    }

    /// Revokes a token of the user: at once on this instance, within 5 s on the others.
    pub async fn revoke_token(&self, user: &AuthenticatedUser, token: TokenId) -> Result<()> {
        user.check(Needs::SignIn)?;
        self.revoke_token_in(self.db.scope(user), token).await
    }

    async fn revoke_token_in(&self, scopes: Scopes<'_, UserId>, token: TokenId) -> Result<()> {
        let revoked = scopes
            .write(|scope| {
                Box::pin(async move {
                    let revoked = store::revoke_token(scope, token, now()).await?;
                    if revoked.is_some() {
                        scope.record("auth.token_revoked", Target::Token(token));
                    }
                    Ok(revoked)
                })
            })
            .await?;
        let secret_hash = revoked.ok_or_else(|| Error::not_found("Token"))?;
        self.evict_token(&secret_hash).await;
        tracing::info!(target: "security", %token, "personal token revoked");
        Ok(())
    }

    /// Creates a token for the account with this email address: for the operator.
    pub async fn create_token_as_operator(&self, email: &str, new: NewPersonalToken) -> Result<CreatedPersonalToken> {
        self.create_token_in(self.scopes_as_operator(email).await?, new).await
    }

    /// The tokens of the account with this email address: for the operator.
    pub async fn tokens_as_operator(&self, email: &str) -> Result<Vec<PersonalToken>> {
        all_tokens(self.scopes_as_operator(email).await?).await
    }

    /// Revokes a token of the account with this email address: for the operator.
    pub async fn revoke_token_as_operator(&self, email: &str, token: TokenId) -> Result<()> {
        self.revoke_token_in(self.scopes_as_operator(email).await?, token).await
    }

    #[expect(clippy::disallowed_methods, reason = "the operator may act for its users")]
    async fn scopes_as_operator(&self, email: &str) -> Result<Scopes<'_, UserId>> {
        Ok(self.db.scopes_of_verified_user(self.id_of_account(email).await?, None))
    }
}

async fn all_tokens(scopes: Scopes<'_, UserId>) -> Result<Vec<PersonalToken>> {
    scopes.read(|scope| Box::pin(all_pages(scope, |scope, query| Box::pin(list(scope, query))))).await
}
