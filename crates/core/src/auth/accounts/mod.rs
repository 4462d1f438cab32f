//! Accounts as the operator manages them, and the links by which their owners choose a password.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::{
    Auth, AuthenticatedUser, Recipient, addresses, password, secret, service::remove_user, sign_up::NewAccount,
    store::UserRow, two_step,
};
use crate::{
    apps,
    mail::{
        letter::{Letter, Reader},
        outbox::{self, AccountChange, MailKind},
    },
};
use tallyboard_db::{Scope, System, Target, now};
use tallyboard_model::{
    auth::{NewUser, PasswordChange, User},
    error::{Code, Error, Result},
    id::{SessionId, UserId},
    input::Validator,
    language::{LanguageChoice, t},
    paths,
};

mod store;

/// How long a link to choose a password is valid.
const LINK_LENGTH: TimeDelta = TimeDelta::hours(1);

/// An account, for the operator.
#[derive(Clone, Debug, Serialize)]
pub struct Account {
    /// Its id.
    pub id: UserId,
    /// As typed at sign-up.
    pub email: String,
    /// 1-100 characters.
    pub name: String,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When a session of it was last used, to the minute.
    pub last_seen_at: Option<DateTime<Utc>>,
    /// When it was disabled; `None` if it isn't.
    pub disabled_at: Option<DateTime<Utc>>,
}

/// How a link to choose a password reaches the owner of the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkDelivery {
    /// The operator passes the link on.
    Operator,
    /// The server mails the link.
    Mail,
}

impl LinkDelivery {
    fn audit_action(self) -> &'static str {
        match self {
            Self::Operator => "auth.password_link_created",
            Self::Mail => "auth.password_link_mailed",
        }
    }
}

/// An operator's change to an account, in a transaction.
type Change = for<'a> fn(&'a mut Scope<System>, UserId) -> futures::future::BoxFuture<'a, Result<()>>;

impl Auth {
    /// Every account, by email address.
    pub async fn accounts(&self) -> Result<Vec<Account>> {
        self.system().read(|scope| Box::pin(store::list(scope))).await
    }

    /// Creates an account, also where people may not sign up by themselves. Nobody knows its password until its owner
    /// chooses one by a link of [`Auth::create_password_link`].
    pub async fn create_account(&self, email: String, name: String, time_zone: Option<String>) -> Result<User> {
        let new = NewUser { name, email, password: secret::new_secret(), time_zone, language: None, invitation: None };
        self.insert_account(NewAccount::confirmed(new, "auth.account_created"), None).await
    }

    /// Creates an account of the demo data, whose address gets no mail.
    pub async fn create_demo_account(&self, new: NewUser) -> Result<User> {
        self.insert_account(NewAccount::confirmed(new, "auth.signed_up"), None).await
    }

    /// Disables an account: its sessions, tokens and apps end, on running servers within 5 s, and nobody can sign in to it.
    /// Its data stays.
    pub async fn disable_account(&self, email: &str) -> Result<()> {
        self.change_account(email, |scope, user| Box::pin(disable(scope, user))).await
    }

    /// Enables a disabled account. Its owner has to sign in again.
    pub async fn enable_account(&self, email: &str) -> Result<()> {
        self.change_account(email, |scope, user| Box::pin(enable(scope, user))).await
    }

    /// Deletes an account as its owner would, without the password.
    pub async fn delete_account(&self, email: &str) -> Result<()> {
        self.change_account(email, |scope, user| Box::pin(async move { remove_user(scope, user).await.map(drop) }))
            .await
    }

    async fn change_account(&self, email: &str, change: Change) -> Result<()> {
        let user = self.id_of_account(email).await?;
        self.system().write(|scope| change(scope, user)).await?;
        self.sessions.invalidate_all();
        self.personal_tokens.invalidate_all();
        self.forget_app_tokens();
        Ok(())
    }

