//! REST handlers of accounts and sessions.

pub mod passkeys;
pub mod two_step;

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::IntoResponse,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use tallyboard_base::http::{Id, Json, JsonBody, List, NoQuery, Query};
use tallyboard_core::{
    app::AppState,
    auth::{AuthenticatedUser, attempts, cookie, sign_in::SignIn, two_step::code_needed},
};
use tallyboard_model::{
    auth::{
        AccountDeletion, CreatedPersonalToken, Credentials, EmailConfirmation, ForgottenPassword, NewPersonalToken,
        NewUser, PasswordChange, PersonalToken, Session, SignedIn, User, UserPatch,
    },
    error::{ErrorResponses, Result},
    id::{SessionId, TokenId},
    list::ListQuery,
};

/// `/api/auth/…`
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(sign_up))
        .routes(routes!(sign_in))
        .routes(routes!(sign_out))
        .routes(routes!(read_me, update_me, delete_me))
        .routes(routes!(change_password))
        .routes(routes!(forgot_password))
        .routes(routes!(confirm_email))
        .routes(routes!(send_confirmation))
        .routes(routes!(list_sessions))
        .routes(routes!(end_session))
        .routes(routes!(list_tokens, create_token))
        .routes(routes!(revoke_token))
}

/// Creates an account.
#[utoipa::path(post, path = "/api/auth/signup", tag = "Accounts", request_body = NewUser, security(()),
    responses((status = 201, body = User), ErrorResponses))]
async fn sign_up(
    State(app): State<AppState>,
    _: NoQuery,
    JsonBody(new): JsonBody<NewUser>,
) -> Result<(StatusCode, Json<User>)> {
    Ok((StatusCode::CREATED, Json(attempts::sign_up(&app, new).await?)))
}

/// Begins a session; send its token as `Authorization: Bearer`.
#[utoipa::path(post, path = "/api/auth/signin", tag = "Accounts", request_body = Credentials, security(()),
    responses((status = 200, body = SignedIn), ErrorResponses))]
async fn sign_in(
    State(app): State<AppState>,
    headers: HeaderMap,
    _: NoQuery,
    JsonBody(credentials): JsonBody<Credentials>,
) -> Result<Json<SignedIn>> {
    match attempts::sign_in(&app, credentials, &headers).await? {
        SignIn::Done(signed_in) => Ok(Json(signed_in)),
        SignIn::CodeNeeded(_) => Err(code_needed()),
    }
}

/// Ends this session.
#[utoipa::path(post, path = "/api/auth/signout", tag = "Accounts", responses((status = 204), ErrorResponses))]
async fn sign_out(State(app): State<AppState>, user: AuthenticatedUser, _: NoQuery) -> Result<impl IntoResponse> {
    app.auth.sign_out(&user).await?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie::clear(&app.config.server))]))
}

/// The user's own account.
#[utoipa::path(get, path = "/api/auth/me", tag = "Accounts", responses((status = 200, body = User), ErrorResponses))]
async fn read_me(State(app): State<AppState>, user: AuthenticatedUser, _: NoQuery) -> Result<Json<User>> {
    Ok(Json(app.auth.me(&user).await?))
}

/// Changes the fields in the body.
#[utoipa::path(patch, path = "/api/auth/me", tag = "Accounts", request_body = UserPatch,
    responses((status = 200, body = User), ErrorResponses))]
async fn update_me(
    State(app): State<AppState>,
    user: AuthenticatedUser,
    _: NoQuery,
    JsonBody(patch): JsonBody<UserPatch>,
) -> Result<Json<User>> {
    Ok(Json(attempts::update_me(&app, &user, patch, "password").await?))
}

/// Deletes the account and everything that belongs to it. A browser then forgets what it has kept of this site.
#[utoipa::path(delete, path = "/api/auth/me", tag = "Accounts", request_body = AccountDeletion,
    responses((status = 204), ErrorResponses))]
async fn delete_me(
    State(app): State<AppState>,
    user: AuthenticatedUser,
    _: NoQuery,
    JsonBody(AccountDeletion { password }): JsonBody<AccountDeletion>,
) -> Result<impl IntoResponse> {
    attempts::delete_me(&app, &user, password).await?;
    Ok((StatusCode::NO_CONTENT, cookie::forget_everything(&app.config.server)))
}

/// Mails a link to choose a new password. The answer is the same whether or not there is an account with this address; 403
/// on a server that sends no mail.
#[utoipa::path(post, path = "/api/auth/password/forgot", tag = "Accounts", request_body = ForgottenPassword, security(()),
    responses((status = 204), ErrorResponses))]
