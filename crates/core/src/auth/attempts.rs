//! Use cases that take a password or create an account, within the limits: REST and the forms call these.

use axum::http::HeaderMap;

use super::{
    AuthenticatedUser, Needs,
    extract::{relying_party, user_agent},
    oidc::{Identity, IdentityProvider},
    passkeys::{PasskeyOptions, PasskeySignIn},
    secret,
    service::WRONG_PASSWORD,
    sign_in::SignIn,
    sign_up::NewAccount,
    two_step::{RecoveryCodes, TwoStepEnd, TwoStepSetup, WRONG_CODE},
};
use crate::{app::AppState, invitations, ops::limits::PasswordVerdict};
use tallyboard_base::request_log;
use tallyboard_model::{
    auth::{CreatedPersonalToken, Credentials, NewPersonalToken, NewUser, PasswordChange, SignedIn, User, UserPatch},
    error::{Code, Error, Result},
    input::{Validator, comparable},
};

/// The longest email address, in characters: RFC 3696, erratum 1690.
const MAX_EMAIL_LENGTH: usize = 320;

/// Creates an account, and puts it into the team of its invitation. A mail to its address confirms that it is theirs.
pub async fn sign_up(app: &AppState, new: NewUser) -> Result<User> {
    app.limits.count_sign_up()?;
    let user = app.limits.with_look_up(None, create_account(app, new)).await?;
    mail_address_link(app, &user).await;
    Ok(user)
}

async fn create_account(app: &AppState, new: NewUser) -> Result<User> {
    let Some(invitation) = new.invitation.clone() else { return app.auth.sign_up(new).await };
    // Checked first, cheaply: without a valid invitation nobody may learn which addresses have accounts.
    invitations::service::team_name(&app.db, &invitation).await?;
    let secret_hash = secret::hash(&invitation);
    app.auth
        .sign_up_and(NewAccount::signed_up(new), move |scope, user| {
            let secret_hash = secret_hash.clone();
            Box::pin(async move { invitations::service::join(scope, user, &secret_hash).await.map(drop) })
        })
        .await
}

/// Mails a link that confirms the address of an account, unless it is confirmed. If the mail can't be sent, the
/// account still works, and its owner can request another.
async fn mail_address_link(app: &AppState, user: &User) {
    let sent = if user.email_verified { Ok(()) } else { send_address_link(app, user).await };
    if let Err(error) = sent {
        tracing::warn!(%error, user = %user.id, "a mail to confirm an address was not put into the outbox");
    }
}

async fn send_address_link(app: &AppState, user: &User) -> Result<()> {
    app.limits.count_address_mail(&user.email)?;
    app.auth.queue_address_link(user.id).await?;
    app.wake_mailer();
    Ok(())
}

/// Mails the user another link that confirms their address; nothing when it is confirmed.
pub async fn mail_own_address_link(app: &AppState, user: &AuthenticatedUser) -> Result<()> {
    let user = app.auth.me(user).await?;
    if user.email_verified { Ok(()) } else { send_address_link(app, &user).await }
}

/// Starts a session from a code, after the right password.
pub async fn sign_in_with_code(app: &AppState, challenge: &str, code: &str, headers: &HeaderMap) -> Result<SignedIn> {
    app.limits.count_sign_in()?;
    let user = app.auth.user_of_challenge(challenge)?;
    let work = app.auth.sign_in_with_code(user, code, user_agent(headers));
    let verdict = |done: &Result<SignedIn>| PasswordVerdict::of(done, is_unauthorized);
    app.limits.with_password(&user.to_string(), verdict, work).await
}

fn is_unauthorized(error: &Error) -> bool {
    error.code == Code::Unauthorized
}

/// Begins a session of the account whose passkey has signed the challenge.
pub async fn sign_in_with_passkey(app: &AppState, sign_in: PasskeySignIn, headers: &HeaderMap) -> Result<SignedIn> {
    app.limits.count_sign_in()?;
    let party = relying_party(app, headers)?;
    app.auth.sign_in_with_passkey(&party, sign_in, user_agent(headers)).await
}

