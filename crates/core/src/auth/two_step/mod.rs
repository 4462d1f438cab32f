//! Signing in with a code after the password: from an authenticator app (TOTP, RFC 6238), or a recovery code.
//!
//! The secret that the app shares is in a table that only the system reads. Until a first code has proved that the app has
//! the secret, signing in requires no code.

use chrono::TimeDelta;
use rand::{Rng, RngCore};
use serde::{Deserialize, Serialize};
use totp_rs::{Builder, Secret, Totp};
use utoipa::ToSchema;

use super::{Auth, AuthenticatedUser, secret, signed_state::SignedState};
use crate::mail::outbox::{self, AccountChange, MailKind};
use codes::{accept, accept_app_code};
use tallyboard_db::{Scope, System, Target, now};
use tallyboard_model::{
    error::{Code, Error, Result},
    id::UserId,
    language::text,
};

use store::TwoStepRow;

mod codes;
mod store;

pub(super) use store::forget_wrong_codes;

/// How many recovery codes somebody gets.
const RECOVERY_CODES: usize = 10;
/// This service's name in apps.
const ISSUER: &str = "Tallyboard";
/// Why a code is rejected.
pub(super) const WRONG_CODE: &str = text("is not right, or was used before");

/// Whether an account needs a code to sign in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TwoStepStatus {
    /// Whether signing in requires a code.
    pub enabled: bool,
    /// How many recovery codes are left.
    pub recovery_codes_left: u64,
}

/// The secret an app needs to generate codes; it is not shown again once a code has confirmed it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TwoStepSetup {
    /// To type into the app, in base 32.
    pub secret: String,
    /// The same as a URL, which apps read from a QR code.
    pub url: String,
}

/// Recovery codes, which are not shown again.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RecoveryCodes {
    /// Each signs in once, instead of an app's code.
    pub recovery_codes: Vec<String>,
}

/// The password, which confirms a change.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordConfirmation {
    /// The account's password.
    pub password: String,
}

/// A code of the app.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CodeConfirmation {
    /// Six digits.
    pub code: String,
}

/// The proof for turning two-step sign-in off.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TwoStepEnd {
    /// The account's password.
    pub password: String,
    /// A code of the app, or a recovery code.
    pub code: String,
}

impl Auth {
    /// Whether the user's account needs a code to sign in.
    pub async fn two_step_status(&self, user: &AuthenticatedUser) -> Result<TwoStepStatus> {
        Ok(self.two_step_row(user).await?.1)
    }

    /// The same, with the app's secret until a code has confirmed it.
    pub async fn two_step_setup(&self, user: &AuthenticatedUser) -> Result<(TwoStepStatus, Option<TwoStepSetup>)> {
        let (row, status) = self.two_step_row(user).await?;
        let Some(row) = row.filter(|_| !status.enabled) else { return Ok((status, None)) };
        Ok((status, Some(setup(&row.secret, &self.own_row(user).await?.email)?)))
    }

    async fn two_step_row(&self, user: &AuthenticatedUser) -> Result<(Option<TwoStepRow>, TwoStepStatus)> {
        user.session()?;
        let id = user.id();
        self.system()
            .read(|scope| {
                Box::pin(async move {
                    let row = store::find(scope, id).await?;
                    let enabled = row.as_ref().is_some_and(TwoStepRow::is_confirmed);
                    let left = store::count_recovery_codes(scope, id).await?;
                    let status = TwoStepStatus { enabled, recovery_codes_left: left.try_into().unwrap_or_default() };
                    Ok((row, status))
                })
            })
            .await
    }

    /// Begins: makes a new secret for the user's app. Signing in requires no code until [`Auth::confirm_two_step`].
    pub async fn begin_two_step(&self, user: &AuthenticatedUser, password: String) -> Result<TwoStepSetup> {
        user.session()?;
        let row = self.own_row(user).await?;
        self.confirm(&row, password, "password").await?;
        let (id, secret) = (row.id, new_secret());
        let scopes = self.system();
        let begun = scopes.write(|scope| {
            let secret = secret.clone();
            Box::pin(async move {
                if store::find(scope, id).await?.is_some_and(|row| row.is_confirmed()) {
                    return Err(Error::new(Code::Conflict, "Two-step sign-in is already on")
                        .detail("Turn it off first to set up another app"));
                }
                store::replace(scope, id, &secret, now()).await
            })
        });
        begun.await?;
        setup(&secret, &row.email)
    }

