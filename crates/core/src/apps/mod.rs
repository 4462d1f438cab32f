//! Apps that people have connected by OAuth: their identity, and what their access tokens may do.
//!
//! Not here: how an app gets its tokens. That is the room `oauth`.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use tallyboard_model::id::{RowId, UserId};

pub mod service;
mod store;
#[cfg(test)]
mod store_test;

pub use store::AppToken;

/// An app that a person has connected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectedApp {
    /// The id of the connection: every token of the app belongs to it.
    pub id: RowId,
    /// The person.
    pub user_id: UserId,
    /// The app's id in the protocol.
    pub client_id: String,
    /// Its display name.
    pub name: String,
    /// The host whose document has the name; `None` if the app named itself.
    pub host: Option<String>,
    /// Whether the app may change tasks, or only read them.
    pub can_write: bool,
    /// When the user connected the app.
    pub created_at: DateTime<Utc>,
    /// When the app last asked for something.
    pub last_used_at: Option<DateTime<Utc>>,
}

/// Marks what is a hash already: records name the tokens that they have led to by their hashes.
pub const HASHED: &str = "sha256:";

/// The hash by which a secret is found. Secrets themselves aren't stored.
pub fn key_of(secret: &str) -> String {
    if secret.starts_with(HASHED) { secret.to_owned() } else { format!("{HASHED}{:x}", Sha256::digest(secret)) }
}
