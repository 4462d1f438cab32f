//! REST handlers of notifications.

use axum::{Json, extract::State};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{NotificationSettings, Topic, WantedMails, service};
use crate::{
    app::AppState,
    auth::{AuthenticatedUser, CanRead, CanWrite},
    error::{Error, ErrorResponses, Result},
    http::{JsonBody, NoQuery},
};

/// `/api/notifications`
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(read_notifications, set_notifications))
}

/// Which mails the user wants regularly.
#[utoipa::path(get, path = "/api/notifications", tag = "Accounts",
    responses((status = 200, body = NotificationSettings), ErrorResponses))]
async fn read_notifications(
    State(app): State<AppState>,
    CanRead(user): CanRead,
    _: NoQuery,
) -> Result<Json<NotificationSettings>> {
    read(&app, &user).await.map(Json)
}

/// Replaces the choice of regular mails: what is absent is not sent any more.
#[utoipa::path(put, path = "/api/notifications", tag = "Accounts", request_body = WantedMails,
    responses((status = 200, body = NotificationSettings), ErrorResponses))]
async fn set_notifications(
    State(app): State<AppState>,
    CanWrite(user): CanWrite,
    _: NoQuery,
    JsonBody(WantedMails { by_mail }): JsonBody<WantedMails>,
) -> Result<Json<NotificationSettings>> {
    set(&app, &user, by_mail).await?;
    read(&app, &user).await.map(Json)
}

/// Which mails the user wants regularly, and whether the server sends any.
pub async fn read(app: &AppState, user: &AuthenticatedUser) -> Result<NotificationSettings> {
    let by_mail = app.db.scope(user).read(|scope| Box::pin(service::wanted(scope))).await?;
    Ok(NotificationSettings { by_mail, sends_mail: app.mail.is_some() })
}

/// Replaces the choice of regular mails.
pub async fn set(app: &AppState, user: &AuthenticatedUser, topics: Vec<Topic>) -> Result<()> {
    if app.mail.is_none() && !topics.is_empty() {
        return Err(Error::invalid("by_mail", "cannot be used: this server sends no mail"));
    }
    let zone = user.time_zone();
    let scopes = app.db.scope(user);
    let change = scopes.write(|scope| {
        let topics = topics.clone();
        Box::pin(async move { service::set(scope, zone, &topics).await })
    });
    change.await
}
