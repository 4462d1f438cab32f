//! Accounts and sessions over REST.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::IntoResponse,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    AccountDeletion, AuthenticatedUser, Credentials, NewUser, PasswordChange, Session, SignedIn, User, UserPatch,
    cookie,
};
use crate::{
    app::App,
    error::Result,
    http::{Id, JsonBody, List, NoQuery, Query},
    id::SessionId,
    list::ListQuery,
    openapi::Refused,
};

/// `/api/auth/…`
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(sign_up))
        .routes(routes!(sign_in))
        .routes(routes!(sign_out))
        .routes(routes!(read_me, update_me, delete_me))
        .routes(routes!(change_password))
        .routes(routes!(list_sessions))
        .routes(routes!(end_session))
}

/// Makes an account.
#[utoipa::path(post, path = "/api/auth/signup", tag = "Accounts", request_body = NewUser, security(()),
    responses((status = 201, body = User), Refused))]
async fn sign_up(
    State(app): State<App>,
    _: NoQuery,
    JsonBody(new): JsonBody<NewUser>,
) -> Result<(StatusCode, Json<User>)> {
    Ok((StatusCode::CREATED, Json(app.auth.sign_up(new).await?)))
}

/// Begins a session; its token goes into `Authorization: Bearer`.
#[utoipa::path(post, path = "/api/auth/signin", tag = "Accounts", request_body = Credentials, security(()),
    responses((status = 200, body = SignedIn), Refused))]
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

/// Ends this session.
#[utoipa::path(post, path = "/api/auth/signout", tag = "Accounts", responses((status = 204), Refused))]
async fn sign_out(State(app): State<App>, user: AuthenticatedUser, _: NoQuery) -> Result<impl IntoResponse> {
    app.auth.sign_out(&user).await?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie::forget(&app.config.server))]))
}

/// One's own account.
#[utoipa::path(get, path = "/api/auth/me", tag = "Accounts", responses((status = 200, body = User), Refused))]
async fn read_me(State(app): State<App>, user: AuthenticatedUser, _: NoQuery) -> Result<Json<User>> {
    Ok(Json(app.auth.me(&user).await?))
}

/// Changes what the body names.
#[utoipa::path(patch, path = "/api/auth/me", tag = "Accounts", request_body = UserPatch,
    responses((status = 200, body = User), Refused))]
async fn update_me(
    State(app): State<App>,
    user: AuthenticatedUser,
    _: NoQuery,
    JsonBody(patch): JsonBody<UserPatch>,
) -> Result<Json<User>> {
    Ok(Json(app.auth.update_me(&user, patch).await?))
}

/// Ends the account, with all that is its person's.
#[utoipa::path(delete, path = "/api/auth/me", tag = "Accounts", request_body = AccountDeletion,
    responses((status = 204), Refused))]
async fn delete_me(
    State(app): State<App>,
    user: AuthenticatedUser,
    _: NoQuery,
    JsonBody(AccountDeletion { password }): JsonBody<AccountDeletion>,
) -> Result<StatusCode> {
    app.auth.delete_me(&user, password).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Changes the password; every other session ends.
#[utoipa::path(post, path = "/api/auth/password", tag = "Accounts", request_body = PasswordChange,
    responses((status = 204), Refused))]
async fn change_password(
    State(app): State<App>,
    user: AuthenticatedUser,
    _: NoQuery,
    JsonBody(change): JsonBody<PasswordChange>,
) -> Result<StatusCode> {
    app.auth.change_password(&user, change).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The sessions that are still good, newest first.
#[utoipa::path(get, path = "/api/auth/sessions", tag = "Accounts", params(ListQuery),
    responses((status = 200, body = List<Session>), Refused))]
async fn list_sessions(
    State(app): State<App>,
    user: AuthenticatedUser,
    Query(query): Query<ListQuery>,
) -> Result<Json<List<Session>>> {
    Ok(Json(app.auth.sessions(&user, query).await?))
}

/// Ends one of one's own sessions.
#[utoipa::path(delete, path = "/api/auth/sessions/{id}", tag = "Accounts", params(("id" = SessionId, Path)),
    responses((status = 204), Refused))]
async fn end_session(
    State(app): State<App>,
    user: AuthenticatedUser,
    Id(session): Id<SessionId>,
    _: NoQuery,
) -> Result<StatusCode> {
    app.auth.revoke_session(&user, session).await?;
    Ok(StatusCode::NO_CONTENT)
}