async fn forgot_password(
    State(app): State<AppState>,
    _: NoQuery,
    JsonBody(ForgottenPassword { email }): JsonBody<ForgottenPassword>,
) -> Result<StatusCode> {
    attempts::mail_password_link(&app, &email)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Confirms an email address by the token of the link that was mailed to it; once more changes nothing.
#[utoipa::path(post, path = "/api/auth/email/confirm", tag = "Accounts", request_body = EmailConfirmation, security(()),
    responses((status = 204), ErrorResponses))]
async fn confirm_email(
    State(app): State<AppState>,
    _: NoQuery,
    JsonBody(EmailConfirmation { token }): JsonBody<EmailConfirmation>,
) -> Result<StatusCode> {
    app.auth.confirm_address(&token).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Mails the link that confirms the account's email address once more; nothing when it is confirmed.
#[utoipa::path(post, path = "/api/auth/email/send", tag = "Accounts", responses((status = 204), ErrorResponses))]
async fn send_confirmation(State(app): State<AppState>, user: AuthenticatedUser, _: NoQuery) -> Result<StatusCode> {
    attempts::mail_own_address_link(&app, &user).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Changes the password; every other session ends. With `end_all`, so does everything else that can sign in: personal tokens,
/// connected apps, passkeys, sign-ins of other services and the calendar's address.
#[utoipa::path(post, path = "/api/auth/password", tag = "Accounts", request_body = PasswordChange,
    responses((status = 204), ErrorResponses))]
async fn change_password(
    State(app): State<AppState>,
    user: AuthenticatedUser,
    _: NoQuery,
    JsonBody(change): JsonBody<PasswordChange>,
) -> Result<StatusCode> {
    attempts::change_password(&app, &user, change).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The valid sessions, newest first.
#[utoipa::path(get, path = "/api/auth/sessions", tag = "Accounts", params(ListQuery),
    responses((status = 200, body = List<Session>), ErrorResponses))]
async fn list_sessions(
    State(app): State<AppState>,
    user: AuthenticatedUser,
    Query(query): Query<ListQuery>,
) -> Result<Json<List<Session>>> {
    Ok(Json(app.auth.sessions(&user, query).await?))
}

/// Ends one of the user's sessions.
#[utoipa::path(delete, path = "/api/auth/sessions/{id}", tag = "Accounts", params(("id" = SessionId, Path)),
    responses((status = 204), ErrorResponses))]
async fn end_session(
    State(app): State<AppState>,
    user: AuthenticatedUser,
    Id(session): Id<SessionId>,
    _: NoQuery,
) -> Result<StatusCode> {
    app.auth.revoke_session(&user, session).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The personal tokens that were not revoked, newest first, without their secrets.
#[utoipa::path(get, path = "/api/auth/tokens", tag = "Accounts", params(ListQuery),
    responses((status = 200, body = List<PersonalToken>), ErrorResponses))]
async fn list_tokens(
    State(app): State<AppState>,
    user: AuthenticatedUser,
    Query(query): Query<ListQuery>,
) -> Result<Json<List<PersonalToken>>> {
    Ok(Json(app.auth.tokens(&user, query).await?))
}

/// Creates a personal token for a program or an assistant; its secret is in this answer only. At most 50 are valid at a
/// time.
#[utoipa::path(post, path = "/api/auth/tokens", tag = "Accounts", request_body = NewPersonalToken,
    responses((status = 201, body = CreatedPersonalToken), ErrorResponses))]
async fn create_token(
    State(app): State<AppState>,
    user: AuthenticatedUser,
    _: NoQuery,
    JsonBody(new): JsonBody<NewPersonalToken>,
) -> Result<(StatusCode, Json<CreatedPersonalToken>)> {
    Ok((StatusCode::CREATED, Json(attempts::create_token(&app, &user, new, "password").await?)))
}

/// Revokes a personal token: it is refused at once, and its sockets close.
#[utoipa::path(delete, path = "/api/auth/tokens/{id}", tag = "Accounts", params(("id" = TokenId, Path)),
    responses((status = 204), ErrorResponses))]
async fn revoke_token(
    State(app): State<AppState>,
    user: AuthenticatedUser,
    Id(token): Id<TokenId>,
    _: NoQuery,
) -> Result<StatusCode> {
    app.auth.revoke_token(&user, token).await?;
    Ok(StatusCode::NO_CONTENT)
}