/// Begins to make a passkey, which needs a recent password.
pub async fn begin_passkey(
    app: &AppState,
    user: &AuthenticatedUser,
    password: Option<String>,
    headers: &HeaderMap,
) -> Result<PasskeyOptions> {
    let party = relying_party(app, headers)?;
    check_recent_password(app, user, password, "password").await?;
    app.auth.begin_passkey(user, &party).await
}

/// Begins a session, unless the account needs a code that is missing.
pub async fn sign_in(app: &AppState, credentials: Credentials, headers: &HeaderMap) -> Result<SignIn> {
    app.limits.count_sign_in()?;
    // The answer must not reveal whether the account exists.
    let account: String = comparable(credentials.email.trim()).chars().take(MAX_EMAIL_LENGTH).collect();
    let verdict = |done: &Result<SignIn>| match done {
        // Otherwise asking without a code would reset the count of wrong codes.
        Ok(SignIn::CodeNeeded(_)) => PasswordVerdict::Open,
        done => PasswordVerdict::of(done, is_unauthorized),
    };
    app.limits.with_password(&account, verdict, app.auth.sign_in(credentials, user_agent(headers))).await
}

/// Signs in with the password, and the code where the account needs one, and connects the account with an identity of the
/// provider.
pub async fn connect_identity(
    app: &AppState,
    credentials: Credentials,
    identity: &Identity,
    headers: &HeaderMap,
) -> Result<SignedIn> {
    match sign_in(app, credentials, headers).await? {
        SignIn::Done(signed_in) => {
            app.auth.connect_identity(signed_in.user.id, identity, &signed_in.user.email).await?;
            app.wake_mailer();
            Ok(signed_in)
        }
        SignIn::CodeNeeded(_) => Err(Error::invalid("code", "is required: enter the one your app shows now")),
    }
}

/// Creates the account of somebody whom the provider has signed in.
pub async fn sign_up_with_identity(app: &AppState, new: NewUser, identity: Identity) -> Result<User> {
    app.limits.count_sign_up()?;
    if !app.identity_provider.as_ref().is_some_and(IdentityProvider::allows_sign_up) {
        return Err(Error::forbidden("New accounts are not allowed here").detail("Ask an administrator of this server"));
    }
    app.auth.sign_up_with_identity(new, identity).await
}

/// Disconnects the account from the provider.
pub async fn disconnect_identities(
    app: &AppState,
    user: &AuthenticatedUser,
    password: Option<String>,
    field: &'static str,
) -> Result<()> {
    check_recent_password(app, user, password, field).await?;
    app.auth.disconnect_identities(user).await
}

/// Changes the password; every other session ends, and optionally everything else that can sign in.
pub async fn change_password(app: &AppState, user: &AuthenticatedUser, change: PasswordChange) -> Result<()> {
    confirmed(app, user, app.auth.change_password(user, change)).await?;
    app.wake_mailer();
    Ok(())
}

/// Mails the account with this email address a link to choose a new password. Whether there is such an account decides
/// neither the answer nor when it comes: the account is looked up in the background.
pub fn mail_password_link(app: &AppState, email: &str) -> Result<()> {
    if app.mail.is_none() {
        return Err(no_mail());
    }
    let mut validator = Validator::new();
    let email = validator.email("email", email);
    validator.finish()?;
    app.limits.count_sign_in()?;
    let app = app.clone();
    request_log::spawn(async move {
        if let Err(error) = queue_password_mail(&app, &email).await {
            tracing::warn!(%error, "a mail with a link to choose a password was not put into the outbox");
        }
    });
    Ok(())
}

async fn queue_password_mail(app: &AppState, email: &str) -> Result<()> {
    let Some(user) = app.auth.enabled_account(email).await? else { return Ok(()) };
    app.limits.count_password_mail(user)?;
    app.auth.queue_password_mail(user).await?;
    app.wake_mailer();
    Ok(())
}

