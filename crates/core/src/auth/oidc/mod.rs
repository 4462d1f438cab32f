//! Signing in with an account of another service (OpenID Connect): the authorization code flow with PKCE and a nonce.
//! <https://openid.net/specs/openid-connect-core-1_0.html>
//!
//! The provider is trusted only about its own accounts: which one somebody has, by `iss` and `sub`. An account
//! here is connected with one of them once, after its password was given.

use serde::{Deserialize, Serialize};

use super::{Auth, AuthenticatedUser, addresses, sign_in::SignIn, sign_up::NewAccount};
use crate::mail::outbox::{self, AccountChange, MailKind};
use tallyboard_db::{Scope, System, Target, now};
use tallyboard_model::{
    auth::{NewUser, User},
    error::{Code, Error, Result},
    id::UserId,
};

pub mod browser_state;
mod provider;
mod store;

pub use provider::IdentityProvider;

/// An account at the provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The provider's address.
    pub issuer: String,
    /// The account's id at the provider; it never changes.
    pub subject: String,
}

/// The person the provider has signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Their account at the provider.
    pub identity: Identity,
    /// Their email address, in lower case, when the provider has verified it.
    pub email: Option<String>,
    /// Their name.
    pub name: Option<String>,
}

impl Auth {
    /// Begins a session of the account that is connected with somebody's identity; `None` when there is none. An address that
    /// the provider has verified is confirmed here, too.
    pub async fn sign_in_with_identity(&self, person: &Person, user_agent: Option<String>) -> Result<Option<SignIn>> {
        let scopes = self.system();
        let read = scopes.read(|scope| {
            let identity = person.identity.clone();
            Box::pin(async move { store::find_user(scope, &identity).await })
        });
        let Some(user) = read.await? else { return Ok(None) };
        if let Some(email) = &person.email {
            self.confirm_known_address(user, email).await?;
        }
        self.sign_in_without_password(user, user_agent).await.map(Some)
    }

    /// Whether there is an account with this email address.
    pub async fn has_account(&self, email: &str) -> Result<bool> {
        Ok(self.find_by_email(email).await?.is_some())
    }

    /// Connects an identity with an account whose password was right just now; the provider has verified this address of it.
    pub async fn connect_identity(&self, user: UserId, identity: &Identity, email: &str) -> Result<()> {
        let scopes = self.system();
        let connected = scopes.write(|scope| {
            let (identity, email) = (identity.clone(), email.to_owned());
            Box::pin(async move {
                connect(scope, user, &identity).await?;
                outbox::add(scope, user, MailKind::Account(AccountChange::IdentityConnected), now()).await?;
                addresses::confirm(scope, user, &email).await
            })
        });
        connected.await
    }

    /// Creates an account that is connected with an identity, whose provider has verified the address. Whether it may be is for
    /// the caller to know.
    pub async fn sign_up_with_identity(&self, new: NewUser, identity: Identity) -> Result<User> {
        self.sign_up_and(NewAccount::confirmed(new, "auth.signed_up"), move |scope, user| {
            let identity = identity.clone();
            Box::pin(async move { connect(scope, user, &identity).await })
        })
        .await
    }

    /// Whether the user's account is connected with an identity.
    pub async fn has_identity(&self, user: &AuthenticatedUser) -> Result<bool> {
        user.session()?;
        let id = user.id();
        self.system().read(|scope| Box::pin(store::has_identity(scope, id))).await
    }

    /// Disconnects the user's account from all identities.
    pub async fn disconnect_identities(&self, user: &AuthenticatedUser) -> Result<()> {
        user.session()?;
        let id = user.id();
        let scopes = self.system();
        let done = scopes.write(|scope| {
            Box::pin(async move {
                store::delete_all(scope, id).await?;
                scope.record_of(id, "auth.identity_disconnected", Target::User(id));
                Ok(())
            })
        });
        done.await
    }
}

async fn connect(scope: &mut Scope<System>, user: UserId, identity: &Identity) -> Result<()> {
    if !store::insert(scope, user, identity, now()).await? {
        return Err(Error::new(Code::Conflict, "This sign-in is already connected to an account")
            .detail("Sign in with it and disconnect it in that account's settings"));
    }
    scope.record_of(user, "auth.identity_connected", Target::User(user));
    Ok(())
}
