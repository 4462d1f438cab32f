//! The rules of notifications: who gets which. Every room that changes something for others calls [`notify`].

use chrono::TimeDelta;
use serde_json::json;

use super::{choices::next_at, store};
use crate::mail::outbox;
use tallyboard_db::{CredentialKind, Scope, System, now};
use tallyboard_model::{
    error::Result,
    id::{NotificationId, UserId},
    list::{List, ListQuery, PageRequest},
    notifications::{Notification, NotificationEvent, ReadUpTo, UnreadNotifications},
};

pub use super::{
    choices::{answer_offer, are_defaults, check as check_choices, list as choices, set as set_choices},
    letter::letter,
};
pub use tallyboard_model::notifications::topics::NotificationTarget;

/// How long a notification waits for others that the same mail can hold.
const MAIL_DELAY: TimeDelta = TimeDelta::minutes(2);
/// For how long notifications are kept.
const KEPT_FOR: TimeDelta = TimeDelta::days(90);
/// How many old ones are deleted in one transaction.
const DELETED_AT_ONCE: i64 = 500;

/// Notifies somebody of what the user has just done, or is about to delete, if they want that: in the app when the
/// transaction commits, by mail a little later. People aren't notified of their own actions, but of their assistants'.
pub async fn notify(
    scope: &mut Scope,
    reader: UserId,
    event: NotificationEvent,
    about: NotificationTarget,
) -> Result<()> {
    let via = scope.via().map(|via| match &via.by {
        CredentialKind::Token(name) | CredentialKind::App(name) => via.client.clone().unwrap_or_else(|| name.clone()),
    });
    if reader == scope.user_id() && via.is_none() {
        return Ok(());
    }
    let (id, now) = (NotificationId::new(), now());
    let delivered = store::insert(scope, id, reader, event, about, via.as_deref(), now, now + MAIL_DELAY).await?;
    if delivered.is_some_and(|is_on_page| is_on_page) {
        publish(scope, reader, id);
    }
    Ok(())
}

fn publish<A: tallyboard_db::Actor>(scope: &mut Scope<A>, reader: UserId, id: NotificationId) {
    scope.emit("notification_created", vec![reader], json!({ "notification_id": id }));
}

/// The user's in-app notifications, newest first.
pub async fn list(scope: &mut Scope, query: ListQuery) -> Result<List<Notification>> {
    let page = PageRequest::parse(&query)?;
    let found = store::list(scope, &page).await?;
    Ok(page.answer(found, |notification| (notification.created_at, notification.id.0)))
}

/// The user's unread in-app notifications.
pub async fn unread(scope: &mut Scope) -> Result<UnreadNotifications> {
    let count = store::count_unread(scope).await?;
    let newest = store::newest_unread(scope).await?;
    let in_browser = newest.as_ref().is_some_and(|(_, in_browser)| *in_browser);
    Ok(UnreadNotifications { count, newest: newest.map(|(notification, _)| notification), in_browser })
}

/// Marks the user's notifications as read: up to one, or all.
pub async fn mark_read(scope: &mut Scope, ReadUpTo { up_to }: ReadUpTo) -> Result<()> {
    store::mark_read(scope, up_to, now()).await
}

/// Notes that notifications were mailed to the user.
pub async fn mark_mailed(scope: &mut Scope, ids: &[NotificationId]) -> Result<()> {
    store::mark_mailed(scope, ids).await
}

/// The scheduled notifications that are due.
pub async fn due(scope: &mut Scope<System>) -> Result<Vec<store::DueChoice>> {
    store::due(scope, now()).await
}

/// Sends a due notification: `subject` in the app, unless it's `None`, and by mail. If several instances try at once,
/// one succeeds.
pub async fn notify_due(scope: &mut Scope<System>, due: &store::DueChoice, subject: Option<&str>) -> Result<()> {
    let (now, user) = (now(), due.user_id);
    // After days offline the server sends one notification, not one for each day.
    let next_at = next_at(due.event.topic(), now, due.zone());
    if !store::set_next(scope, due, now, next_at).await? {
        return Ok(());
    }
    let Some(subject) = subject else { return Ok(()) };
    if due.channels.by_mail {
        outbox::add(scope, user, due.mail_kind(), now).await?;
    }
    if due.channels.on_page {
        let id = NotificationId::new();
        store::insert_due(scope, id, due, subject, now).await?;
        publish(scope, user, id);
    }
    Ok(())
}

/// Deletes some of the old notifications; returns whether there may be more.
pub async fn clean(scope: &mut Scope<System>) -> Result<bool> {
    Ok(store::delete_before(scope, now() - KEPT_FOR, DELETED_AT_ONCE).await? == DELETED_AT_ONCE)
}
