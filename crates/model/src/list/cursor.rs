//! Keyset pagination: a cursor is opaque to clients and holds the key, mostly a time, and the id of the last item.

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

/// The sort key of a list, apart from the id.
pub trait CursorKey: Sized {
    /// The key as text.
    fn to_text(&self) -> String;
    /// Reads the text; `None` when it isn't a key.
    fn from_text(text: &str) -> Option<Self>;
}

impl CursorKey for DateTime<Utc> {
    fn to_text(&self) -> String {
        self.to_rfc3339_opts(SecondsFormat::Micros, true)
    }

    fn from_text(text: &str) -> Option<Self> {
        DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc())
    }
}

/// Later than every time in the database: SQLite compares times as text, and no four-digit year sorts after 9999.
pub fn end_of_time() -> DateTime<Utc> {
    DateTime::from_timestamp(253_402_300_799, 0).unwrap_or_default()
}

/// As early as every time in the database, or earlier: the first second of the year 1.
pub fn start_of_time() -> DateTime<Utc> {
    DateTime::from_timestamp(-62_135_596_800, 0).unwrap_or_default()
}

/// The position after which a page begins. Most lists are sorted newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor<K = DateTime<Utc>> {
    /// The key of the last item.
    pub key: K,
    /// Its id, for items of the same key.
    pub id: RowId,
}

impl Cursor {
    /// The position before the newest item.
    pub fn newest() -> Self {
        Self { key: end_of_time(), id: RowId(Uuid::max()) }
    }
}

impl<K: CursorKey> Cursor<K> {
    /// The text that clients receive.
    fn encode(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(format!("{} {}", self.key.to_text(), self.id))
    }

    /// Reads what a client sends back.
    fn decode(text: &str) -> Result<Self> {
        let read = || {
            let text = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
            let (key, id) = text.rsplit_once(' ')?;
            Some(Self { key: K::from_text(key)?, id: id.parse().ok()? })
        };
        read().ok_or_else(foreign_cursor)
    }
}

/// The error for an invalid cursor, or one of another list.
pub fn foreign_cursor() -> Error {
    Error::invalid("cursor", "has to be a next_cursor of an earlier answer to the same question")
}

/// The validated parameters of a list: which page, and how long it may be.
#[derive(Clone, Copy, Debug)]
pub struct PageRequest<K = DateTime<Utc>> {
    /// Where the page begins.
    pub after: Cursor<K>,
    limit: usize,
}

impl PageRequest {
    /// From the parameters of a list that has no others.
    pub fn parse(query: &super::ListQuery) -> Result<Self> {
        let mut validator = Validator::new();
        let page = Self::from_params(&mut validator, query.limit, query.cursor.as_deref(), Cursor::newest())?;
        validator.finish()?;
        Ok(page)
    }
}

impl<K: CursorKey> PageRequest<K> {
    /// From a request's `limit` and `cursor`; without a cursor the page begins at `start`. A wrong limit is added to the
    /// other errors of `validator`.
    pub fn from_params(
        validator: &mut Validator,
        limit: Option<u32>,
        cursor: Option<&str>,
        start: Cursor<K>,
    ) -> Result<Self> {
        let limit = limit.unwrap_or(DEFAULT_LIMIT);
        if !(1..=MAX_LIMIT).contains(&limit) {
            validator.reject("limit", format!("has to be from 1 to {MAX_LIMIT}"));
        }
        Ok(Self { after: cursor.map_or(Ok(start), Cursor::decode)?, limit: limit as usize })
    }

    /// How many rows to read: one more than the limit, to know whether there is a next page.
    pub fn rows(&self) -> i64 {
        self.limit as i64 + 1
    }

    /// Makes the answer from the rows that were read; `place` is the (key, id) of an item.
    pub fn answer<T>(&self, mut items: Vec<T>, place: impl Fn(&T) -> (K, Uuid)) -> List<T> {
        let more = items.len() > self.limit;
        items.truncate(self.limit);
        let next_cursor = items.last().filter(|_| more).map(|item| {
            let (key, id) = place(item);
            Cursor { key, id: RowId(id) }.encode()
        });
        List { items, next_cursor }
    }
}
