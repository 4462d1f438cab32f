//! Passkeys (WebAuthn): somebody's device, or password manager, signs in without password and code.
//! <https://www.w3.org/TR/webauthn-3/>
//!
//! A passkey replaces both steps of a sign-in, because the device verifies the person (by a finger, a face or a PIN) before
//! it signs a challenge. The challenge is not kept here: the browser brings it back in a signed state. No challenge is
//! accepted twice, because each accepted one has to be newer than the passkey's last.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use utoipa::ToSchema;
use webauthn_rs::prelude::{
    DiscoverableAuthentication, PasskeyRegistration, PublicKeyCredential, RegisterPublicKeyCredential,
};

use super::{Auth, AuthenticatedUser, signed_state::SignedState};
use crate::mail::outbox::{self, AccountChange};
use tallyboard_db::{Lock, Scope, Target, now};
use tallyboard_model::{
    auth::SignedIn,
    error::{Code, Error, Result},
    id::{PasskeyId, UserId},
    input::Validator,
    language::t_with,
    list::{List, ListQuery, PageRequest, all_pages},
};

use store::StoredPasskey;

pub mod relying_party;
mod store;
#[cfg(test)]
mod store_test;

pub use relying_party::RelyingParty;

/// How many passkeys a user may have.
const MAX_PASSKEYS: usize = 20;
/// The time limit for using the device.
const CEREMONY_VALID_FOR: TimeDelta = TimeDelta::minutes(5);

/// A passkey of the user. What it signs with is on the person's device alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Passkey {
    /// Its id.
    pub id: PasskeyId,
    /// 1-100 characters: where the passkey is kept.
    pub name: String,
    /// When it was added.
    pub created_at: DateTime<Utc>,
    /// When it signed in last.
    #[schema(required = true)]
    pub last_used_at: Option<DateTime<Utc>>,
}

/// The options for a browser to ask a device.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PasskeyOptions {
    /// For `PublicKeyCredential.parseCreationOptionsFromJSON` or `.parseRequestOptionsFromJSON`.
    pub options: Value,
    /// To be sent back with the device's answer, within five minutes.
    pub state: String,
}

/// A passkey that a device has made.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPasskey {
    /// 1-100 characters after trimming: where the passkey is kept.
    #[schema(
        min_length = 1,
        max_length = 100,
        pattern = r"^[^\x00-\x1f\x7f-\x9f\u2028-\u202e]*[^\s\x00-\x1f\x7f-\xa0\xad\u2000-\u206f][^\x00-\x1f\x7f-\x9f\u2028-\u202e]*$"
    )]
    pub name: String,
    /// The state that came with the options.
    pub state: String,
    /// The output of `PublicKeyCredential.toJSON()` after `navigator.credentials.create()`.
    #[schema(value_type = Object)]
    pub credential: Value,
}

/// A sign-in with a passkey.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasskeySignIn {
    /// The state that came with the options.
    pub state: String,
    /// The output of `PublicKeyCredential.toJSON()` after `navigator.credentials.get()`.
    #[schema(value_type = Object)]
    pub credential: Value,
}

/// The password, for somebody who signed in long ago.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasskeyRequest {
    /// Needed when the user signed in more than an hour ago.
    pub password: Option<String>,
}

/// A passkey that is being made.
#[derive(Serialize, Deserialize)]
struct Registration {
    user: UserId,
    ceremony: PasskeyRegistration,
}

impl SignedState for Registration {
    const KIND: &str = "passkey-registration";
    const VALID_FOR: TimeDelta = CEREMONY_VALID_FOR;
}

/// A sign-in that waits for a device.
#[derive(Serialize, Deserialize)]
struct SignInChallenge {
    made_at: DateTime<Utc>,
    ceremony: DiscoverableAuthentication,
}

impl SignedState for SignInChallenge {
    const KIND: &str = "passkey-sign-in";
    const VALID_FOR: TimeDelta = CEREMONY_VALID_FOR;
}