    /// The account that a mail is written for; `None` if it was deleted or disabled.
    pub async fn recipient(&self, user: UserId) -> Result<Option<Recipient>> {
        let found = self.find_by_id(user).await?.filter(UserRow::is_enabled);
        Ok(found.map(|UserRow { id, email, name, time_zone, language, email_verified_at, .. }| {
            let email_verified = email_verified_at.is_some();
            let time_zone = time_zone.parse().unwrap_or(chrono_tz::Tz::UTC);
            let language = LanguageChoice::parse(&language).unwrap_or_default();
            Recipient { id, email, email_verified, name, time_zone, language }
        }))
    }

    /// The account with this email address, unless it is disabled.
    pub async fn enabled_account(&self, email: &str) -> Result<Option<UserId>> {
        let found = self.find_by_email(email).await?;
        Ok(found.filter(UserRow::is_enabled).map(|user| user.id))
    }

    /// Puts a mail with a link to choose a new password into the outbox.
    pub async fn queue_password_mail(&self, user: UserId) -> Result<()> {
        self.system().write(|scope| Box::pin(outbox::add(scope, user, MailKind::PasswordLink, now()))).await
    }

    /// Creates the secret of a link by which the owner of this account chooses a new password, once and within an hour.
    /// Earlier links of the account are no longer valid.
    pub async fn create_password_link(&self, user: UserId, delivery: LinkDelivery) -> Result<String> {
        let secret = secret::new_secret();
        let secret_hash = secret::hash(&secret);
        self.system()
            .write(|scope| {
                let secret_hash = secret_hash.clone();
                Box::pin(async move {
                    let now = now();
                    store::delete_links(scope, user, now).await?;
                    let by_mail = delivery == LinkDelivery::Mail;
                    store::insert_link(scope, &secret_hash, user, by_mail, now, now + LINK_LENGTH).await?;
                    scope.record_of(user, delivery.audit_action(), Target::User(user));
                    Ok(())
                })
            })
            .await?;
        Ok(secret)
    }

    /// The email address and the name of the account of a link.
    pub async fn account_of_link(&self, secret: &str) -> Result<(String, String)> {
        let secret_hash = secret::hash(secret);
        self.system()
            .read(|scope| {
                let secret_hash = secret_hash.clone();
                Box::pin(async move { store::find_link(scope, &secret_hash, now()).await })
            })
            .await?
            .ok_or_else(link_not_valid)
    }

    /// Sets the password of the account of a link, and ends everything else that can sign in to it. The link is used up; one
    /// that was mailed confirms the address.
    pub async fn reset_password(&self, secret: &str, new_password: String) -> Result<()> {
        let (email, name) = self.account_of_link(secret).await?;
        let mut validator = Validator::new();
        password::check_strength(&mut validator, "new_password", &new_password, &[&name, &email, "tallyboard"]);
        validator.finish()?;
        let hashes = (secret::hash(secret), password::hash(new_password).await?);
        let ended = self
            .system()
            .write(|scope| {
                let (secret_hash, password_hash) = hashes.clone();
                Box::pin(async move {
                    let now = now();
                    let link = store::take_link(scope, &secret_hash, now).await?.ok_or_else(link_not_valid)?;
                    let user = link.user_id;
                    set_password(scope, user, &password_hash, now).await?;
                    scope.record_of(user, "auth.password_reset", Target::User(user));
                    if link.by_mail == 1 {
                        addresses::confirm(scope, user, &link.email).await?;
                    }
                    outbox::add(scope, user, MailKind::Account(AccountChange::PasswordReset), now).await?;
                    end_all(scope, user, None, now).await
                })
            })
            .await?;
        self.evict_everything(&ended).await;
        Ok(())
    }

