//! The SQL of notifications.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use sqlx::{AssertSqlSafe, QueryBuilder, query, query_as, query_scalar};

use super::words;
use crate::mail::outbox::MailKind;
use tallyboard_db::{Connection, Scope, System, from_row, on_both, push_ids};
use tallyboard_model::{
    error::{Error, Result},
    id::{NotificationId, TaskId, TeamId, UserId},
    list::PageRequest,
    notifications::{
        Choice, Notification, NotificationActor, NotificationEvent, Topic,
        topics::{Channels, NotificationTarget},
    },
};

struct ChoiceRow {
    topic: String,
    on_page: i64,
    in_browser: i64,
    by_mail: i64,
    next_at: Option<DateTime<Utc>>,
}
from_row!(ChoiceRow { topic, on_page, in_browser, by_mail, next_at });

struct DueRow {
    user_id: UserId,
    topic: String,
    on_page: i64,
    in_browser: i64,
    by_mail: i64,
    time_zone: String,
}
from_row!(DueRow { user_id, topic, on_page, in_browser, by_mail, time_zone });

/// A scheduled notification that is due.
#[derive(Clone, Debug)]
pub struct DueChoice {
    pub user_id: UserId,
    pub event: NotificationEvent,
    pub channels: Channels,
    time_zone: String,
}

impl DueChoice {
    /// The time zone in which the user's days begin.
    pub fn zone(&self) -> Tz {
        self.time_zone.parse().unwrap_or(Tz::UTC)
    }

    /// The mail about it.
    pub fn mail_kind(&self) -> MailKind {
        if self.event == NotificationEvent::TasksDue { MailKind::DueToday } else { MailKind::WeeklyReview }
    }
}

struct NotificationRow {
    id: NotificationId,
    user_id: UserId,
    event: String,
    subject: String,
    task_id: Option<TaskId>,
    team_id: Option<TeamId>,
    actor_id: Option<UserId>,
    actor_name: Option<String>,
    via: Option<String>,
    in_browser: i64,
    created_at: DateTime<Utc>,
    read_at: Option<DateTime<Utc>>,
}
from_row!(NotificationRow {
    id,
    user_id,
    event,
    subject,
    task_id,
    team_id,
    actor_id,
    actor_name,
    via,
    in_browser,
    created_at,
    read_at
});

impl NotificationRow {
    fn into_notification(self) -> Result<Notification> {
        let event = NotificationEvent::from_stored(&self.event)
            .ok_or_else(|| Error::internal(format!("a notification of {:?}", self.event)))?;
        let (name, via) = (self.actor_name.unwrap_or_default(), self.via);
        let actor = self.actor_id.map(|user_id| NotificationActor { user_id, name, via });
        Ok(Notification {
            id: self.id,
            event,
            text: words::text(self.user_id, event, actor.as_ref(), &self.subject),
            path: words::path(event, self.team_id, &self.subject),
            actor,
            task_id: self.task_id,
            team_id: self.team_id,
            created_at: self.created_at,
            read_at: self.read_at,
        })
    }
}

/// The user's notification settings.
pub async fn choices(scope: &mut Scope) -> Result<Vec<Choice>> {
    let me = scope.user_id();
    let rows: Vec<ChoiceRow> = on_both!(scope.connection(), conn => query_as(
        "SELECT topic, on_page, in_browser, by_mail, next_at FROM notification_choices WHERE user_id = $1")
        .bind(me).fetch_all(conn).await)?;
    let choice = |ChoiceRow { topic, on_page, in_browser, by_mail, next_at }: ChoiceRow| {
        let channels = stored_channels(on_page, in_browser, by_mail).to_vec();
        Ok(Choice { topic: stored_topic(&topic)?, channels, next_at })
    };
    let mut found = rows.into_iter().map(choice).collect::<Result<Vec<_>>>()?;
    found.sort_by_key(|choice| choice.topic);
    Ok(found)
}

