//! Keyset pagination: a cursor is opaque to clients and holds the (time, id) of the last item.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, SecondsFormat, Utc};
use uuid::Uuid;

use super::List;
use crate::{
    error::{Error, Result},
    id::RowId,
    input::Validator,
};

const DEFAULT_LIMIT: u32 = 50;
const MAX_LIMIT: u32 = 100;

/// The position after which a page begins; lists are sorted newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The time of the last item.
    pub time: DateTime<Utc>,
    /// Its id, for items of the same time.
    pub id: RowId,
}

impl Cursor {
    /// The position before the newest item.
    fn start() -> Self {
        // The year 9999: SQLite compares times as text, and no four-digit year sorts after it.
        let time = DateTime::from_timestamp(253_402_300_799, 0).unwrap_or_default();
        Self { time, id: RowId(Uuid::max()) }
    }

    /// The text that clients receive.
    fn encode(self) -> String {
        let time = self.time.to_rfc3339_opts(SecondsFormat::Micros, true);
        BASE64_URL_SAFE_NO_PAD.encode(format!("{time} {}", self.id))
    }

    /// Reads what a client sends back.
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

/// The validated parameters of a list: which page, and how long it may be.
#[derive(Clone, Copy, Debug)]
pub struct PageRequest {
    /// Where the page begins.
    pub after: Cursor,
    limit: usize,
}

impl PageRequest {
    /// From a request's `limit` and `cursor`. A wrong limit is added to the other errors of `validator`.
    pub fn from_params(validator: &mut Validator, limit: Option<u32>, cursor: Option<&str>) -> Result<Self> {
        let limit = limit.unwrap_or(DEFAULT_LIMIT);
        if !(1..=MAX_LIMIT).contains(&limit) {
            validator.reject("limit", format!("has to be from 1 to {MAX_LIMIT}"));
        }
        Ok(Self { after: cursor.map_or(Ok(Cursor::start()), Cursor::decode)?, limit: limit as usize })
    }

    /// From the parameters of a list that has no others.
    pub fn parse(query: &super::ListQuery) -> Result<Self> {
        let mut validator = Validator::new();
        let page = Self::from_params(&mut validator, query.limit, query.cursor.as_deref())?;
        validator.finish()?;
        Ok(page)
    }

    /// How many rows to read: one more than the limit, to know whether there is a next page.
    pub fn rows(&self) -> i64 {
        self.limit as i64 + 1
    }

    /// Makes the answer from the rows that were read; `place` is the (time, id) of an item.
    pub fn answer<T>(&self, mut items: Vec<T>, place: impl Fn(&T) -> (DateTime<Utc>, Uuid)) -> List<T> {
        let more = items.len() > self.limit;
        items.truncate(self.limit);
        let next_cursor = items.last().filter(|_| more).map(|item| {
            let (time, id) = place(item);
            Cursor { time, id: RowId(id) }.encode()
        });
        List { items, next_cursor }
    }
}