impl Auth {
    /// A page of the user's passkeys, newest first.
    pub async fn passkeys(&self, user: &AuthenticatedUser, query: ListQuery) -> Result<List<Passkey>> {
        user.session()?;
        self.db.scope(user).read(|scope| Box::pin(list(scope, query.clone()))).await
    }

    /// All of the user's passkeys, newest first.
    pub async fn all_passkeys(&self, user: &AuthenticatedUser) -> Result<Vec<Passkey>> {
        user.session()?;
        let scopes = self.db.scope(user);
        scopes.read(|scope| Box::pin(all_pages(scope, |scope, query| Box::pin(list(scope, query))))).await
    }

    /// Begins to make a passkey. Whether the user has given the password again is for the caller to check.
    pub async fn begin_passkey(&self, user: &AuthenticatedUser, party: &RelyingParty) -> Result<PasskeyOptions> {
        user.session()?;
        let me = self.own_row(user).await?;
        let known = self.db.scope(user).read(|scope| Box::pin(store::credential_ids(scope))).await?;
        check_count(known.len())?;
        let known = known.iter().filter_map(|id| store::credential_id_of(id)).collect();
        let (options, ceremony) = party.begin_registration(me.id.0, &me.email, &me.name, known)?;
        let state = self.sign_state(&Registration { user: me.id, ceremony })?;
        Ok(PasskeyOptions { options, state })
    }

    /// Adds the passkey that a device has made for the user.
    ///
    /// # Errors
    /// 422 when the answer isn't a device's response to these options; 409 when the passkey is already registered.
    pub async fn add_passkey(
        &self,
        user: &AuthenticatedUser,
        party: &RelyingParty,
        new: NewPasskey,
    ) -> Result<Passkey> {
        user.session()?;
        let mut validator = Validator::new();
        let name = validator.line("name", &new.name, 1, 100);
        validator.finish()?;
        let id = user.id();
        let state = self.read_state::<Registration>(&new.state).filter(|state| state.user == id);
        let Registration { ceremony, .. } =
            state.ok_or_else(|| Error::invalid("state", "is older than five minutes, or from another server"))?;
        let answer: RegisterPublicKeyCredential = read_credential(&new.credential)?;
        let made = party.finish_registration(&answer, &ceremony).map_err(|error| {
            tracing::warn!(%error, "a passkey was not accepted");
            Error::invalid("credential", "isn't a device's response to these options")
        })?;
        let passkey = Passkey { id: PasskeyId::new(), name, created_at: now(), last_used_at: None };
        let credential_id = store::credential_id_text(made.cred_id());
        let credential = serde_json::to_string(&made).map_err(Error::internal)?;
        let scopes = self.db.scope(user);
        let added = scopes.write(|scope| {
            let (passkey, credential_id, credential) = (passkey.clone(), credential_id.clone(), credential.clone());
            Box::pin(async move { add(scope, &passkey, &credential_id, &credential).await })
        });
        added.await?;
        tracing::info!(target: "security", passkey = %passkey.id, name = passkey.name, "passkey added");
        Ok(passkey)
    }

    /// Removes a passkey of the user: it can no longer sign in.
    pub async fn remove_passkey(&self, user: &AuthenticatedUser, passkey: PasskeyId) -> Result<()> {
        user.session()?;
        let scopes = self.db.scope(user);
        let removed = scopes.write(|scope| {
            Box::pin(async move {
                if !store::delete(scope, passkey).await? {
                    return Err(Error::not_found("Passkey"));
                }
                let me = scope.user_id();
                scope.record("auth.passkey_removed", Target::User(me));
                Ok(())
            })
        });
        removed.await?;
        tracing::info!(target: "security", %passkey, "passkey removed");
        Ok(())
    }

    /// Begins a sign-in with any passkey.
    pub fn begin_sign_in_with_passkey(&self, party: &RelyingParty) -> Result<PasskeyOptions> {
        let (options, ceremony) = party.begin_sign_in()?;
        let state = self.sign_state(&SignInChallenge { made_at: now(), ceremony })?;
        Ok(PasskeyOptions { options, state })
    }