    /// Changes the password and ends every other session, and everything else that can sign in, if requested.
    pub async fn change_password(&self, user: &AuthenticatedUser, change: PasswordChange) -> Result<()> {
        let session = user.session()?;
        let row = self.own_row(user).await?;
        let mut validator = Validator::new();
        password::check_strength(
            &mut validator,
            "new_password",
            &change.new_password,
            &[&row.name, &row.email, "tallyboard"],
        );
        validator.finish()?;
        self.confirm(&row, change.current_password, "current_password").await?;
        let (id, hash, with_everything) = (row.id, password::hash(change.new_password).await?, change.end_all);
        let scopes = self.system();
        let ended = scopes.write(|scope| {
            let hash = hash.clone();
            Box::pin(async move {
                let now = now();
                set_password(scope, id, &hash, now).await?;
                scope.record_of(id, "auth.password_changed", Target::User(id));
                outbox::add(scope, id, MailKind::Account(AccountChange::PasswordChanged), now).await?;
                match with_everything {
                    true => end_all(scope, id, Some(session), now).await,
                    false => store::revoke_sessions(scope, id, Some(session), now).await,
                }
            })
        });
        let ended = ended.await?;
        if with_everything {
            self.evict_everything(&ended).await;
        } else {
            self.evict(&ended).await;
        }
        tracing::info!(user = %id, sessions_ended = ended.len(), with_everything, "password changed");
        Ok(())
    }

    async fn evict_everything(&self, sessions: &[SessionId]) {
        self.evict(sessions).await;
        self.personal_tokens.invalidate_all();
        self.forget_app_tokens();
    }
}

/// Sets the password. Knowing the old password no longer helps: pending reset links end, and code attempts are reset.
async fn set_password(scope: &mut Scope<System>, user: UserId, hash: &str, now: DateTime<Utc>) -> Result<()> {
    store::set_password(scope, user, hash, now).await?;
    store::delete_links(scope, user, now).await?;
    two_step::forget_wrong_codes(scope, user).await
}

/// Ends everything that can sign in to an account but the password and one session, and records what that was. Answers the
/// sessions.
async fn end_all(
    scope: &mut Scope<System>,
    user: UserId,
    kept: Option<SessionId>,
    now: DateTime<Utc>,
) -> Result<Vec<SessionId>> {
    let sessions = store::revoke_sessions(scope, user, kept, now).await?;
    let ended = [
        ("sessions", !sessions.is_empty()),
        ("tokens", store::revoke_tokens(scope, user, now).await?),
        ("apps", apps::service::revoke_all(scope, user).await?),
        ("passkeys", store::delete_passkeys(scope, user).await?),
        ("identities", store::delete_identities(scope, user).await?),
    ];
    let ended: Vec<_> = ended.into_iter().filter_map(|(what, any)| any.then_some(what)).collect();
    if !ended.is_empty() {
        scope.record_of(user, "auth.access_ended", Target::User(user)).fields(&ended);
    }
    Ok(sessions)
}

/// The mail with a link to choose a new password.
pub fn password_letter(reader: &Reader, secret: &str) -> Letter {
    reader
        .greet(t("Choose a new password for Tallyboard"))
        .text(t("someone, most likely you, asked for a new password for your account."))
        .link(t("Choose a new password"), reader.url(&paths::reset_password(secret)))
        .text(t("The link works once, within an hour. Anyone who has it can choose your password, so don't share it."))
        .note(t("If you didn't ask for it, ignore this email. Your password stays the same."))
}

async fn disable(scope: &mut Scope<System>, user: UserId) -> Result<()> {
    let now = now();
    store::set_disabled(scope, user, Some(now), now).await?;
    store::revoke_sessions(scope, user, None, now).await?;
    store::revoke_tokens(scope, user, now).await?;
    apps::service::revoke_all(scope, user).await?;
    store::delete_links(scope, user, now).await?;
    scope.record_of(user, "auth.account_disabled", Target::User(user));
    Ok(())
}

async fn enable(scope: &mut Scope<System>, user: UserId) -> Result<()> {
    store::set_disabled(scope, user, None, now()).await?;
    scope.record_of(user, "auth.account_enabled", Target::User(user));
    Ok(())
}

fn link_not_valid() -> Error {
    Error::new(Code::NotFound, "This link is no longer valid")
        .detail("It was used, is older than an hour, or was replaced by a newer one. Ask for a new one")
}