    /// Confirms that the user's app has the secret: from now on signing in requires a code. Returns the recovery codes.
    pub async fn confirm_two_step(&self, user: &AuthenticatedUser, code: &str) -> Result<RecoveryCodes> {
        user.session()?;
        let id = user.id();
        let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| new_recovery_code()).collect();
        let scopes = self.system();
        let confirmed = scopes.write(|scope| {
            let (code, codes) = (code.to_owned(), codes.clone());
            Box::pin(async move {
                let row = store::find(scope, id).await?.filter(|row| !row.is_confirmed());
                let row = row.ok_or_else(|| Error::new(Code::NotFound, "No two-step setup is in progress"))?;
                if !accept_app_code(scope, id, &row, &code).await? {
                    return Err(Error::invalid("code", WRONG_CODE));
                }
                store::confirm(scope, id, now()).await?;
                for code in &codes {
                    store::insert_recovery_code(scope, id, &secret::hash(code)).await?;
                }
                scope.record_of(id, "auth.two_step_enabled", Target::User(id));
                outbox::add(scope, id, MailKind::Account(AccountChange::TwoStepEnabled), now()).await
            })
        });
        confirmed.await?;
        Ok(RecoveryCodes { recovery_codes: codes })
    }

    /// Ends the second step: the password alone signs in.
    pub async fn end_two_step(&self, user: &AuthenticatedUser, end: TwoStepEnd) -> Result<()> {
        user.session()?;
        let row = self.own_row(user).await?;
        self.confirm(&row, end.password, "password").await?;
        let id = row.id;
        let scopes = self.system();
        let ended = scopes.write(|scope| {
            let code = end.code.clone();
            Box::pin(async move {
                let row = store::find(scope, id)
                    .await?
                    .ok_or_else(|| Error::new(Code::NotFound, "Two-step sign-in isn't on"))?;
                if row.is_confirmed() && !accept(scope, id, &row, &code).await? {
                    return Err(Error::invalid("code", WRONG_CODE));
                }
                remove(scope, id, "auth.two_step_disabled").await
            })
        });
        ended.await
    }

    /// Ends the second step of an account whose owner has lost app and recovery codes: for the operator.
    pub async fn end_two_step_of(&self, user: UserId) -> Result<()> {
        self.system().write(|scope| Box::pin(remove(scope, user, "auth.two_step_ended_by_operator"))).await
    }

    /// Whether an account needs a code to sign in.
    pub(super) async fn needs_code(&self, user: UserId) -> Result<bool> {
        let found = self.system().read(|scope| Box::pin(store::find(scope, user))).await?;
        Ok(found.is_some_and(|row| row.is_confirmed()))
    }

    /// A proof that somebody has just given the right password of an account, for the page that asks for the code.
    pub fn challenge(&self, user: UserId) -> Result<String> {
        self.sign_state(&CodeNeeded(user))
    }

    /// The account of such a proof.
    pub(super) fn user_of_challenge(&self, challenge: &str) -> Result<UserId> {
        let CodeNeeded(user) = self.read_state(challenge).ok_or_else(|| {
            Error::unauthorized("Sign in again").detail("Enter the code within five minutes of the password")
        })?;
        Ok(user)
    }
}

/// A sign-in whose password was right, and whose code is missing.
#[derive(Serialize, Deserialize)]
struct CodeNeeded(UserId);

impl SignedState for CodeNeeded {
    const KIND: &str = "second-step";
    /// How long somebody has, after the right password, to type the code.
    const VALID_FOR: TimeDelta = TimeDelta::minutes(5);
}

/// The error for a sign-in with the right password but no code.
pub fn code_needed() -> Error {
    Error::unauthorized("A sign-in code is also required")
        .field("code", "is required: from your app, or a recovery code")
}

async fn remove(scope: &mut Scope<System>, user: UserId, action: &'static str) -> Result<()> {
    store::delete(scope, user).await?;
    scope.record_of(user, action, Target::User(user));
    outbox::add(scope, user, MailKind::Account(AccountChange::TwoStepEnded), now()).await
}

fn setup(secret: &str, email: &str) -> Result<TwoStepSetup> {
    // A colon would end the name of the account.
    let url = totp(secret, &email.replace(':', " "))?.to_url().map_err(Error::internal)?;
    Ok(TwoStepSetup { secret: secret.to_owned(), url })
}

fn totp(secret: &str, account: &str) -> Result<Totp> {
    let secret = Secret::try_from_base32(secret).map_err(|_| Error::internal("a stored secret is not base 32"))?;
    let builder = Builder::new().with_secret(secret).with_issuer(Some(ISSUER)).with_account_name(account);
    builder.build().map_err(Error::internal)
}

/// 160 random bits, as RFC 4226 recommends, in base 32.
fn new_secret() -> String {
    let mut bytes = [0; 20];
    rand::rng().fill_bytes(&mut bytes);
    Secret::new_stack(bytes).to_base32()
}

/// 16 letters and digits that are not taken for one another: 79 random bits.
fn new_recovery_code() -> String {
    const CHARACTERS: &[u8; 31] = b"23456789abcdefghjkmnpqrstuvwxyz";
    let mut random = rand::rng();
    let code: String = (0..16).map(|_| char::from(CHARACTERS[random.random_range(0..CHARACTERS.len())])).collect();
    grouped(&code)
}

/// `abcd-efgh-jkmn-pqrs`
fn grouped(code: &str) -> String {
    let groups: Vec<_> = code.as_bytes().chunks(4).map(String::from_utf8_lossy).collect();
    groups.join("-")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_rfc() {
        // RFC 6238, appendix B, cut to six digits.
        let secret = Secret::new_stack(*b"12345678901234567890").to_base32();
        let totp = totp(&secret, "a").unwrap();
        for (seconds, code) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")] {
            assert_eq!(totp.check(code, seconds), Some(seconds / 30), "{seconds}");
            assert_eq!(totp.check(code, seconds + 60), None, "{seconds}");
        }
    }

    #[test]
    fn an_app_gets_the_secret_by_a_url() {
        let TwoStepSetup { secret, url } = setup(&new_secret(), "a:b@example.org").unwrap();
        assert_eq!(secret.len(), 32);
        assert!(url.starts_with("otpauth://totp/Tallyboard:a%20b%40example.org?") && url.contains(&secret), "{url}");
    }

    #[test]
    fn a_recovery_code_has_groups() {
        let code = new_recovery_code();
        assert_eq!((code.len(), code.matches('-').count()), (19, 3), "{code}");
        assert_eq!(grouped(&code.replace('-', "")), code);
    }
}
