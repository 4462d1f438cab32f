//! The topics of notifications, and their channels: the names in the database, and which event belongs to which topic.

use super::{Channel, NotificationEvent, Topic};
use crate::id::{TaskId, TeamId};

/// The object of a notification.
#[derive(Clone, Copy, Debug)]
pub enum NotificationTarget {
    /// A task, whose title is its words.
    Task(TaskId),
    /// A team, whose name is its words.
    Team(TeamId),
}

/// The channels of a choice as they are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Channels {
    /// On every page, and in the list of notifications.
    pub on_page: bool,
    /// By the browser, too.
    pub in_browser: bool,
    /// By mail.
    pub by_mail: bool,
}

impl Channels {
    /// What is stored for these; the browser shows what is on the page.
    pub fn of(channels: &[Channel]) -> Self {
        let in_browser = channels.contains(&Channel::Browser);
        Self {
            on_page: in_browser || channels.contains(&Channel::Page),
            in_browser,
            by_mail: channels.contains(&Channel::Mail),
        }
    }

    /// Those that are wanted.
    pub fn to_vec(self) -> Vec<Channel> {
        let Self { on_page, in_browser, by_mail } = self;
        let all = [(on_page, Channel::Page), (in_browser, Channel::Browser), (by_mail, Channel::Mail)];
        all.into_iter().filter_map(|(is_wanted, channel)| is_wanted.then_some(channel)).collect()
    }
}

impl Channel {
    /// All channels.
    pub const ALL: [Self; 3] = [Self::Page, Self::Browser, Self::Mail];
}

impl Topic {
    /// All topics.
    pub const ALL: [Self; 5] =
        [Self::SharedWithMe, Self::AddedToTeam, Self::TaskChanged, Self::DueToday, Self::WeeklyReview];

    /// The topics that appear in Tallyboard for a new account, until its owner chooses.
    pub const ON_BY_DEFAULT: [Self; 3] = [Self::SharedWithMe, Self::AddedToTeam, Self::TaskChanged];

    /// Its name in the API and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SharedWithMe => "shared_with_me",
            Self::AddedToTeam => "added_to_team",
            Self::TaskChanged => "task_changed",
            Self::DueToday => "due_today",
            Self::WeeklyReview => "weekly_review",
        }
    }
}

impl NotificationEvent {
    const ALL: [Self; 8] = [
        Self::TaskShared,
        Self::AddedToTeam,
        Self::TaskUpdated,
        Self::TaskCompleted,
        Self::TaskReopened,
        Self::TaskDeleted,
        Self::TasksDue,
        Self::WeekEnded,
    ];

    /// Its name in the API and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TaskShared => "task_shared",
            Self::AddedToTeam => "added_to_team",
            Self::TaskUpdated => "task_updated",
            Self::TaskCompleted => "task_completed",
            Self::TaskReopened => "task_reopened",
            Self::TaskDeleted => "task_deleted",
            Self::TasksDue => "tasks_due",
            Self::WeekEnded => "week_ended",
        }
    }

    /// The event with this name.
    pub fn from_stored(stored: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.as_str() == stored)
    }

    /// The events of a topic.
    pub fn of(topic: Topic) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |event| event.topic() == topic)
    }

    /// The topic somebody has to turn on to be notified of it.
    pub fn topic(self) -> Topic {
        match self {
            Self::TaskShared => Topic::SharedWithMe,
            Self::AddedToTeam => Topic::AddedToTeam,
            Self::TaskUpdated | Self::TaskCompleted | Self::TaskReopened | Self::TaskDeleted => Topic::TaskChanged,
            Self::TasksDue => Topic::DueToday,
            Self::WeekEnded => Topic::WeeklyReview,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_browser_shows_what_is_on_the_page() {
        let channels = Channels::of(&[Channel::Mail, Channel::Browser]);
        assert_eq!(channels.to_vec(), Channel::ALL);
        assert_eq!(Channels::of(&[Channel::Mail]).to_vec(), [Channel::Mail]);
    }
}
