//! What a transaction changes for others: recorded inside the transaction, published by its commit.

use std::{collections::BTreeSet, sync::Arc};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::now;
use tallyboard_model::id::UserId;

/// The channel on which the instances of one PostgreSQL notify one another.
pub const CHANNEL: &str = "tallyboard";
/// PostgreSQL accepts less than 8,000 bytes for one notification.
const MAX_PAYLOAD_BYTES: usize = 7_500;

/// An event for some users. It holds ids and states only, never content that a recipient may not read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Its name in the contract.
    pub event_type: String,
    /// Its recipients.
    pub to: Vec<UserId>,
    /// Its payload.
    pub data: Value,
}

/// The credential behind a user's change, if it wasn't the user's own session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Via {
    /// The user.
    pub user: UserId,
    /// The token or the program.
    #[serde(flatten)]
    pub by: CredentialKind,
    /// The name of the client program, if it said one.
    pub client: Option<String>,
}

/// A personal token or a program, by its name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CredentialKind {
    /// A personal token.
    Token(String),
    /// A program that acts for the user: the assistant of this server.
    App(String),
}

/// Everything that a transaction changes for others.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Changes {
    /// The users whose statistics changed.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub statistics: BTreeSet<UserId>,
    /// The events, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<Event>,
    /// The credential behind the change, if it wasn't the user's own session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<Arc<Via>>,
}

/// The payload of a NOTIFY: what one instance reports to the others.
#[derive(Debug, Serialize, Deserialize)]
pub struct Notification {
    /// The instance that committed the changes; it ignores its own notification.
    pub from: Uuid,
    /// What it committed.
    pub changes: Changes,
    /// When it was written, by the clock of that instance: for the figure of how long it took.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<DateTime<Utc>>,
}

impl Changes {
    /// Whether there is nothing to publish.
    pub fn is_empty(&self) -> bool {
        self.statistics.is_empty() && self.events.is_empty()
    }

    /// The payloads that report these changes, each small enough for one NOTIFY.
    pub(super) fn notifications(&self, from: Uuid) -> Vec<String> {
        if self.is_empty() {
            return Vec::new();
        }
        let payload = |changes: Changes| {
            serde_json::to_string(&Notification { from, changes, at: Some(now()) }).unwrap_or_default()
        };
        let text = payload(self.clone());
        if text.len() <= MAX_PAYLOAD_BYTES {
            return vec![text];
        }
        let mut payloads = Vec::new();
        for event in &self.events {
            let to_nobody = Event { to: Vec::new(), ..event.clone() };
            let one = |event| payload(Changes { events: vec![event], via: self.via.clone(), ..Changes::default() });
            // An id takes 39 bytes.
            let recipients = MAX_PAYLOAD_BYTES.saturating_sub(one(to_nobody).len()) / 39;
            for to in event.to.chunks(recipients.max(1)) {
                payloads.push(one(Event { to: to.to_vec(), ..event.clone() }));
            }
        }
        let users: Vec<_> = self.statistics.iter().copied().collect();
        for users in users.chunks(150) {
            payloads.push(payload(Changes { statistics: users.iter().copied().collect(), ..Changes::default() }));
        }
        payloads
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_payload_fits_into_a_notification_however_many_recipients_there_are() {
        let people: Vec<_> = (0..1000).map(|_| UserId::new()).collect();
        let event = Event {
            event_type: "task_created".to_owned(),
            to: people.clone(),
            data: serde_json::json!({ "task_id": Uuid::now_v7(), "user_id": Uuid::now_v7(), "status": "pending" }),
        };
        // As large as a change of 100 tasks.
        let tasks: Vec<_> = (0..100).map(|_| Uuid::now_v7()).collect();
        let large = Event {
            event_type: "tasks_changed".to_owned(),
            data: serde_json::json!({ "task_ids": tasks }),
            ..event.clone()
        };
        let events = vec![event, large];
        let changes = Changes { statistics: people.iter().copied().collect(), events, ..Changes::default() };
        let mut received = Changes::default();
        for text in &changes.notifications(Uuid::now_v7()) {
            assert!(text.len() < 8000, "{}", text.len());
            let notification: Notification =
                serde_json::from_str(text).unwrap_or_else(|error| unreachable!("{error}: {text}"));
            received.statistics.extend(notification.changes.statistics);
            received.events.extend(notification.changes.events);
        }
        assert_eq!(received.statistics, changes.statistics);
        assert_eq!(received.events.iter().map(|event| event.to.len()).sum::<usize>(), 2000);
        assert!(Changes::default().notifications(Uuid::now_v7()).is_empty());
    }
}