/// Sets the channels of a topic. If the topic was already on, the time of its next notification stays.
pub async fn set_choice(
    scope: &mut Scope,
    topic: Topic,
    Channels { on_page, in_browser, by_mail }: Channels,
    next_at: Option<DateTime<Utc>>,
) -> Result<()> {
    let me = scope.user_id();
    on_both!(scope.connection(), conn => query(
        "INSERT INTO notification_choices (user_id, topic, on_page, in_browser, by_mail, next_at)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (user_id, topic) DO UPDATE
         SET on_page = excluded.on_page, in_browser = excluded.in_browser, by_mail = excluded.by_mail")
        .bind(me).bind(topic.as_str()).bind(i64::from(on_page)).bind(i64::from(in_browser)).bind(i64::from(by_mail))
        .bind(next_at).execute(conn).await.map(drop))?;
    Ok(())
}

/// Has a topic appear in the app, and leaves its other channels as they are.
pub async fn turn_on_page(scope: &mut Scope, topic: Topic) -> Result<()> {
    let me = scope.user_id();
    on_both!(scope.connection(), conn => query(
        "INSERT INTO notification_choices (user_id, topic, on_page, in_browser, by_mail) VALUES ($1, $2, 1, 0, 0)
         ON CONFLICT (user_id, topic) DO UPDATE SET on_page = 1")
        .bind(me).bind(topic.as_str()).execute(conn).await.map(drop))?;
    Ok(())
}

/// Notes that the user has answered the offer to turn on what new accounts have.
pub async fn set_offered(scope: &mut Scope, now: DateTime<Utc>) -> Result<()> {
    let me = scope.user_id();
    on_both!(scope.connection(), conn => query(
        "UPDATE users SET notifications_offered_at = $2 WHERE id = $1 AND notifications_offered_at IS NULL")
        .bind(me).bind(now).execute(conn).await.map(drop))?;
    Ok(())
}

/// Turns a topic off for the user.
pub async fn remove_choice(scope: &mut Scope, topic: Topic) -> Result<()> {
    let me = scope.user_id();
    on_both!(scope.connection(), conn => query("DELETE FROM notification_choices WHERE user_id = $1 AND topic = $2")
        .bind(me).bind(topic.as_str()).execute(conn).await.map(drop))?;
    Ok(())
}

/// Notifies somebody else of what the user did, if they want that, and puts the mail into the outbox. Returns whether it
/// appears in the app, or `None` when they aren't notified.
#[allow(clippy::too_many_arguments)] // the columns of the row
pub async fn insert(
    scope: &mut Scope,
    id: NotificationId,
    reader: UserId,
    event: NotificationEvent,
    about: NotificationTarget,
    via: Option<&str>,
    now: DateTime<Utc>,
    mail_at: DateTime<Utc>,
) -> Result<Option<bool>> {
    let me = scope.user_id();
    let (task, team) = match about {
        NotificationTarget::Task(task) => (Some(task), None),
        NotificationTarget::Team(team) => (None, Some(team)),
    };
    let (topic, event) = (event.topic().as_str(), event.as_str());
    let on_page: Option<i64> = match scope.connection() {
        // The policies hide what somebody else wants; the function only says whether they were notified.
        Connection::Postgres(conn) => {
            query_scalar::<_, Option<i64>>("SELECT app_notify($1, $2, $3, $4, $5, $6, $7, $8, $9)")
                .bind(id)
                .bind(reader)
                .bind(topic)
                .bind(event)
                .bind(task)
                .bind(team)
                .bind(via)
                .bind(now)
                .bind(mail_at)
                .fetch_one(conn)
                .await?
        }
        Connection::Sqlite(conn) => {
            let delivered: Option<(i64, i64)> = query_as(
                "INSERT INTO notifications (id, user_id, event, subject, task_id, team_id, actor_id, actor_name, via,
                     on_page, in_browser, mail_waits, created_at)
                 SELECT $1, c.user_id, $4, COALESCE((SELECT title FROM tasks WHERE id = $5), (SELECT name FROM teams WHERE id = $6)),
                     $5, $6, $7, (SELECT name FROM users WHERE id = $7), $8, c.on_page, c.in_browser, c.by_mail, $9
                 FROM notification_choices c WHERE c.user_id = $2 AND c.topic = $3 RETURNING on_page, mail_waits")
                .bind(id).bind(reader).bind(topic).bind(event).bind(task).bind(team).bind(me).bind(via).bind(now)
                .fetch_optional(&mut *conn).await?;
            if delivered.is_some_and(|(_, mail_waits)| mail_waits == 1) {
                query(
                    "INSERT INTO outbox (id, user_id, kind, created_at, next_attempt_at) VALUES ($1, $2, $3, $4, $5)",
                )
                .bind(id)
                .bind(reader)
                .bind(MailKind::Notification.as_str())
                .bind(now)
                .bind(mail_at)
                .execute(conn)
                .await?;
            }
            delivered.map(|(on_page, _)| on_page)
        }
    };
    Ok(on_page.map(|on_page| on_page == 1))
}

const COLUMNS: &str =
    "id, user_id, event, subject, task_id, team_id, actor_id, actor_name, via, in_browser, created_at, read_at";

/// The user's in-app notifications, newest first.
pub async fn list(scope: &mut Scope, page: &PageRequest) -> Result<Vec<Notification>> {
    let me = scope.user_id();
    let sql = format!(
        "SELECT {COLUMNS} FROM notifications
         WHERE user_id = $1 AND on_page = 1 AND (created_at, id) < ($2, $3) ORDER BY created_at DESC, id DESC LIMIT $4"
    );
    let rows: Vec<NotificationRow> = on_both!(scope.connection(), conn => query_as(sqlx::AssertSqlSafe(sql))
        .bind(me).bind(page.after.key).bind(page.after.id).bind(page.rows()).fetch_all(conn).await)?;
    rows.into_iter().map(NotificationRow::into_notification).collect()
}

/// How many notifications on the page the user has not read; not more than 100.
pub async fn count_unread(scope: &mut Scope) -> Result<u32> {
    let me = scope.user_id();
    let count: i64 = on_both!(scope.connection(), conn => query_scalar(
        "SELECT COUNT(*) FROM (SELECT 1 FROM notifications WHERE user_id = $1 AND on_page = 1 AND read_at IS NULL LIMIT 100) AS unread")
        .bind(me).fetch_one(conn).await)?;
    Ok(count.try_into().unwrap_or_default())
}

/// The newest notification on the page that the user has not read, and whether the browser shows it.
pub async fn newest_unread(scope: &mut Scope) -> Result<Option<(Notification, bool)>> {
    let me = scope.user_id();
    let sql = format!(
        "SELECT {COLUMNS} FROM notifications WHERE user_id = $1 AND on_page = 1 AND read_at IS NULL
         ORDER BY created_at DESC, id DESC LIMIT 1"
    );
    let row: Option<NotificationRow> = on_both!(scope.connection(), conn => query_as(sqlx::AssertSqlSafe(sql))
        .bind(me).fetch_optional(conn).await)?;
    row.map(|row| {
        let in_browser = row.in_browser == 1;
        Ok((row.into_notification()?, in_browser))
    })
    .transpose()
}

/// Marks the user's notifications as read: those not newer than `up_to`, or all.
pub async fn mark_read(scope: &mut Scope, up_to: Option<NotificationId>, now: DateTime<Utc>) -> Result<()> {
    let me = scope.user_id();
    on_both!(scope.connection(), conn => query(
        "UPDATE notifications SET read_at = $2 WHERE user_id = $1 AND read_at IS NULL AND on_page = 1
         AND ($3 IS NULL OR (created_at, id) <= (SELECT n.created_at, n.id FROM notifications n WHERE n.id = $3 AND n.user_id = $1))")
        .bind(me).bind(now).bind(up_to).execute(conn).await.map(drop))?;
    Ok(())
}

/// Whether a notification of the user was in no mail yet.
pub async fn waits_for_mail(scope: &mut Scope, id: NotificationId) -> Result<bool> {
    let me = scope.user_id();
    Ok(on_both!(scope.connection(), conn => query_scalar(
        "SELECT EXISTS (SELECT 1 FROM notifications WHERE id = $2 AND user_id = $1 AND mail_waits = 1)")
        .bind(me).bind(id).fetch_one(conn).await)?)
}

/// The user's notifications that were in no mail yet, oldest first.
pub async fn waiting_for_mail(scope: &mut Scope, limit: i64) -> Result<Vec<Notification>> {
    let me = scope.user_id();
    let sql = format!(
        "SELECT {COLUMNS} FROM notifications WHERE user_id = $1 AND mail_waits = 1 ORDER BY created_at, id LIMIT $2"
    );
    let rows: Vec<NotificationRow> = on_both!(scope.connection(), conn => query_as(sqlx::AssertSqlSafe(sql))
        .bind(me).bind(limit).fetch_all(conn).await)?;
    rows.into_iter().map(NotificationRow::into_notification).collect()
}

/// Notes that notifications of the user were mailed.
pub async fn mark_mailed(scope: &mut Scope, ids: &[NotificationId]) -> Result<()> {
    let me = scope.user_id();
    on_both!(scope.connection(), conn => {
        let mut update = QueryBuilder::new("UPDATE notifications SET mail_waits = 0 WHERE user_id = ");
        update.push_bind(me).push(" AND id IN ");
        push_ids(&mut update, ids);
        update.build().execute(conn).await.map(drop)
    })?;
    Ok(())
}

/// Cancels the user's pending mails about a topic.
pub async fn end_waiting_mails(scope: &mut Scope, topic: Topic) -> Result<()> {
    let me = scope.user_id();
    let events: Vec<_> = NotificationEvent::of(topic).map(|event| format!("'{}'", event.as_str())).collect();
    let sql = format!(
        "UPDATE notifications SET mail_waits = 0 WHERE user_id = $1 AND mail_waits = 1 AND event IN ({})",
        events.join(", ")
    );
    on_both!(scope.connection(), conn => query(AssertSqlSafe(sql)).bind(me).execute(conn).await.map(drop))?;
    Ok(())
}

/// The scheduled notifications that are due at `now`, the longest overdue first.
pub async fn due(scope: &mut Scope<System>, now: DateTime<Utc>) -> Result<Vec<DueChoice>> {
    let rows: Vec<DueRow> = on_both!(scope.connection(), conn => query_as(
        "SELECT c.user_id, c.topic, c.on_page, c.in_browser, c.by_mail, u.time_zone
         FROM notification_choices c JOIN users u ON u.id = c.user_id
         WHERE c.next_at <= $1 ORDER BY c.next_at LIMIT 100")
        .bind(now).fetch_all(conn).await)?;
    let due = |row: DueRow| {
        let event = match stored_topic(&row.topic)? {
            Topic::WeeklyReview => NotificationEvent::WeekEnded,
            _ => NotificationEvent::TasksDue,
        };
        let channels = stored_channels(row.on_page, row.in_browser, row.by_mail);
        Ok(DueChoice { user_id: row.user_id, event, channels, time_zone: row.time_zone })
    };
    rows.into_iter().map(due).collect()
}

/// Sets when the next one is due; `false` when another instance has done that.
pub async fn set_next(
    scope: &mut Scope<System>,
    due: &DueChoice,
    now: DateTime<Utc>,
    next_at: Option<DateTime<Utc>>,
) -> Result<bool> {
    let done = on_both!(scope.connection(), conn => query(
        "UPDATE notification_choices SET next_at = $4 WHERE user_id = $1 AND topic = $2 AND next_at <= $3")
        .bind(due.user_id).bind(due.event.topic().as_str()).bind(now).bind(next_at)
        .execute(conn).await.map(|done| done.rows_affected()))?;
    Ok(done > 0)
}

/// Puts what is due onto the user's page.
pub async fn insert_due(
    scope: &mut Scope<System>,
    id: NotificationId,
    due: &DueChoice,
    subject: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    on_both!(scope.connection(), conn => query(
        "INSERT INTO notifications (id, user_id, event, subject, on_page, in_browser, mail_waits, created_at)
         VALUES ($1, $2, $3, $4, 1, $5, 0, $6)")
        .bind(id).bind(due.user_id).bind(due.event.as_str()).bind(subject).bind(i64::from(due.channels.in_browser)).bind(now)
        .execute(conn).await.map(drop))?;
    Ok(())
}

/// Deletes at most `limit` of the notifications from before `time`; returns how many.
pub async fn delete_before(scope: &mut Scope<System>, time: DateTime<Utc>, limit: i64) -> Result<i64> {
    let deleted = on_both!(scope.connection(), conn => query(
        "DELETE FROM notifications WHERE id IN (SELECT id FROM notifications WHERE created_at < $1 ORDER BY created_at LIMIT $2)")
        .bind(time).bind(limit).execute(conn).await.map(|done| done.rows_affected()))?;
    Ok(deleted.try_into().unwrap_or(limit))
}

fn stored_channels(on_page: i64, in_browser: i64, by_mail: i64) -> Channels {
    Channels { on_page: on_page == 1, in_browser: in_browser == 1, by_mail: by_mail == 1 }
}

fn stored_topic(stored: &str) -> Result<Topic> {
    let topic = Topic::ALL.into_iter().find(|topic| topic.as_str() == stored);
    topic.ok_or_else(|| Error::internal(format!("a choice about {stored:?}")))
}
