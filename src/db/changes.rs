//! What a transaction changes for others: noted inside it, known when it commits.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::id::UserId;

/// The channel on which the instances of one PostgreSQL tell one another.
pub const CHANNEL: &str = "tallyboard";
/// PostgreSQL takes less than 8,000 bytes a notification.
const PAYLOAD_AT_MOST: usize = 7_500;

/// An event for some people: ids and states only, never what a receiver might not read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// The contract's name for it.
    pub event_type: String,
    /// Who gets it.
    pub to: Vec<UserId>,
    /// What it says.
    pub data: Value,
}

/// Everything that a transaction changes for others.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Changes {
    /// Whose numbers are others now.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub numbers: BTreeSet<UserId>,
    /// What happened, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<Event>,
}

/// Changes as one instance tells the others.
#[derive(Debug, Serialize, Deserialize)]
pub struct Notice {
    /// The instance that made them; it knows already.
    pub from: Uuid,
    /// What they are.
    pub changes: Changes,
}

impl Changes {
    /// Whether there is nothing to tell.
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty() && self.events.is_empty()
    }

    /// The same in pieces that each fit into a notification.
    pub(super) fn notices(&self, from: Uuid) -> Vec<String> {
        if self.is_empty() {
            return Vec::new();
        }
        let notice = |changes: Changes| serde_json::to_string(&Notice { from, changes }).unwrap_or_default();
        let text = notice(self.clone());
        if text.len() <= PAYLOAD_AT_MOST {
            return vec![text];
        }
        // One piece an event and a share of its receivers, one a share of the numbers: 40 bytes an id.
        let mut pieces = Vec::new();
        for event in &self.events {
            for to in event.to.chunks(150) {
                let event = Event { to: to.to_vec(), ..event.clone() };
                pieces.push(notice(Changes { events: vec![event], ..Changes::default() }));
            }
        }
        let numbers: Vec<_> = self.numbers.iter().copied().collect();
        for numbers in numbers.chunks(150) {
            pieces.push(notice(Changes { numbers: numbers.iter().copied().collect(), ..Changes::default() }));
        }
        pieces
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn however_many_are_told_each_notice_fits() {
        let people: Vec<_> = (0..1000).map(|_| UserId::new()).collect();
        let event = Event {
            event_type: "task_created".to_owned(),
            to: people.clone(),
            data: serde_json::json!({ "task_id": Uuid::now_v7(), "user_id": Uuid::now_v7(), "status": "pending" }),
        };
        let changes = Changes { numbers: people.iter().copied().collect(), events: vec![event.clone(), event] };
        let notices = changes.notices(Uuid::now_v7());
        let mut told = Changes::default();
        for text in &notices {
            assert!(text.len() < 8000, "{}", text.len());
            let notice: Notice = serde_json::from_str(text).unwrap_or_else(|error| unreachable!("{error}: {text}"));
            told.numbers.extend(notice.changes.numbers);
            told.events.extend(notice.changes.events);
        }
        assert_eq!(told.numbers, changes.numbers);
        assert_eq!(told.events.iter().map(|event| event.to.len()).sum::<usize>(), 2000);
        assert!(Changes::default().notices(Uuid::now_v7()).is_empty());
    }
}
