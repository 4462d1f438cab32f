//! REST handlers of the second step of a sign-in.

use axum::{extract::State, http::StatusCode};
use utoipa_axum::{router::OpenApiRouter, routes};

use tallyboard_base::http::{Json, JsonBody, NoQuery};
use tallyboard_core::{
    app::AppState,
    auth::{
        AuthenticatedUser, attempts,
        two_step::{CodeConfirmation, PasswordConfirmation, RecoveryCodes, TwoStepEnd, TwoStepSetup, TwoStepStatus},
    },
};
use tallyboard_model::error::{ErrorResponses, Result};

/// `/api/auth/two-step…`
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(read_two_step, begin_two_step, end_two_step)).routes(routes!(confirm_two_step))
}

/// Whether the account needs a code to sign in.
#[utoipa::path(get, path = "/api/auth/two-step", tag = "Accounts",
    responses((status = 200, body = TwoStepStatus), ErrorResponses))]
async fn read_two_step(
    State(app): State<AppState>,
    user: AuthenticatedUser,
    _: NoQuery,
) -> Result<Json<TwoStepStatus>> {
    app.auth.two_step_status(&user).await.map(Json)
}

/// Makes a secret for an app that shows codes (TOTP). Signing in requires no code until one has confirmed it.
#[utoipa::path(post, path = "/api/auth/two-step", tag = "Accounts", request_body = PasswordConfirmation,
    responses((status = 201, body = TwoStepSetup), ErrorResponses))]
async fn begin_two_step(
    State(app): State<AppState>,
    user: AuthenticatedUser,
    _: NoQuery,
    JsonBody(PasswordConfirmation { password }): JsonBody<PasswordConfirmation>,
) -> Result<(StatusCode, Json<TwoStepSetup>)> {
    Ok((StatusCode::CREATED, Json(attempts::begin_two_step(&app, &user, password).await?)))
}

/// Confirms the app with a code of it. From now on signing in needs a code; the answer has the recovery codes.
#[utoipa::path(post, path = "/api/auth/two-step/confirm", tag = "Accounts", request_body = CodeConfirmation,
    responses((status = 200, body = RecoveryCodes), ErrorResponses))]
async fn confirm_two_step(
    State(app): State<AppState>,
    user: AuthenticatedUser,
    _: NoQuery,
    JsonBody(CodeConfirmation { code }): JsonBody<CodeConfirmation>,
) -> Result<Json<RecoveryCodes>> {
    attempts::confirm_two_step(&app, &user, &code).await.map(Json)
}

/// Ends the second step: the password alone signs in.
#[utoipa::path(delete, path = "/api/auth/two-step", tag = "Accounts", request_body = TwoStepEnd,
    responses((status = 204), ErrorResponses))]
async fn end_two_step(
    State(app): State<AppState>,
    user: AuthenticatedUser,
    _: NoQuery,
    JsonBody(end): JsonBody<TwoStepEnd>,
) -> Result<StatusCode> {
    attempts::end_two_step(&app, &user, end).await?;
    Ok(StatusCode::NO_CONTENT)
}
