//! Where a page of tasks ended: opaque to clients, a place in the order (created_at, id) to us.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, SecondsFormat, Utc};
use uuid::Uuid;

use super::Task;
use crate::{
    error::{Error, Result},
    id::TaskId,
};

/// Tasks after this one, newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// When the last task was created.
    pub created_at: DateTime<Utc>,
    /// Its id, which settles ties.
    pub id: TaskId,
}

impl Cursor {
    /// Before the newest.
    pub fn start() -> Self {
        // The year 9999: as text it still sorts after every date that four digits can hold.
        let created_at = DateTime::from_timestamp(253_402_300_799, 0).unwrap_or_default();
        Self { created_at, id: TaskId(Uuid::max()) }
    }

    /// After `task`.
    pub fn after(task: &Task) -> Self {
        Self { created_at: task.created_at, id: task.id }
    }

    /// As a client carries it.
    pub fn encode(self) -> String {
        let time = self.created_at.to_rfc3339_opts(SecondsFormat::Micros, true);
        BASE64_URL_SAFE_NO_PAD.encode(format!("{time} {}", self.id))
    }

    /// As a client brings it back.
    pub fn decode(text: &str) -> Result<Self> {
        let read = || {
            let text = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
            let (time, id) = text.split_once(' ')?;
            let created_at = DateTime::parse_from_rfc3339(time).ok()?.to_utc();
            Some(Self { created_at, id: id.parse().ok()? })
        };
        read().ok_or_else(|| Error::invalid("cursor", "has to be a next_cursor of an earlier answer"))
    }
}
