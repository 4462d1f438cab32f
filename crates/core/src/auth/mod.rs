//! Accounts, passwords, tokens and sessions: who sends a request.
//!
//! Not here: what that user may reach (`db::Scope`, `permissions` and each room's service).

pub mod accounts;
pub mod addresses;
pub mod attempts;
pub mod cookie;
mod credentials;
pub mod extract;
mod hs256;
mod identity;
pub mod oidc;
pub mod passkeys;
mod password;
pub mod people;
mod personal_tokens;
pub mod secret;
pub mod service;
pub mod sign_in;
pub mod sign_up;
mod signed_state;
mod store;
#[cfg(test)]
mod store_test;
mod token;
pub mod two_step;

pub use attempts::check_recent_password;
pub use extract::{
    CanRead, CanWrite, authenticated, bearer_user, check_same_origin, current_user, has_credentials,
    has_valid_credentials, public_url, relying_party,
};
pub use identity::{AuthenticatedUser, CredentialId, Needs, Recipient};
pub use service::{Auth, record_in_background};
