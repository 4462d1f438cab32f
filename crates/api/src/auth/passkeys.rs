//! REST handlers of passkeys.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use tallyboard_base::http::{Id, Json, JsonBody, List, NoQuery, Query};
use tallyboard_core::{
    app::AppState,
    auth::{
        AuthenticatedUser, attempts,
        passkeys::{NewPasskey, Passkey, PasskeyOptions, PasskeyRequest, PasskeySignIn},
        relying_party,
    },
};
use tallyboard_model::{
    auth::SignedIn,
    error::{ErrorResponses, Result},
    id::PasskeyId,
    list::ListQuery,
};

/// `/api/auth/passkeys…` and `/api/auth/signin/passkey`
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_passkeys, add_passkey))
        .routes(routes!(begin_passkey))
        .routes(routes!(remove_passkey))
        .routes(routes!(begin_sign_in_with_passkey, sign_in_with_passkey))
}

/// The user's passkeys, newest first.
#[utoipa::path(get, path = "/api/auth/passkeys", tag = "Accounts", params(ListQuery),
    responses((status = 200, body = List<Passkey>), ErrorResponses))]
async fn list_passkeys(
    State(app): State<AppState>,
    user: AuthenticatedUser,
    Query(query): Query<ListQuery>,
) -> Result<Json<List<Passkey>>> {
    app.auth.passkeys(&user, query).await.map(Json)
}

/// The options a browser needs to create a passkey (WebAuthn). 409 at an IP address, where there are none.
#[utoipa::path(post, path = "/api/auth/passkeys/options", tag = "Accounts", request_body = PasskeyRequest,
    responses((status = 200, body = PasskeyOptions), ErrorResponses))]
async fn begin_passkey(
    State(app): State<AppState>,
    headers: HeaderMap,
    user: AuthenticatedUser,
    _: NoQuery,
    JsonBody(PasskeyRequest { password }): JsonBody<PasskeyRequest>,
) -> Result<Json<PasskeyOptions>> {
    attempts::begin_passkey(&app, &user, password, &headers).await.map(Json)
}

/// Adds the passkey that a device has made: at most 20.
#[utoipa::path(post, path = "/api/auth/passkeys", tag = "Accounts", request_body = NewPasskey,
    responses((status = 201, body = Passkey), ErrorResponses))]
async fn add_passkey(
    State(app): State<AppState>,
    headers: HeaderMap,
    user: AuthenticatedUser,
    _: NoQuery,
    JsonBody(new): JsonBody<NewPasskey>,
) -> Result<(StatusCode, Json<Passkey>)> {
    let party = relying_party(&app, &headers)?;
    Ok((StatusCode::CREATED, Json(app.auth.add_passkey(&user, &party, new).await?)))
}

/// Removes a passkey: it can no longer sign in. Sessions it started continue.
#[utoipa::path(delete, path = "/api/auth/passkeys/{id}", tag = "Accounts", params(("id" = PasskeyId, Path)),
    responses((status = 204), ErrorResponses))]
async fn remove_passkey(
    State(app): State<AppState>,
    user: AuthenticatedUser,
    Id(id): Id<PasskeyId>,
    _: NoQuery,
) -> Result<StatusCode> {
    app.auth.remove_passkey(&user, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The options a browser needs to sign in with a passkey of any account.
#[utoipa::path(get, path = "/api/auth/signin/passkey", tag = "Accounts", security(()),
    responses((status = 200, body = PasskeyOptions), ErrorResponses))]
async fn begin_sign_in_with_passkey(
    State(app): State<AppState>,
    headers: HeaderMap,
    _: NoQuery,
) -> Result<Json<PasskeyOptions>> {
    let party = relying_party(&app, &headers)?;
    app.auth.begin_sign_in_with_passkey(&party).map(Json)
}

/// Begins a session with what a passkey has signed; neither a password nor a code is needed.
#[utoipa::path(post, path = "/api/auth/signin/passkey", tag = "Accounts", request_body = PasskeySignIn, security(()),
    responses((status = 200, body = SignedIn), ErrorResponses))]
async fn sign_in_with_passkey(
    State(app): State<AppState>,
    headers: HeaderMap,
    _: NoQuery,
    JsonBody(sign_in): JsonBody<PasskeySignIn>,
) -> Result<Json<SignedIn>> {
    attempts::sign_in_with_passkey(&app, sign_in, &headers).await.map(Json)
}