    /// Begins a session of the account whose passkey has signed the challenge.
    ///
    /// # Errors
    /// 401 when the passkey, its signature or the challenge is not valid; 403 when the account is disabled.
    pub async fn sign_in_with_passkey(
        &self,
        party: &RelyingParty,
        sign_in: PasskeySignIn,
        user_agent: Option<String>,
    ) -> Result<SignedIn> {
        let answer: PublicKeyCredential = read_credential(&sign_in.credential)?;
        let Some(state) = self.read_state::<SignInChallenge>(&sign_in.state) else {
            return Err(not_accepted("its challenge is too old, or not of this server"));
        };
        let credential_id = store::credential_id_text(&answer.raw_id);
        let scopes = self.system();
        let found = scopes.read(|scope| {
            let credential_id = credential_id.clone();
            Box::pin(async move { store::find(scope, &credential_id).await })
        });
        let Some(StoredPasskey { id, user_id, credential }) = found.await? else {
            return Err(not_accepted("it is not known"));
        };
        let mut passkey = relying_party::passkey_for(&credential, &answer)?;
        if party.user_of(&answer).map_err(|error| not_accepted(&error.to_string()))? != user_id.0 {
            return Err(not_accepted("it is of another account"));
        }
        let result = party.finish_sign_in(&answer, state.ceremony, &passkey);
        let result = result.map_err(|error| not_accepted(&error.to_string()))?;
        passkey.update_credential(&result);
        let updated = serde_json::to_string(&passkey).map_err(Error::internal)?;
        let used = scopes.write(|scope| {
            let updated = updated.clone();
            Box::pin(async move { store::use_challenge(scope, id, &updated, state.made_at, now()).await })
        });
        if !used.await? {
            return Err(not_accepted("its challenge was used before"));
        }
        self.begin_session_of(user_id, user_agent).await
    }
}

async fn list(scope: &mut Scope, query: ListQuery) -> Result<List<Passkey>> {
    let page = PageRequest::parse(&query)?;
    let found = store::list(scope, &page).await?;
    Ok(page.answer(found, |passkey| (passkey.created_at, passkey.id.0)))
}

async fn add(scope: &mut Scope, passkey: &Passkey, credential_id: &str, credential: &str) -> Result<()> {
    // Two requests at once must not both be the twentieth.
    let me = scope.user_id();
    scope.connection().lock(me.0, Lock::Exclusive).await?;
    check_count(store::credential_ids(scope).await?.len())?;
    if !store::insert(scope, passkey, credential_id, credential).await? {
        return Err(Error::new(Code::Conflict, "This passkey is already registered"));
    }
    scope.record("auth.passkey_added", Target::User(me));
    outbox::add_change(scope, AccountChange::PasskeyAdded, passkey.created_at).await
}

fn check_count(passkeys: usize) -> Result<()> {
    if passkeys < MAX_PASSKEYS {
        return Ok(());
    }
    Err(Error::new(Code::Conflict, t_with("You already have {n} passkeys", &[("n", &MAX_PASSKEYS)]))
        .detail("Remove one you no longer use"))
}

/// The device's answer in the field of a form, which a script has filled in.
pub fn credential_of_form(field: &str) -> Result<Value> {
    serde_json::from_str(field).map_err(|_| not_a_credential())
}

fn read_credential<T: DeserializeOwned>(credential: &Value) -> Result<T> {
    T::deserialize(credential).map_err(|_| not_a_credential())
}

fn not_a_credential() -> Error {
    Error::invalid("credential", "has to be what PublicKeyCredential.toJSON() says in a browser")
}

/// Why a sign-in is refused. The reason is for the log: the caller must not learn which passkeys exist.
fn not_accepted(reason: &str) -> Error {
    tracing::warn!(reason, "a sign-in with a passkey failed");
    Error::unauthorized("The passkey was not accepted").detail(
        "It may have been removed, or you may have taken longer than five minutes. Try again, or sign in another way",
    )
}
