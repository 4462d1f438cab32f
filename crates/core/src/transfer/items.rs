//! Lists in a file that end at their limit. `[{},{},…]` has three bytes an item in a file and hundreds in memory, so items
//! are counted while they're read: afterwards is too late.

use std::{cell::Cell, fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use tallyboard_model::{
    error::{Error, Result},
    language::{t_with, text},
};

/// How many items of a kind a file may have: as many as one transaction inserts in its time.
pub const MAX_ITEMS: usize = 10_000;

/// Tasks.
pub const TASKS: usize = 0;
/// Conversations.
pub const CONVERSATIONS: usize = 1;
/// Messages of conversations.
pub const MESSAGES: usize = 2;
/// Everything else.
pub const OTHERS: usize = 3;
const KINDS: usize = 4;

/// For each kind the field that its error names, and what the error says.
const REFUSALS: [(&str, &str); KINDS] = [
    ("tasks", text("at most {most} in a file: split it")),
    ("conversations", text("at most {most} in a file: split it")),
    ("conversations", text("at most {most} messages in a file: split it")),
    ("file", text("at most {most} projects and lists in a file: split it")),
];

thread_local! {
    /// How many items of each kind this thread has read of its file.
    static COUNTS: Cell<[usize; KINDS]> = const { Cell::new([0; KINDS]) };
}

/// Reads a file that has [`Items`].
///
/// # Errors
/// 422 when the file has more than [`MAX_ITEMS`] of a kind, and those of `parse`.
pub fn counted<T>(parse: impl FnOnce() -> Result<T>) -> Result<T> {
    COUNTS.set([0; KINDS]);
    let parsed = parse();
    COUNTS.get().into_iter().enumerate().try_for_each(|(kind, count)| check_count(kind, count))?;
    parsed
}

/// Refuses a file with more than [`MAX_ITEMS`] of a kind.
pub fn check_count(kind: usize, count: usize) -> Result<()> {
    if count <= MAX_ITEMS {
        return Ok(());
    }
    let (field, why) = REFUSALS[kind];
    Err(Error::invalid(field, t_with(why, &[("most", &MAX_ITEMS)])))
}

/// A list whose items count as `KIND`.
pub struct Items<T, const KIND: usize>(pub Vec<T>);

impl<T, const KIND: usize> Default for Items<T, KIND> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>, const KIND: usize> Deserialize<'de> for Items<T, KIND> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(ItemsVisitor(PhantomData))
    }
}

struct ItemsVisitor<T, const KIND: usize>(PhantomData<T>);

impl<'de, T: Deserialize<'de>, const KIND: usize> Visitor<'de> for ItemsVisitor<T, KIND> {
    type Value = Items<T, KIND>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            let mut counts = COUNTS.get();
            counts[KIND] += 1;
            COUNTS.set(counts);
            if counts[KIND] > MAX_ITEMS {
                return Err(A::Error::custom("too many items"));
            }
            items.push(item);
        }
        Ok(Items(items))
    }
}

/// An array of objects that aren't imported. They're read past, and take no memory.
#[derive(Default)]
pub struct IgnoredObjects;

impl<'de> Deserialize<'de> for IgnoredObjects {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(IgnoredObjects)
    }
}

impl<'de> Visitor<'de> for IgnoredObjects {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self, A::Error> {
        while seq.next_element::<IgnoredObject>()?.is_some() {}
        Ok(self)
    }
}

struct IgnoredObject;

impl<'de> Deserialize<'de> for IgnoredObject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(IgnoredObject)
    }
}

impl<'de> Visitor<'de> for IgnoredObject {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(self)
    }
}