/// The error for anything that needs mail, on a server that doesn't send any.
fn no_mail() -> Error {
    Error::forbidden("This server doesn't send email").detail("Ask an administrator for a password reset link")
}

/// Requires the password again if the sign-in was long ago, before changes that open the account to others. `field` is where
/// `password` came from.
///
/// # Errors
/// 422 when it is missing or wrong.
pub async fn check_recent_password(
    app: &AppState,
    user: &AuthenticatedUser,
    password: Option<String>,
    field: &'static str,
) -> Result<()> {
    user.check(Needs::SignIn)?;
    if !user.needs_password_again() {
        return Ok(());
    }
    match password.filter(|password| !password.is_empty()) {
        Some(password) => confirmed(app, user, app.auth.confirm_password(user, password, field)).await,
        None => Err(Error::invalid(field, "is required again: you signed in more than an hour ago")),
    }
}

/// Changes the user's own account; another email address needs a recent password.
pub async fn update_me(
    app: &AppState,
    user: &AuthenticatedUser,
    mut patch: UserPatch,
    field: &'static str,
) -> Result<User> {
    let password = patch.password.take();
    let before = app.auth.me(user).await?.email;
    if patch.email.as_ref().is_none_or(|email| comparable(email.trim()) == before) {
        return app.auth.update_me(user, patch).await;
    }
    if user.needs_password_again() {
        check_recent_password(app, user, password, field).await?;
    }
    if app.mail.is_some()
        && let Some(email) = &patch.email
    {
        app.limits.count_mail(user.id(), email)?;
    }
    let changed = app.limits.with_look_up(Some(user.id()), app.auth.update_me(user, patch)).await?;
    mail_address_link(app, &changed).await;
    app.wake_mailer();
    Ok(changed)
}

/// Creates a personal token, which needs a recent password.
pub async fn create_token(
    app: &AppState,
    user: &AuthenticatedUser,
    mut new: NewPersonalToken,
    field: &'static str,
) -> Result<CreatedPersonalToken> {
    check_recent_password(app, user, new.password.take(), field).await?;
    let created = app.auth.create_token(user, new).await?;
    app.wake_mailer();
    Ok(created)
}

/// Sets the password of the account of a link.
pub async fn reset_password(app: &AppState, secret: &str, new_password: String) -> Result<()> {
    app.limits.count_sign_in()?;
    app.auth.reset_password(secret, new_password).await?;
    app.wake_mailer();
    Ok(())
}

/// Deletes the account and everything that belongs to it.
pub async fn delete_me(app: &AppState, user: &AuthenticatedUser, password: String) -> Result<()> {
    confirmed(app, user, app.auth.delete_me(user, password)).await
}

/// Begins to set up the second step of a sign-in.
pub async fn begin_two_step(app: &AppState, user: &AuthenticatedUser, password: String) -> Result<TwoStepSetup> {
    confirmed(app, user, app.auth.begin_two_step(user, password)).await
}

/// Turns two-step sign-in on.
pub async fn confirm_two_step(app: &AppState, user: &AuthenticatedUser, code: &str) -> Result<RecoveryCodes> {
    confirmed(app, user, app.auth.confirm_two_step(user, code)).await
}

/// Ends the second step of a sign-in.
pub async fn end_two_step(app: &AppState, user: &AuthenticatedUser, end: TwoStepEnd) -> Result<()> {
    confirmed(app, user, app.auth.end_two_step(user, end)).await
}

async fn confirmed<T>(app: &AppState, user: &AuthenticatedUser, work: impl Future<Output = Result<T>>) -> Result<T> {
    let is_wrong =
        |error: &Error| error.fields.values().any(|why| [WRONG_PASSWORD, WRONG_CODE].contains(&why.as_str()));
    let verdict = |done: &Result<T>| PasswordVerdict::of(done, is_wrong);
    app.limits.with_password(&user.id().to_string(), verdict, work).await
}
