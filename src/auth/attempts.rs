//! What takes a password or makes an account, within the limits: REST and the forms call these.

use axum::http::HeaderMap;

use super::{
    AuthenticatedUser, Credentials, NewUser, PasswordChange, SignedIn, User, extract::user_agent,
    service::WRONG_PASSWORD,
};
use crate::{
    app::AppState,
    error::{Code, Error, Result},
};

/// The longest email address, in characters: RFC 3696, erratum 1690.
const MAX_EMAIL_LENGTH: usize = 320;

/// Creates an account.
pub async fn sign_up(app: &AppState, new: NewUser) -> Result<User> {
    app.limits.count_sign_up()?;
    app.auth.sign_up(new).await
}

/// Begins a session.
pub async fn sign_in(app: &AppState, credentials: Credentials, headers: &HeaderMap) -> Result<SignedIn> {
    app.limits.count_sign_in()?;
    // Whether or not there is such an account: the answer must not tell.
    let account: String = credentials.email.trim().to_lowercase().chars().take(MAX_EMAIL_LENGTH).collect();
    let is_wrong = |error: &Error| error.code == Code::Unauthorized;
    app.limits.with_password(&account, is_wrong, app.auth.sign_in(credentials, user_agent(headers))).await
}

/// Changes the password; every other session ends.
pub async fn change_password(app: &AppState, user: &AuthenticatedUser, change: PasswordChange) -> Result<()> {
    confirmed(app, user, app.auth.change_password(user, change)).await
}

/// Deletes the account and everything that belongs to it.
pub async fn delete_me(app: &AppState, user: &AuthenticatedUser, password: String) -> Result<()> {
    confirmed(app, user, app.auth.delete_me(user, password)).await
}

async fn confirmed(app: &AppState, user: &AuthenticatedUser, work: impl Future<Output = Result<()>>) -> Result<()> {
    let is_wrong = |error: &Error| error.fields.values().any(|why| why == WRONG_PASSWORD);
    app.limits.with_password(&user.id().to_string(), is_wrong, work).await
}
