//! The ids, each a newtype, so that a task's id cannot be used as a user's. UUIDv7, as lower-case text on the
//! wire.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

#[cfg(feature = "server")]
mod stored;

macro_rules! id {
    ($(#[doc = $doc:literal] $name:ident,)+) => {$(
        #[doc = $doc]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    )+};
}

id! {
    /// A person with an account.
    UserId,
    /// One sign-in.
    SessionId,
    /// A personal access token.
    TokenId,
    /// A passkey.
    PasskeyId,
    /// A task.
    TaskId,
    /// A saved filter.
    FilterId,
    /// A team.
    TeamId,
    /// An invitation to a team.
    InvitationId,
    /// A team or task that somebody unknown offers.
    ReceivedInvitationId,
    /// A notification.
    NotificationId,
    /// A conversation with an assistant.
    ConversationId,
    /// A message of a conversation.
    MessageId,
    /// A row without an id in the API: a membership, a share.
    RowId,
}
