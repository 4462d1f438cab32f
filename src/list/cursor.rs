//! Where a page of a list ended: opaque to clients, a place in the order (time, id) to us.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, SecondsFormat, Utc};
use uuid::Uuid;

use super::List;
use crate::{
    error::{Error, Result},
    id::RowId,
    input::Checks,
};

const LIMIT_DEFAULT: u32 = 50;
const LIMIT_MOST: u32 = 100;

/// What comes after this place, newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The last item's time.
    pub time: DateTime<Utc>,
    /// Its id, which settles ties.
    pub id: RowId,
}

impl Cursor {
    /// Before the newest.
    fn start() -> Self {
        // The year 9999: as text it still sorts after every date that four digits can hold.
        let time = DateTime::from_timestamp(253_402_300_799, 0).unwrap_or_default();
        Self { time, id: RowId(Uuid::max()) }
    }

    /// As a client carries it.
    fn encode(self) -> String {
        let time = self.time.to_rfc3339_opts(SecondsFormat::Micros, true);
        BASE64_URL_SAFE_NO_PAD.encode(format!("{time} {}", self.id))
    }

    /// As a client brings it back.
    fn decode(text: &str) -> Result<Self> {
        let read = || {
            let text = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
            let (time, id) = text.split_once(' ')?;
            let time = DateTime::parse_from_rfc3339(time).ok()?.to_utc();
            Some(Self { time, id: id.parse().ok()? })
        };
        read().ok_or_else(|| Error::invalid("cursor", "has to be a next_cursor of an earlier answer"))
    }
}

/// The part of a list that one answer holds.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    /// Where it begins.
    pub after: Cursor,
    limit: usize,
}

impl Window {
    /// From a request's `limit` and `cursor`; what is wrong with the limit joins the other complaints.
    pub fn asked(checks: &mut Checks, limit: Option<u32>, cursor: Option<&str>) -> Result<Self> {
        let limit = limit.unwrap_or(LIMIT_DEFAULT);
        if !(1..=LIMIT_MOST).contains(&limit) {
            checks.refuse("limit", format!("has to be from 1 to {LIMIT_MOST}"));
        }
        Ok(Self { after: cursor.map_or(Ok(Cursor::start()), Cursor::decode)?, limit: limit as usize })
    }

    /// The same, where there is nothing else to complain about.
    pub fn of(query: &super::ListQuery) -> Result<Self> {
        let mut checks = Checks::new();
        let window = Self::asked(&mut checks, query.limit, query.cursor.as_deref())?;
        checks.finish()?;
        Ok(window)
    }

    /// How many rows to read: one more than asked for shows whether there is a next page.
    pub fn rows(&self) -> i64 {
        self.limit as i64 + 1
    }

    /// The answer from the rows that were read; `place` says where each stands in the order.
    pub fn page<T>(&self, mut items: Vec<T>, place: impl Fn(&T) -> (DateTime<Utc>, Uuid)) -> List<T> {
        let more = items.len() > self.limit;
        items.truncate(self.limit);
        let next_cursor = items.last().filter(|_| more).map(|item| {
            let (time, id) = place(item);
            Cursor { time, id: RowId(id) }.encode()
        });
        List { items, next_cursor }
    }
}
