//! Accounts and sessions over REST.

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::IntoResponse,
    routing::{delete, get, post},
};

use super::{
    AccountDeletion, AuthenticatedUser, Credentials, NewUser, PasswordChange, Session, SignedIn, User, UserPatch,
    cookie,
};
use crate::{
    app::App,
    error::Result,
    http::{Id, JsonBody, NoQuery},
    id::SessionId,
};

/// `/api/auth/…`
pub fn routes() -> Router<App> {
    Router::new()
        .route("/signup", post(sign_up))
        .route("/signin", post(sign_in))
        .route("/signout", post(sign_out))
        .route("/me", get(me).patch(update_me).delete(delete_me))
        .route("/password", post(change_password))
        .route("/sessions", get(sessions))
        .route("/sessions/{id}", delete(revoke_session))
}

async fn sign_up(
    State(app): State<App>,
    _: NoQuery,
    JsonBody(new): JsonBody<NewUser>,
) -> Result<(StatusCode, Json<User>)> {
    Ok((StatusCode::CREATED, Json(app.auth.sign_up(new).await?)))
}

async fn sign_in(
    State(app): State<App>,
    headers: HeaderMap,
    _: NoQuery,
    JsonBody(credentials): JsonBody<Credentials>,
) -> Result<Json<SignedIn>> {
    Ok(Json(app.auth.sign_in(credentials, user_agent(&headers)).await?))
}

/// What the request says it was sent by.
pub fn user_agent(headers: &HeaderMap) -> Option<String> {
    headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

async fn sign_out(State(app): State<App>, user: AuthenticatedUser, _: NoQuery) -> Result<impl IntoResponse> {
    app.auth.sign_out(&user).await?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie::forget(&app.config.server))]))
}

async fn me(State(app): State<App>, user: AuthenticatedUser, _: NoQuery) -> Result<Json<User>> {
    Ok(Json(app.auth.me(&user).await?))
}

async fn update_me(
    State(app): State<App>,
    user: AuthenticatedUser,
    _: NoQuery,
    JsonBody(patch): JsonBody<UserPatch>,
) -> Result<Json<User>> {
    Ok(Json(app.auth.update_me(&user, patch).await?))
}

async fn delete_me(
    State(app): State<App>,
    user: AuthenticatedUser,
    _: NoQuery,
    JsonBody(AccountDeletion { password }): JsonBody<AccountDeletion>,
) -> Result<StatusCode> {
    app.auth.delete_me(&user, password).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn change_password(
    State(app): State<App>,
    user: AuthenticatedUser,
    _: NoQuery,
    JsonBody(change): JsonBody<PasswordChange>,
) -> Result<StatusCode> {
    app.auth.change_password(&user, change).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn sessions(
    State(app): State<App>,
    user: AuthenticatedUser,
    _: NoQuery,
) -> Result<Json<crate::http::List<Session>>> {
    Ok(Json(crate::http::List { items: app.auth.sessions(&user).await?, next_cursor: None }))
}

async fn revoke_session(
    State(app): State<App>,
    user: AuthenticatedUser,
    Id(session): Id<SessionId>,
    _: NoQuery,
) -> Result<StatusCode> {
    app.auth.revoke_session(&user, session).await?;
    Ok(StatusCode::NO_CONTENT)
}
