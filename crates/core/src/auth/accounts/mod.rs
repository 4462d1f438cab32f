//! Accounts as whoever runs the server manages them, and the links by which their owners choose a password.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::{Auth, Recipient, password, secret, service::remove_user, store::UserRow};
use crate::{
    apps,
    mail::{
        letter::{Letter, Reader},
        outbox::{self, MailKind},
    },
};
use tallyboard_db::{Scope, System, Target, now};
use tallyboard_model::{
    auth::{NewUser, User},
    error::{Code, Error, Result},
    id::UserId,
    input::Validator,
    language::{LanguageChoice, t},
    paths,
};

mod store;

/// How long a link to choose a password is valid.
const LINK_LENGTH: TimeDelta = TimeDelta::hours(1);

/// An account, for whoever runs the server.
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
    /// Since when it is disabled; `None`: it is not.
    pub disabled_at: Option<DateTime<Utc>>,
}

/// How a link to choose a password reaches the owner of the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkDelivery {
    /// Whoever runs the server passes the link on.
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

/// What an operator does to an account, in a transaction.
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
        self.insert_account(new, "auth.account_created", None).await
    }

    /// Disables an account: its sessions, tokens and apps end, on running servers within 5 s, and nobody can sign in to it.
    /// What it owns stays.
    pub async fn disable_account(&self, email: &str) -> Result<()> {
        self.change_account(email, |scope, user| Box::pin(disable(scope, user))).await
    }

    /// Enables a disabled account. Its owner signs in anew.
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

    /// The account that a mail is written for; `None`: there is no such account any more, or it is disabled.
    pub async fn recipient(&self, user: UserId) -> Result<Option<Recipient>> {
        let found = self.find_by_id(user).await?.filter(UserRow::is_enabled);
        Ok(found.map(|UserRow { id, email, name, time_zone, language, .. }| {
            let time_zone = time_zone.parse().unwrap_or(chrono_tz::Tz::UTC);
            let language = LanguageChoice::parse(&language).unwrap_or_default();
            Recipient { id, email, name, time_zone, language }
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
                    store::insert_link(scope, &secret_hash, user, now, now + LINK_LENGTH).await?;
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

    /// Sets the password of the account of a link, and ends its sessions. The link is used up.
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
                    let user = store::take_link(scope, &secret_hash, now).await?.ok_or_else(link_not_valid)?;
                    store::set_password(scope, user, &password_hash, now).await?;
                    scope.record_of(user, "auth.password_reset", Target::User(user));
                    store::revoke_sessions(scope, user, now).await
                })
            })
            .await?;
        self.evict(&ended).await;
        Ok(())
    }
}

/// The mail with a link to choose a new password.
pub fn password_letter(reader: &Reader, secret: &str) -> Letter {
    reader
        .greet(t("Choose a new password for Tallyboard"))
        .text(t("somebody, most likely you, asked for a new password for your account."))
        .link(t("Choose a new password"), reader.url(&paths::reset_password(secret)))
        .text(t(
            "The link can be used once, within an hour. Whoever has it can choose your password: pass it on to nobody.",
        ))
        .note(t("If you did not ask for it, do nothing: your password stays what it is."))
}

async fn disable(scope: &mut Scope<System>, user: UserId) -> Result<()> {
    let now = now();
    store::set_disabled(scope, user, Some(now), now).await?;
    store::revoke_sessions(scope, user, now).await?;
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
        .detail("It was used, is older than an hour, or a newer one was made. Ask for a new one")
}
