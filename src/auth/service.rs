//! The rules of accounts and sessions.

use std::{collections::HashSet, path::Path, sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use moka::future::Cache;
use serde_json::json;

use super::{
    AuthenticatedUser, Credentials, DatabaseKey, NewUser, PasswordChange, Session, SignedIn, User, UserPatch, password,
    store::{self, UserRow},
    token::{self, Tokens},
};
use crate::{
    config::AuthConfig,
    db::{Database, Hold, Scope, SystemScope, now},
    error::{Code, Error, Result},
    id::{SessionId, UserId},
    input::Checks,
    list::{List, ListQuery, Window, all},
};

/// How long a session is believed good without asking the database: a revoked one is refused
/// within 5 s on every instance, at once on the one that revoked it.
const BELIEVED_FOR: Duration = Duration::from_secs(4);
const SEEN_TO_WITHIN: TimeDelta = TimeDelta::seconds(60);

/// What a good session says of its user.
#[derive(Clone, Debug)]
pub struct Known {
    /// Whose it is.
    pub user_id: UserId,
    /// What they are called.
    pub name: String,
    /// Where their days begin.
    pub time_zone: Tz,
    expires_at: DateTime<Utc>,
}

/// Accounts and sessions over one database.
pub struct Auth {
    db: Database,
    tokens: Tokens,
    sessions: Cache<SessionId, Arc<Known>>,
    session_length: TimeDelta,
    allow_signup: bool,
}

impl Auth {
    /// With the configured key, or the one kept in `data_dir`.
    pub fn new(db: Database, config: &AuthConfig, data_dir: &Path) -> std::io::Result<Self> {
        let key = match &config.signing_key {
            Some(key) => key.clone().into_bytes(),
            None => token::key_in(data_dir)?,
        };
        password::warm_up();
        Ok(Self {
            db,
            tokens: Tokens::new(&key),
            sessions: Cache::builder().time_to_live(BELIEVED_FOR).max_capacity(100_000).build(),
            session_length: TimeDelta::hours(config.session_hours.into()),
            allow_signup: config.allow_signup,
        })
    }

    /// Makes an account.
    pub async fn sign_up(&self, new: NewUser) -> Result<User> {
        if !self.allow_signup {
            return Err(Error::forbidden("New accounts are not allowed here").detail("Ask whoever runs this server"));
        }
        let mut checks = Checks::new();
        let name = checks.text("name", &new.name, 1, 100);
        let email = checks.email("email", &new.email);
        let zone = new.time_zone.as_deref().filter(|zone| !zone.trim().is_empty()).unwrap_or("UTC");
        let time_zone = checks.time_zone("time_zone", zone);
        password::check_strength(&mut checks, "password", &new.password, &[&name, &email, "tallyboard"]);
        checks.finish()?;

        let row = UserRow {
            id: UserId::new(),
            email,
            name,
            password_hash: password::hash(new.password).await?,
            time_zone,
            created_at: now(),
        };
        let row = Arc::new(row);
        self.db
            .system_write(DatabaseKey(()), |scope| {
                let row = row.clone();
                Box::pin(async move { store::insert_user(scope, &row).await.map_err(email_taken) })
            })
            .await?;
        tracing::info!(user = %row.id, "account made");
        Ok(User::from(Arc::into_inner(row).ok_or_else(|| Error::internal("a sign-up is still under way"))?))
    }

    /// Checks the password and begins a session.
    pub async fn sign_in(&self, credentials: Credentials, user_agent: Option<String>) -> Result<SignedIn> {
        let email = credentials.email.trim().to_lowercase();
        let found = self
            .db
            .system_read(DatabaseKey(()), |scope| {
                let email = email.clone();
                Box::pin(async move { store::find_by_email(scope, &email).await })
            })
            .await?;
        let hash = found.as_ref().map(|user| user.password_hash.clone());
        let good = password::verify(credentials.password, hash).await?;
        let Some(user) = found.filter(|_| good) else {
            tracing::warn!("a sign-in was refused");
            return Err(
                Error::new(Code::Unauthorized, "The email or the password is wrong").detail("Check both and try again")
            );
        };
        let (session, now) = (SessionId::new(), now());
        let expires_at = now + self.session_length;
        let agent = user_agent.map(|agent| agent.chars().filter(|c| !c.is_control()).take(300).collect::<String>());
        let user_id = user.id;
        self.db
            .system_write(DatabaseKey(()), |scope| {
                let agent = agent.clone();
                Box::pin(async move {
                    store::insert_session(scope, session, user_id, now, expires_at, agent.as_deref()).await
                })
            })
            .await?;
        let access_token = self.tokens.issue(user.id, session, now, expires_at)?;
        Ok(SignedIn { access_token, token_type: "Bearer".to_owned(), expires_at, user: user.into() })
    }

    /// The user behind a token.
    pub async fn authenticate(&self, token: &str) -> Result<AuthenticatedUser> {
        let claims = self.tokens.check(token)?;
        let session = claims.sid;
        let known =
            self.sessions.try_get_with(session, self.look_up(session)).await.map_err(|error| Error::clone(&error))?;
        if known.user_id != claims.sub || known.expires_at <= Utc::now() {
            return Err(session_is_over());
        }
        Ok(AuthenticatedUser::new(known, session))
    }

    async fn look_up(&self, session: SessionId) -> Result<Arc<Known>> {
        let found = self.db.system_read(DatabaseKey(()), |scope| Box::pin(store::find_session(scope, session))).await?;
        let row = found.ok_or_else(session_is_over)?;
        let seen = now();
        if seen - row.last_seen_at > SEEN_TO_WITHIN {
            let db = self.db.clone();
            // Nobody waits for it, and a lost one costs nothing but precision.
            tokio::spawn(async move {
                let touch =
                    db.system_write(DatabaseKey(()), |scope| Box::pin(store::touch_session(scope, session, seen)));
                if let Err(error) = touch.await {
                    tracing::debug!(%error, "a session's last use was not noted");
                }
            });
        }
        Ok(Arc::new(Known {
            user_id: row.user_id,
            name: row.name,
            time_zone: row.time_zone.parse().unwrap_or(Tz::UTC),
            expires_at: row.expires_at,
        }))
    }

    /// One's own account.
    pub async fn me(&self, user: &AuthenticatedUser) -> Result<User> {
        Ok(self.my_row(user).await?.into())
    }

    /// Changes one's own account.
    pub async fn update_me(&self, user: &AuthenticatedUser, patch: UserPatch) -> Result<User> {
        let mut checks = Checks::new();
        let name = patch.name.as_deref().map(|name| checks.text("name", name, 1, 100));
        let email = patch.email.as_deref().map(|email| checks.email("email", email));
        let time_zone = patch.time_zone.as_deref().map(|zone| checks.time_zone("time_zone", zone));
        checks.finish()?;
        let changed = self
            .db
            .scope(user)
            .write(|scope| {
                let (name, email, time_zone) = (name.clone(), email.clone(), time_zone.clone());
                Box::pin(async move {
                    let mut row = store::me(scope).await?.ok_or_else(session_is_over)?;
                    row.name = name.unwrap_or(row.name);
                    row.email = email.unwrap_or(row.email);
                    row.time_zone = time_zone.unwrap_or(row.time_zone);
                    store::update_me(scope, &row, now()).await.map_err(email_taken)?;
                    // Days begin elsewhere in another time zone.
                    scope.numbers_changed(row.id);
                    Ok(User::from(row))
                })
            })
            .await?;
        self.sessions.invalidate(&user.session()).await;
        Ok(changed)
    }

    /// Changes the password and ends every other session.
    pub async fn change_password(&self, user: &AuthenticatedUser, change: PasswordChange) -> Result<()> {
        let row = self.my_row(user).await?;
        let mut checks = Checks::new();
        password::check_strength(
            &mut checks,
            "new_password",
            &change.new_password,
            &[&row.name, &row.email, "tallyboard"],
        );
        checks.finish()?;
        self.confirm(&row, change.current_password, "current_password").await?;
        let hash = password::hash(change.new_password).await?;
        let session = user.session();
        let ended = self
            .db
            .scope(user)
            .write(|scope| {
                let hash = hash.clone();
                Box::pin(async move {
                    let mut row = store::me(scope).await?.ok_or_else(session_is_over)?;
                    row.password_hash = hash;
                    store::update_me(scope, &row, now()).await?;
                    store::revoke_others(scope, session, now()).await
                })
            })
            .await?;
        self.forget(&ended).await;
        tracing::info!(user = %row.id, sessions_ended = ended.len(), "password changed");
        Ok(())
    }

    /// Ends the account, and with it all that is theirs; their teams pass on.
    pub async fn delete_me(&self, user: &AuthenticatedUser, password: String) -> Result<()> {
        let row = self.my_row(user).await?;
        self.confirm(&row, password, "password").await?;
        let id = row.id;
        let sessions = self.db.system_write(DatabaseKey(()), |scope| Box::pin(remove_user(scope, id))).await?;
        self.forget(&sessions).await;
        tracing::info!(user = %id, "account deleted");
        Ok(())
    }

    /// A page of the sessions that are still good, newest first.
    pub async fn sessions(&self, user: &AuthenticatedUser, query: ListQuery) -> Result<List<Session>> {
        let current = user.session();
        self.db.scope(user).read(|scope| Box::pin(sessions(scope, current, query.clone()))).await
    }

    /// All of them.
    pub async fn all_sessions(&self, user: &AuthenticatedUser) -> Result<Vec<Session>> {
        let current = user.session();
        let read = self.db.scope(user);
        read.read(|scope| Box::pin(all(scope, move |scope, query| Box::pin(sessions(scope, current, query))))).await
    }

    /// Those of these sessions that are still good, whosever.
    pub async fn good_sessions(&self, sessions: Vec<SessionId>) -> Result<HashSet<SessionId>> {
        if sessions.is_empty() {
            return Ok(HashSet::new());
        }
        let sessions = Arc::new(sessions);
        self.db
            .system_read(DatabaseKey(()), |scope| {
                let sessions = sessions.clone();
                Box::pin(async move { store::good_sessions(scope, &sessions, now()).await })
            })
            .await
    }

    /// Ends a session of one's own.
    pub async fn revoke_session(&self, user: &AuthenticatedUser, session: SessionId) -> Result<()> {
        let ended = self.db.scope(user).write(|scope| Box::pin(store::revoke_session(scope, session, now()))).await?;
        self.sessions.invalidate(&session).await;
        if ended { Ok(()) } else { Err(Error::not_found("Session")) }
    }

    /// Ends the session that is asking.
    pub async fn sign_out(&self, user: &AuthenticatedUser) -> Result<()> {
        self.revoke_session(user, user.session()).await
    }

    async fn my_row(&self, user: &AuthenticatedUser) -> Result<UserRow> {
        let row = self.db.scope(user).read(|scope| Box::pin(store::me(scope))).await?;
        row.ok_or_else(session_is_over)
    }

    async fn confirm(&self, row: &UserRow, password: String, field: &str) -> Result<()> {
        if password::verify(password, Some(row.password_hash.clone())).await? {
            return Ok(());
        }
        tracing::warn!(user = %row.id, "a wrong password was given to confirm a change");
        Err(Error::invalid(field, "is not your password"))
    }

    async fn forget(&self, sessions: &[SessionId]) {
        for session in sessions {
            self.sessions.invalidate(session).await;
        }
    }
}

async fn sessions(scope: &mut Scope, current: SessionId, query: ListQuery) -> Result<List<Session>> {
    let window = Window::of(&query)?;
    let found = store::sessions(scope, now(), current, &window).await?;
    Ok(window.page(found, |session| (session.created_at, session.id.0)))
}

async fn remove_user(scope: &mut SystemScope, user: UserId) -> Result<Vec<SessionId>> {
    let sessions = store::session_ids(scope, user).await?;
    for receiver in store::share_receivers(scope, user).await? {
        scope.numbers_changed(receiver);
    }
    scope.numbers_changed(user);
    for (team, members) in store::teams_of(scope, user).await? {
        scope.emit("team_changed", members, json!({ "team_id": team }));
    }
    for team in store::owned_teams(scope, user).await? {
        scope.connection().hold(team.0, Hold::Alone).await?;
        // Without an heir the team goes with its owner.
        if let Some(heir) = store::heir(scope, team).await? {
            store::hand_over(scope, team, user, heir, now()).await?;
        }
    }
    store::delete_user(scope, user).await?;
    Ok(sessions)
}

fn session_is_over() -> Error {
    Error::unauthorized("The session is over")
}

fn email_taken(error: sqlx::Error) -> Error {
    match error.as_database_error() {
        Some(database) if database.is_unique_violation() => {
            Error::new(Code::Conflict, "There is an account with this email already").field("email", "is taken")
        }
        _ => error.into(),
    }
}
