//! The outbox: mails that wait to be sent. They survive a restart, and any instance sends them.

use chrono::{DateTime, Utc};

use tallyboard_db::{Scope, System};
use tallyboard_model::{
    error::Result,
    id::{InvitationId, RowId, UserId},
};

mod store;
#[cfg(test)]
mod store_test;

/// An account change that the owner is notified of, so that they notice changes they did not make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // the names say it
pub enum AccountChange {
    PasswordChanged,
    PasswordReset,
    /// For the previous address.
    AddressChanged,
    PasskeyAdded,
    TokenCreated,
    CalendarAddressMade,
    AppConnected,
    IdentityConnected,
    TwoStepEnabled,
    TwoStepEnded,
    /// Somebody knew the password and gave too many wrong codes.
    CodesRefused,
}

/// What a mail is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailKind {
    /// A link to choose a new password.
    PasswordLink,
    /// An invitation to a team.
    Invitation,
    /// The tasks due today.
    DueToday,
    /// The review of the last week.
    WeeklyReview,
    /// A notification, which has the mail's id.
    Notification,
    /// A link that confirms the account's email address.
    AddressLink,
    /// A change of the account.
    Account(AccountChange),
}

impl MailKind {
    /// All kinds.
    pub(super) const ALL: [Self; 17] = [
        Self::PasswordLink,
        Self::Invitation,
        Self::DueToday,
        Self::WeeklyReview,
        Self::Notification,
        Self::AddressLink,
        Self::Account(AccountChange::PasswordChanged),
        Self::Account(AccountChange::PasswordReset),
        Self::Account(AccountChange::AddressChanged),
        Self::Account(AccountChange::PasskeyAdded),
        Self::Account(AccountChange::TokenCreated),
        Self::Account(AccountChange::CalendarAddressMade),
        Self::Account(AccountChange::AppConnected),
        Self::Account(AccountChange::IdentityConnected),
        Self::Account(AccountChange::TwoStepEnabled),
        Self::Account(AccountChange::TwoStepEnded),
        Self::Account(AccountChange::CodesRefused),
    ];

    /// Its name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PasswordLink => "password_link",
            Self::Invitation => "invitation",
            Self::DueToday => "due_today",
            Self::WeeklyReview => "weekly_review",
            Self::Notification => "notification",
            Self::AddressLink => "address_link",
            Self::Account(change) => match change {
                AccountChange::PasswordChanged => "account_password_changed",
                AccountChange::PasswordReset => "account_password_reset",
                AccountChange::AddressChanged => "account_address_changed",
                AccountChange::PasskeyAdded => "account_passkey_added",
                AccountChange::TokenCreated => "account_token_created",
                AccountChange::CalendarAddressMade => "account_calendar_address_made",
                AccountChange::AppConnected => "account_app_connected",
                AccountChange::IdentityConnected => "account_identity_connected",
                AccountChange::TwoStepEnabled => "account_two_step_enabled",
                AccountChange::TwoStepEnded => "account_two_step_ended",
                AccountChange::CodesRefused => "account_codes_refused",
            },
        }
    }

    fn from_stored(stored: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == stored)
    }
}

/// A mail that waits.
#[derive(Clone, Debug)]
pub struct WaitingMail {
    /// Its id.
    pub id: RowId,
    /// The recipient; for an invitation, the inviter.
    pub user_id: UserId,
    /// What it is about.
    pub kind: MailKind,
    /// Of an invitation.
    pub invitation_id: Option<InvitationId>,
    /// Where it goes, when that is not the account's present address.
    pub email: Option<String>,
    /// The number of attempts to send it.
    pub attempts: i64,
    /// When it was requested.
    pub created_at: DateTime<Utc>,
}

/// Puts a mail for a user into the outbox.
pub async fn add(scope: &mut Scope<System>, user: UserId, kind: MailKind, now: DateTime<Utc>) -> Result<()> {
    store::insert(scope, user, kind, None, now).await
}

/// Puts a mail for a user into the outbox that goes to another address than their present one.
pub async fn add_to(
    scope: &mut Scope<System>,
    user: UserId,
    kind: MailKind,
    email: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    store::insert(scope, user, kind, Some(email), now).await
}

/// Puts a mail about a change of the user's own account into the outbox.
pub async fn add_change(scope: &mut Scope, change: AccountChange, now: DateTime<Utc>) -> Result<()> {
    store::insert_change(scope, MailKind::Account(change), now).await
}

/// Puts the mail of an invitation that the user has created into the outbox.
pub async fn add_invitation(scope: &mut Scope, invitation: InvitationId, now: DateTime<Utc>) -> Result<()> {
    store::insert_invitation(scope, invitation, now).await
}

/// The mail whose turn it is. No other instance gets the mail until `next_attempt_at` says so.
pub async fn take_next(
    scope: &mut Scope<System>,
    now: DateTime<Utc>,
    next_attempt_at: impl Fn(&WaitingMail) -> DateTime<Utc>,
) -> Result<Option<WaitingMail>> {
    while let Some(mail) = store::next(scope, now).await? {
        if store::postpone(scope, &mail, next_attempt_at(&mail)).await? {
            return Ok(Some(mail));
        }
    }
    Ok(None)
}

/// Removes a mail: it was sent, or never will be.
pub async fn remove(scope: &mut Scope<System>, id: RowId) -> Result<()> {
    store::delete(scope, id).await
}

/// Removes mails requested before a time.
pub async fn remove_before(scope: &mut Scope<System>, time: DateTime<Utc>) -> Result<()> {
    store::delete_before(scope, time).await
}
