//! Server functions of accounts and sessions; plain forms post to them.

#![allow(missing_docs)] // of what the macro generates for each function

use leptos::prelude::*;

use tallyboard_model::{
    error::Error,
    id::{PasskeyId, RowId, SessionId, TokenId},
};

/// Creates an account and signs in; with the secret of an invitation, the account is in its team.
#[server(prefix = "/api/ui", endpoint = "sign_up")]
pub async fn sign_up(
    name: String,
    email: String,
    password: String,
    time_zone: Option<String>,
    invitation: Option<String>,
) -> Result<(), Error> {
    use tallyboard_model::auth::{Credentials, NewUser};
    use tallyboard_model::language::{LanguageChoice, current};
    let (app, parts) = super::server_fn_context()?;
    let credentials = Credentials { email: email.clone(), password: password.clone(), code: None };
    let zone = tallyboard_core::auth::sign_up::known_time_zone(time_zone);
    let language = Some(LanguageChoice::of(current()));
    let new = NewUser { name, email, password, time_zone: zone, language, invitation: invitation.clone() };
    let next = if invitation.is_some() { tallyboard_model::paths::TEAMS } else { tallyboard_model::paths::DASHBOARD };
    tallyboard_core::auth::attempts::sign_up(&app, new).await?;
    super::browser_session::begin(&app, &parts, credentials).await?;
    leptos_axum::redirect(next);
    Ok(())
}

/// Signs in and redirects to the page `next` of this site, or to the dashboard; first to the page that asks for a code,
/// where the account needs one.
#[server(prefix = "/api/ui", endpoint = "sign_in")]
pub async fn sign_in(email: String, password: String, next: Option<String>) -> Result<(), Error> {
    let (app, parts) = super::server_fn_context()?;
    let next = tallyboard_base::local_path::local_path_or_dashboard(next);
    let credentials = tallyboard_model::auth::Credentials { email, password, code: None };
    match super::browser_session::begin(&app, &parts, credentials).await? {
        None => leptos_axum::redirect(&next),
        Some(challenge) => leptos_axum::redirect(&super::sign_in_code_then(&challenge, &next)),
    }
    Ok(())
}

/// Signs in with the code that follows the password, and redirects to the page `next` of this site.
#[server(prefix = "/api/ui", endpoint = "sign_in_with_code")]
pub async fn sign_in_with_code(challenge: String, code: String, next: Option<String>) -> Result<(), Error> {
    let (app, parts) = super::server_fn_context()?;
    super::browser_session::begin_with_code(&app, &parts, &challenge, &code).await?;
    leptos_axum::redirect(&tallyboard_base::local_path::local_path_or_dashboard(next));
    Ok(())
}

/// Signs in with a passkey's response, as JSON, and redirects to the page `next` of this site.
#[server(prefix = "/api/ui", endpoint = "sign_in_with_passkey")]
pub async fn sign_in_with_passkey(state: String, credential: String, next: Option<String>) -> Result<(), Error> {
    let (app, parts) = super::server_fn_context()?;
    let credential = tallyboard_core::auth::passkeys::credential_of_form(&credential)?;
    let sign_in = tallyboard_core::auth::passkeys::PasskeySignIn { state, credential };
    super::browser_session::begin_with_passkey(&app, &parts, sign_in).await?;
    leptos_axum::redirect(&tallyboard_base::local_path::local_path_or_dashboard(next));
    Ok(())
}

/// Adds the passkey that a device has made, as JSON.
#[server(prefix = "/api/ui", endpoint = "add_passkey")]
pub async fn add_passkey(name: String, state: String, credential: String) -> Result<(), Error> {
    let (app, user) = super::server_fn_user().await?;
    let (_, parts) = super::server_fn_context()?;
    let party = tallyboard_core::auth::relying_party(&app, &parts.headers)?;
    let credential = tallyboard_core::auth::passkeys::credential_of_form(&credential)?;
    app.auth
        .add_passkey(&user, &party, tallyboard_core::auth::passkeys::NewPasskey { name, state, credential })
        .await?;
    leptos_axum::redirect("/settings/passkeys?saved=added");
    Ok(())
}

