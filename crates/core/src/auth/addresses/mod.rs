//! Whether the email address of an account is confirmed. Others find an account by a confirmed address only, so that nobody can
//! take what is meant for somebody else by signing up with their address.
//!
//! A link that is mailed to the address confirms it. The link holds the account and the address, signed: nothing is stored, it
//! can be used again without harm, and another address ends it.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{
    Auth, AuthenticatedUser, Recipient,
    service::{ProfileChanges, email_taken, session_ended},
    signed_state::SignedState,
    store as account_store,
};
use crate::mail::outbox::{self, AccountChange, MailKind};
use tallyboard_db::{Scope, System, Target, now};
use tallyboard_model::{
    auth::User,
    error::{Code, Error, Result},
    id::UserId,
};

mod letters;
mod store;

pub use letters::{address_letter, change_letter};

/// The claims of a link that confirms an address.
#[derive(Clone, Serialize, Deserialize)]
struct AddressLink {
    user: UserId,
    email: String,
}

impl SignedState for AddressLink {
    const KIND: &str = "email-address";
    const VALID_FOR: TimeDelta = TimeDelta::hours(24);
}

/// The address of a link that confirms it.
#[derive(Clone, Debug)]
pub struct LinkedAddress {
    /// The address.
    pub email: String,
    /// Whether it is confirmed already.
    pub is_confirmed: bool,
}

impl Auth {
    /// Since when the address of a new account, or a new address of an account, counts as confirmed; `None` when a mail has to
    /// confirm it.
    pub(super) fn confirmed_without_mail(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        (!self.sends_mail).then_some(now)
    }

    /// Marks every address as confirmed: while the server sends no mail everybody is found, and stays so when it sends some.
    pub async fn confirm_all_addresses(&self) -> Result<()> {
        self.system().write(|scope| Box::pin(store::confirm_all(scope, now()))).await
    }

    /// Puts a mail into the outbox with a link that confirms the address of an account: `false` when it is confirmed already.
    pub async fn queue_address_link(&self, user: UserId) -> Result<bool> {
        let scopes = self.system();
        let queued = scopes.write(|scope| {
            Box::pin(async move {
                let row = account_store::find_by_id(scope, user).await?;
                let needs_mail = row.is_some_and(|row| row.email_verified_at.is_none());
                if needs_mail {
                    outbox::add(scope, user, MailKind::AddressLink, now()).await?;
                }
                Ok(needs_mail)
            })
        });
        queued.await
    }

    /// The token of a link that confirms the address of the reader of a mail; `None` when it is confirmed already.
    pub fn address_link(&self, recipient: &Recipient) -> Result<Option<String>> {
        if recipient.email_verified {
            return Ok(None);
        }
        self.sign_state(&AddressLink { user: recipient.id, email: recipient.email.clone() }).map(Some)
    }

    /// The address that a link confirms.
    ///
    /// # Errors
    /// 404 when the link is too old, or the account has another address.
    pub async fn linked_address(&self, token: &str) -> Result<LinkedAddress> {
        let AddressLink { user, email } = self.read_state(token).ok_or_else(link_not_valid)?;
        let row = self.find_by_id(user).await?.filter(|row| row.email == email).ok_or_else(link_not_valid)?;
        Ok(LinkedAddress { email, is_confirmed: row.email_verified_at.is_some() })
    }

    /// Confirms the address of a link; once more changes nothing.
    ///
    /// # Errors
    /// 404 when the link is too old, or the account has another address.
    pub async fn confirm_address(&self, token: &str) -> Result<()> {
        let link: AddressLink = self.read_state(token).ok_or_else(link_not_valid)?;
        let user = link.user;
        let scopes = self.system();
        let sessions = scopes.write(|scope| {
            let AddressLink { user, email } = link.clone();
            Box::pin(async move {
                let row = account_store::find_by_id(scope, user).await?;
                row.filter(|row| row.email == email).ok_or_else(link_not_valid)?;
                confirm(scope, user, &email).await?;
                account_store::session_ids(scope, user).await
            })
        });
        self.evict(&sessions.await?).await;
        tracing::info!(%user, "email address confirmed");
        Ok(())
    }

    /// Confirms the address of an account that somebody else has verified, if it is the account's own.
    pub async fn confirm_known_address(&self, user: UserId, email: &str) -> Result<()> {
        let scopes = self.system();
        let confirmed = scopes.write(|scope| {
            let email = email.to_owned();
            Box::pin(async move { confirm(scope, user, &email).await })
        });
        confirmed.await
    }

    /// Changes the email address of the user's account, with other changes, and sends a note to the old address.
    pub(super) async fn change_address(&self, user: &AuthenticatedUser, changes: ProfileChanges) -> Result<User> {
        let id = user.id();
        let confirmed_at = self.confirmed_without_mail(now());
        let scopes = self.system();
        let changed = scopes.write(|scope| {
            let changes = changes.clone();
            Box::pin(async move {
                let now = now();
                let mut row = account_store::find_by_id(scope, id).await?.ok_or_else(session_ended)?;
                let before = row.email.clone();
                changes.apply(&mut row);
                if row.email != before {
                    row.email_verified_at = confirmed_at;
                    let kind = MailKind::Account(AccountChange::AddressChanged);
                    outbox::add_to(scope, id, kind, &before, now).await?;
                }
                store::update(scope, &row, now).await.map_err(email_taken)?;
                scope.record_of(id, "auth.profile_changed", Target::User(id)).fields(&changes.names());
                scope.statistics_changed(id);
                Ok(User::from(row))
            })
        });
        changed.await
    }
}

/// Confirms the address of an account, if it has this one.
pub async fn confirm(scope: &mut Scope<System>, user: UserId, email: &str) -> Result<()> {
    if store::confirm(scope, user, email, now()).await? {
        scope.record_of(user, "auth.email_confirmed", Target::User(user));
    }
    Ok(())
}

fn link_not_valid() -> Error {
    Error::new(Code::NotFound, "This link is no longer valid")
        .detail("It is older than a day, or the account has another address now. Your settings send a new one")
}
