//! Signing in: the password, a code where the account needs one, and the session that begins.

use super::{
    Auth, password,
    service::record_in_background,
    store::{self, UserRow},
};
use tallyboard_base::{network::Network, request_log};
use tallyboard_db::{Target, now};
use tallyboard_model::{
    auth::{Credentials, SignedIn},
    error::{Code, Error, Result},
    id::{SessionId, UserId},
    input::comparable,
};

/// The result of a correct password.
pub enum SignIn {
    /// A session.
    Done(SignedIn),
    /// The account needs a code, which is missing.
    CodeNeeded(UserId),
}

impl Auth {
    /// Verifies the password, and the code where the account needs one, and begins a session.
    pub async fn sign_in(&self, credentials: Credentials, user_agent: Option<String>) -> Result<SignIn> {
        let Credentials { email, password, code } = credentials;
        let user = self.check_password(&email, password).await?;
        let code = code.as_deref().map(str::trim).filter(|code| !code.is_empty());
        match code {
            Some(code) => self.check_code(user.id, code).await?,
            None if self.needs_code(user.id).await? => return Ok(SignIn::CodeNeeded(user.id)),
            None => {}
        }
        self.begin_session(user, user_agent).await.map(SignIn::Done)
    }

    /// Starts a session from a code, after a challenge proved the password.
    pub async fn sign_in_with_code(&self, user: UserId, code: &str, user_agent: Option<String>) -> Result<SignedIn> {
        let user = self.enabled_row(user).await?;
        self.check_code(user.id, code).await?;
        self.begin_session(user, user_agent).await
    }

    /// Starts a session after a sign-in at the identity provider, unless the account needs a code.
    pub(super) async fn sign_in_without_password(&self, user: UserId, user_agent: Option<String>) -> Result<SignIn> {
        let user = self.enabled_row(user).await?;
        if self.needs_code(user.id).await? {
            return Ok(SignIn::CodeNeeded(user.id));
        }
        self.begin_session(user, user_agent).await.map(SignIn::Done)
    }

    /// Starts a session after a passkey sign-in, which replaces the password and the code.
    pub(super) async fn begin_session_of(&self, user: UserId, user_agent: Option<String>) -> Result<SignedIn> {
        let user = self.enabled_row(user).await?;
        self.begin_session(user, user_agent).await
    }

    async fn enabled_row(&self, user: UserId) -> Result<UserRow> {
        let user = self.find_by_id(user).await?.ok_or_else(|| Error::unauthorized("This account no longer exists"))?;
        refuse_disabled(&user)?;
        Ok(user)
    }

    async fn check_password(&self, email: &str, password: String) -> Result<UserRow> {
        let email = comparable(email.trim());
        let found = self.find_by_email(&email).await?;
        let hash = found.as_ref().map(|user| user.password_hash.clone());
        let good = password::verify(password, hash).await?;
        let account = found.as_ref().map(|user| user.id);
        let Some(user) = found.filter(|_| good) else {
            tracing::warn!("a sign-in failed");
            if let Some(account) = account {
                // Waiting for it would reveal that the account exists.
                record_in_background(&self.db, account, "auth.sign_in_failed", Some(Target::User(account)));
            }
            return Err(
                Error::new(Code::Unauthorized, "The email or the password is wrong").detail("Check both and try again")
            );
        };
        refuse_disabled(&user)?;
        Ok(user)
    }

    async fn begin_session(&self, user: UserRow, user_agent: Option<String>) -> Result<SignedIn> {
        let (session, now) = (SessionId::new(), now());
        let expires_at = now + self.session_length;
        let agent = user_agent.map(|agent| agent.chars().filter(|c| !c.is_control()).take(300).collect::<String>());
        let user_id = user.id;
        self.system()
            .write(|scope| {
                let agent = agent.clone();
                Box::pin(async move {
                    store::insert_session(scope, session, user_id, now, expires_at, agent.as_deref()).await?;
                    let is_new_place = is_new_place(&store::sign_in_addresses(scope, user_id).await?);
                    let entry = scope.record_of(user_id, "auth.signed_in", Target::Session(session));
                    if is_new_place {
                        entry.fields(&["new_place"]);
                    }
                    Ok(())
                })
            })
            .await?;
        let access_token = self.tokens.issue(user.id, session, now, expires_at)?;
        Ok(SignedIn { access_token, token_type: "Bearer".to_owned(), expires_at, user: user.into() })
    }
}

fn refuse_disabled(user: &UserRow) -> Result<()> {
    if user.is_enabled() {
        return Ok(());
    }
    Err(Error::forbidden("This account is disabled").detail("Ask an administrator of this server"))
}

/// Whether the request comes from a network that none of these addresses is in. The first one is not called new.
fn is_new_place(known: &[String]) -> bool {
    let Some(here) = request_log::current().and_then(|info| info.peer).map(Network::of) else { return false };
    let known: Vec<Network> = known.iter().filter_map(|ip| ip.parse().ok()).map(Network::of).collect();
    !known.is_empty() && !known.contains(&here)
}