/// Removes a passkey.
#[server(prefix = "/api/ui", endpoint = "remove_passkey")]
pub async fn remove_passkey(id: PasskeyId) -> Result<(), Error> {
    let (app, user) = super::server_fn_user().await?;
    app.auth.remove_passkey(&user, id).await?;
    leptos_axum::redirect("/settings/passkeys?saved=removed");
    Ok(())
}

/// Connects the account of somebody whom the provider has signed in, by its password.
#[server(prefix = "/api/ui", endpoint = "connect_identity")]
pub async fn connect_identity(password: String, code: Option<String>) -> Result<(), Error> {
    let (app, parts) = super::server_fn_context()?;
    leptos_axum::redirect(&super::browser_session::connect_identity(&app, &parts, password, code).await?);
    Ok(())
}

/// Creates the account of somebody whom the provider has signed in.
#[server(prefix = "/api/ui", endpoint = "sign_up_with_identity")]
pub async fn sign_up_with_identity(name: String, password: String, time_zone: Option<String>) -> Result<(), Error> {
    let (app, parts) = super::server_fn_context()?;
    let zone = tallyboard_core::auth::sign_up::known_time_zone(time_zone);
    leptos_axum::redirect(&super::browser_session::sign_up_with_identity(&app, &parts, name, password, zone).await?);
    Ok(())
}

/// Disconnects the account from the provider of sign-ins.
#[server(prefix = "/api/ui", endpoint = "disconnect_identity")]
pub async fn disconnect_identity(identity_password: Option<String>) -> Result<(), Error> {
    let (app, user) = super::server_fn_user().await?;
    tallyboard_core::auth::attempts::disconnect_identities(&app, &user, identity_password, "identity_password").await?;
    leptos_axum::redirect("/settings?saved=identity");
    Ok(())
}

/// Begins to set up the second step of a sign-in.
#[server(prefix = "/api/ui", endpoint = "begin_two_step")]
pub async fn begin_two_step(password: String) -> Result<(), Error> {
    let (app, user) = super::server_fn_user().await?;
    tallyboard_core::auth::attempts::begin_two_step(&app, &user, password).await?;
    leptos_axum::redirect(tallyboard_model::paths::TWO_STEP);
    Ok(())
}

/// Ends the second step of a sign-in.
#[server(prefix = "/api/ui", endpoint = "end_two_step")]
pub async fn end_two_step(password: String, code: String) -> Result<(), Error> {
    let (app, user) = super::server_fn_user().await?;
    tallyboard_core::auth::attempts::end_two_step(
        &app,
        &user,
        tallyboard_core::auth::two_step::TwoStepEnd { password, code },
    )
    .await?;
    leptos_axum::redirect(tallyboard_model::paths::TWO_STEP_ENDED);
    Ok(())
}

/// Mails a link to choose a new password, if there is an account with this address.
#[server(prefix = "/api/ui", endpoint = "forgot_password")]
pub async fn forgot_password(email: String) -> Result<(), Error> {
    let (app, _) = super::server_fn_context()?;
    tallyboard_core::auth::attempts::mail_password_link(&app, &email)?;
    leptos_axum::redirect(tallyboard_model::paths::FORGOT_PASSWORD_SENT);
    Ok(())
}

/// Sets the password of the account of a link, and redirects to the page to sign in.
#[server(prefix = "/api/ui", endpoint = "reset_password")]
pub async fn reset_password(token: String, new_password: String) -> Result<(), Error> {
    let (app, _) = super::server_fn_context()?;
    tallyboard_core::auth::attempts::reset_password(&app, &token, new_password).await?;
    super::browser_session::forget_everything()?;
    leptos_axum::redirect(tallyboard_model::paths::SIGN_IN_AGAIN);
    Ok(())
}

