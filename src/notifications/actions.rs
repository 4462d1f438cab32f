//! Server functions of notifications; plain forms post to them.

#![allow(missing_docs)] // of what the macro generates for each function

use leptos::prelude::*;

use tallyboard_model::{error::Error, notifications::Topic};

/// Replaces the notification settings: the topics of each channel.
#[server(prefix = "/api/ui", endpoint = "set_notifications")]
pub async fn set_notifications(
    page: Option<Vec<Topic>>,
    browser: Option<Vec<Topic>>,
    mail: Option<Vec<Topic>>,
) -> Result<(), Error> {
    use tallyboard_model::notifications::{Channel, WantedNotification};
    let (app, user) = crate::auth::server_fn_user().await?;
    let columns = [(Channel::Page, page), (Channel::Browser, browser), (Channel::Mail, mail)];
    let has = |column: &Option<Vec<Topic>>, topic| column.as_ref().is_some_and(|topics| topics.contains(&topic));
    let choice = |topic| {
        let channels = columns.iter().filter(|(_, column)| has(column, topic)).map(|(channel, _)| *channel).collect();
        WantedNotification { topic, channels }
    };
    tallyboard_api::notifications::set(&app, &user, Topic::ALL.map(choice).into()).await?;
    leptos_axum::redirect(tallyboard_model::paths::NOTIFICATION_SETTINGS_SAVED);
    Ok(())
}

/// Answers the offer to turn on the notifications that new accounts have.
#[server(prefix = "/api/ui", endpoint = "answer_notification_offer")]
pub async fn answer_notification_offer(is_accepted: bool) -> Result<(), Error> {
    use tallyboard_core::notifications::service::answer_offer;
    let (app, user) = crate::auth::server_fn_user().await?;
    app.db.scope(&user).write(|scope| Box::pin(answer_offer(scope, is_accepted))).await?;
    app.auth.forget_cached_session(&user).await;
    Ok(())
}

/// Marks what the page shows as read.
#[server(prefix = "/api/ui", endpoint = "mark_notifications_read")]
pub async fn mark_notifications_read(up_to: tallyboard_model::id::NotificationId) -> Result<(), Error> {
    let (app, user) = crate::auth::server_fn_user().await?;
    let up_to = tallyboard_model::notifications::ReadUpTo { up_to: Some(up_to) };
    app.db
        .scope(&user)
        .write(|scope| Box::pin(tallyboard_core::notifications::service::mark_read(scope, up_to)))
        .await?;
    leptos_axum::redirect(tallyboard_model::paths::NOTIFICATIONS);
    Ok(())
}
