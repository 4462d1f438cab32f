//! Notifications: topics, channels, and what is sent of them.

#[cfg(feature = "server")]
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

#[cfg(feature = "server")]
use crate::id::{NotificationId, TaskId, TeamId, UserId};

#[cfg(feature = "server")]
pub mod topics;

/// The topics of notifications.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// Somebody shares a task with them.
    SharedWithMe,
    /// Somebody adds them to a team.
    AddedToTeam,
    /// Somebody else, or an assistant of theirs, changes a task that they own.
    TaskChanged,
    /// Tasks due today and overdue: at nine, on days when there are any.
    DueToday,
    /// The review of the week before: on Mondays at eight.
    WeeklyReview,
}

/// A channel of notifications.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// On every page, and in the list of notifications.
    Page,
    /// The same, and by the browser while its tab is hidden.
    Browser,
    /// By mail.
    Mail,
}

/// The settings of one topic.
#[cfg(feature = "server")]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Choice {
    /// The topic.
    pub topic: Topic,
    /// The channels; never empty. `browser` comes with `page`.
    #[schema(min_items = 1)]
    pub channels: Vec<Channel>,
    /// Of `due_today` and `weekly_review`: when the next one is due.
    #[schema(required = true)]
    pub next_at: Option<DateTime<Utc>>,
}

/// Somebody's notification settings.
#[cfg(feature = "server")]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct NotificationSettings {
    /// One for each topic that is on.
    pub choices: Vec<Choice>,
    /// Whether this server sends mails.
    pub sends_mail: bool,
}

/// New notification settings; absent topics are turned off.
#[cfg(feature = "server")]
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WantedNotifications {
    /// Each topic at most once.
    #[schema(max_items = 5)]
    pub choices: Vec<WantedNotification>,
}

/// The channels somebody wants for a topic.
#[cfg(feature = "server")]
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WantedNotification {
    /// The topic.
    pub topic: Topic,
    /// The channels; `browser` implies `page`, and none is the same as an absent topic.
    #[schema(max_items = 3)]
    pub channels: Vec<Channel>,
}

/// The event of a notification.
#[cfg(feature = "server")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // the names say it
pub enum NotificationEvent {
    TaskShared,
    AddedToTeam,
    TaskUpdated,
    TaskCompleted,
    TaskReopened,
    TaskDeleted,
    TasksDue,
    WeekEnded,
}

/// A notification.
#[cfg(feature = "server")]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Notification {
    /// Its id.
    pub id: NotificationId,
    /// The event.
    pub event: NotificationEvent,
    /// The same as text: `Grace shared “Buy milk” with you`.
    pub text: String,
    /// The page of this server where one sees it; null when it is gone.
    #[schema(required = true)]
    pub path: Option<String>,
    /// Who did it; null when nobody did.
    #[schema(required = true)]
    pub actor: Option<NotificationActor>,
    /// The task that it is about, which may be gone.
    #[schema(required = true)]
    pub task_id: Option<TaskId>,
    /// The team that it is about, which may be gone.
    #[schema(required = true)]
    pub team_id: Option<TeamId>,
    /// When it happened.
    pub created_at: DateTime<Utc>,
    /// Since when it is marked as read.
    #[schema(required = true)]
    pub read_at: Option<DateTime<Utc>>,
}

/// The author of a notification's event.
#[cfg(feature = "server")]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct NotificationActor {
    /// Their account.
    pub user_id: UserId,
    /// Their name at that moment.
    pub name: String,
    /// The client, token or app by which they did it; null when they were signed in.
    #[schema(required = true)]
    pub via: Option<String>,
}

/// The unread notifications.
#[cfg(feature = "server")]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct UnreadNotifications {
    /// How many; 100 means 100 or more.
    pub count: u32,
    /// The newest one.
    #[schema(required = true)]
    pub newest: Option<Notification>,
    /// Whether the newest one is to be shown by the browser, too.
    pub in_browser: bool,
}

/// Up to where notifications are marked as read.
#[cfg(feature = "server")]
#[derive(Clone, Copy, Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadUpTo {
    /// The newest one that was seen; absent for all.
    pub up_to: Option<NotificationId>,
}
