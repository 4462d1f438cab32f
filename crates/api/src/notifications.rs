//! REST handlers of notifications.

use axum::{extract::State, http::StatusCode};
use utoipa_axum::{router::OpenApiRouter, routes};

use tallyboard_base::http::{Json, JsonBody, List, NoQuery, Query};
use tallyboard_core::{
    app::AppState,
    auth::{AuthenticatedUser, CanRead, CanWrite},
    notifications::service,
    received_invitations,
};
use tallyboard_model::{
    error::{ErrorResponses, Result},
    list::ListQuery,
    notifications::{
        Channel, Notification, NotificationSettings, ReadUpTo, UnreadNotifications, WantedNotification,
        WantedNotifications,
    },
};

/// 100 stands for more, too.
const MOST_COUNTED: u32 = 100;

/// `/api/notifications…`
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_notifications))
        .routes(routes!(read_unread_notifications))
        .routes(routes!(mark_notifications_read))
        .routes(routes!(read_notification_settings, set_notification_settings))
}

/// The in-app notifications of the last 90 days, newest first.
#[utoipa::path(get, path = "/api/notifications", tag = "Notifications", params(ListQuery),
    responses((status = 200, body = List<Notification>), ErrorResponses))]
async fn list_notifications(
    State(app): State<AppState>,
    CanRead(user): CanRead,
    Query(query): Query<ListQuery>,
) -> Result<Json<List<Notification>>> {
    Ok(Json(app.db.scope(&user).read(|scope| Box::pin(service::list(scope, query.clone()))).await?))
}

/// The number of unread notifications and pending invitations, and the newest notification.
#[utoipa::path(get, path = "/api/notifications/unread", tag = "Notifications",
    responses((status = 200, body = UnreadNotifications), ErrorResponses))]
async fn read_unread_notifications(
    State(app): State<AppState>,
    CanRead(user): CanRead,
    _: NoQuery,
) -> Result<Json<UnreadNotifications>> {
    let scopes = app.db.scope(&user);
    let read = scopes.read(|scope| {
        Box::pin(async move {
            let mut unread = service::unread(scope).await?;
            unread.count = (unread.count + received_invitations::service::count(scope).await?).min(MOST_COUNTED);
            Ok(unread)
        })
    });
    Ok(Json(read.await?))
}

/// Marks notifications as read: one and all before it, or everything.
#[utoipa::path(post, path = "/api/notifications/read", tag = "Notifications", request_body = ReadUpTo,
    responses((status = 204), ErrorResponses))]
async fn mark_notifications_read(
    State(app): State<AppState>,
    CanWrite(user): CanWrite,
    _: NoQuery,
    JsonBody(up_to): JsonBody<ReadUpTo>,
) -> Result<StatusCode> {
    app.db.scope(&user).write(|scope| Box::pin(service::mark_read(scope, up_to))).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The user's notification settings.
#[utoipa::path(get, path = "/api/notifications/settings", tag = "Notifications",
    responses((status = 200, body = NotificationSettings), ErrorResponses))]
async fn read_notification_settings(
    State(app): State<AppState>,
    CanRead(user): CanRead,
    _: NoQuery,
) -> Result<Json<NotificationSettings>> {
    read_settings(&app, &user).await.map(Json)
}

/// Replaces the user's notification settings; absent topics are turned off.
///
/// A new account has `shared_with_me`, `added_to_team` and `task_changed` on, with the channel `page`.
#[utoipa::path(put, path = "/api/notifications/settings", tag = "Notifications", request_body = WantedNotifications,
    responses((status = 200, body = NotificationSettings), ErrorResponses))]
async fn set_notification_settings(
    State(app): State<AppState>,
    CanWrite(user): CanWrite,
    _: NoQuery,
    JsonBody(WantedNotifications { choices }): JsonBody<WantedNotifications>,
) -> Result<Json<NotificationSettings>> {
    set(&app, &user, choices).await?;
    read_settings(&app, &user).await.map(Json)
}

/// The user's notification settings, and whether the server sends mails.
pub async fn read_settings(app: &AppState, user: &AuthenticatedUser) -> Result<NotificationSettings> {
    let choices = app.db.scope(user).read(|scope| Box::pin(service::choices(scope))).await?;
    Ok(NotificationSettings { choices, sends_mail: app.mail.is_some() })
}

/// Replaces the user's notification settings.
pub async fn set(app: &AppState, user: &AuthenticatedUser, wanted: Vec<WantedNotification>) -> Result<()> {
    if wanted.iter().any(|choice| choice.channels.contains(&Channel::Mail)) {
        app.check_sends_mail("choices")?;
    }
    let zone = user.time_zone();
    let scopes = app.db.scope(user);
    let change = scopes.write(|scope| {
        let wanted = wanted.clone();
        Box::pin(async move { service::set_choices(scope, zone, &wanted).await })
    });
    change.await?;
    // Pages make the offer until the user has chosen.
    app.auth.forget_cached_session(user).await;
    Ok(())
}