/// Ends this session.
#[server(prefix = "/api/ui", endpoint = "sign_out")]
pub async fn sign_out() -> Result<(), Error> {
    // Somebody whose session has ended already needs only the cookie deleted.
    if let Ok((app, user)) = super::server_fn_user().await {
        app.auth.sign_out(&user).await?;
    }
    super::browser_session::end()?;
    leptos_axum::redirect(tallyboard_model::paths::SIGN_IN);
    Ok(())
}

/// Changes name, email, time zone and language.
#[server(prefix = "/api/ui", endpoint = "update_me")]
pub async fn update_me(
    name: String,
    email: String,
    time_zone: String,
    language: Option<tallyboard_model::language::LanguageChoice>,
    profile_password: Option<String>,
) -> Result<(), Error> {
    let (app, user) = super::server_fn_user().await?;
    let (name, email, time_zone) = (Some(name), Some(email), Some(time_zone));
    let patch = tallyboard_model::auth::UserPatch { name, email, time_zone, language, password: profile_password };
    tallyboard_core::auth::attempts::update_me(&app, &user, patch, "profile_password").await?;
    leptos_axum::redirect("/settings?saved=profile");
    Ok(())
}

/// Changes the password; every other session ends, and with a ticked box everything else that can sign in.
#[server(prefix = "/api/ui", endpoint = "change_password")]
pub async fn change_password(
    current_password: String,
    new_password: String,
    end_all: Option<bool>,
) -> Result<(), Error> {
    let (app, user) = super::server_fn_user().await?;
    let end_all = end_all.unwrap_or_default();
    let change = tallyboard_model::auth::PasswordChange { current_password, new_password, end_all };
    tallyboard_core::auth::attempts::change_password(&app, &user, change).await?;
    leptos_axum::redirect(if end_all { "/settings?saved=everything" } else { "/settings?saved=password" });
    Ok(())
}

/// Confirms an email address by its link; works signed out, too.
#[server(prefix = "/api/ui", endpoint = "confirm_email")]
pub async fn confirm_email(token: String) -> Result<(), Error> {
    let (app, _) = super::server_fn_context()?;
    app.auth.confirm_address(&token).await?;
    leptos_axum::redirect(tallyboard_model::paths::EMAIL_CONFIRMED);
    Ok(())
}

/// Mails the link that confirms the user's email address once more.
#[server(prefix = "/api/ui", endpoint = "send_confirmation")]
pub async fn send_confirmation() -> Result<(), Error> {
    let (app, user) = super::server_fn_user().await?;
    tallyboard_core::auth::attempts::mail_own_address_link(&app, &user).await?;
    leptos_axum::redirect(tallyboard_model::paths::CONFIRMATION_SENT);
    Ok(())
}

/// Ends one of the user's sessions.
#[server(prefix = "/api/ui", endpoint = "revoke_session")]
pub async fn revoke_session(id: SessionId) -> Result<(), Error> {
    let (app, user) = super::server_fn_user().await?;
    app.auth.revoke_session(&user, id).await?;
    leptos_axum::redirect("/settings?saved=session");
    Ok(())
}

/// Revokes a personal token.
#[server(prefix = "/api/ui", endpoint = "revoke_token")]
pub async fn revoke_token(id: TokenId) -> Result<(), Error> {
    let (app, user) = super::server_fn_user().await?;
    app.auth.revoke_token(&user, id).await?;
    leptos_axum::redirect("/settings?saved=token#tokens");
    Ok(())
}

/// Revokes a connected app.
#[server(prefix = "/api/ui", endpoint = "revoke_app")]
pub async fn revoke_app(id: RowId) -> Result<(), Error> {
    let (app, user) = super::server_fn_user().await?;
    app.auth.revoke_app(&user, id).await?;
    leptos_axum::redirect("/settings?saved=app#apps");
    Ok(())
}

/// Deletes the account.
#[server(prefix = "/api/ui", endpoint = "delete_me")]
pub async fn delete_me(password: String) -> Result<(), Error> {
    let (app, user) = super::server_fn_user().await?;
    tallyboard_core::auth::attempts::delete_me(&app, &user, password).await?;
    super::browser_session::forget_everything()?;
    leptos_axum::redirect(tallyboard_model::paths::SIGN_UP);
    Ok(())
}
