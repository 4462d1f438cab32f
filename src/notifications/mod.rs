//! Notifications: which mails somebody wants regularly, and when the next one is due.
//!
//! Not here: the words of a mail, which are in the room that it is about, and the sending (`mail`).

#[cfg(feature = "ssr")]
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub mod actions;
#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
pub mod rest;
#[cfg(feature = "ssr")]
pub mod service;
#[cfg(feature = "ssr")]
mod store;
#[cfg(all(test, feature = "ssr"))]
mod store_test;

/// What a regular mail is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// What is due today and what is overdue: at nine each day on which there is something.
    DueToday,
    /// The review of the week before: on Mondays at eight.
    WeeklyReview,
}

/// A regular mail that somebody wants.
#[cfg(feature = "ssr")]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct RegularMail {
    /// What it is about.
    pub topic: Topic,
    /// When the next one is due.
    pub next_at: DateTime<Utc>,
}

/// Which mails somebody wants regularly.
#[cfg(feature = "ssr")]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct NotificationSettings {
    /// Those that they want.
    pub by_mail: Vec<RegularMail>,
    /// Whether this server sends mails.
    pub sends_mail: bool,
}

/// The mails that somebody wants from now on; others are not sent any more.
#[cfg(feature = "ssr")]
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WantedMails {
    /// Their topics.
    #[schema(max_items = 2)]
    pub by_mail: Vec<Topic>,
}
