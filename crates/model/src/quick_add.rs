//! A new task written in one line: what the boxes that add one receive. `src/scripts/quick_add.js` reads it.

use serde::{Deserialize, Serialize};

use crate::id::TaskId;

/// A character that can't be seen. Behind recognised words it makes them plain words again; no title keeps it.
pub const LITERAL: char = '\u{2060}';

/// How a line is understood while somebody is typing it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinePreview {
    /// `Pay rent · Fri 4 Dec · Household`, or why the line can't be added; empty for an empty line.
    pub words: String,
    /// The title of the task; empty if the line can't be added.
    pub title: String,
    /// The recognised words: where each range begins and ends in the line, in UTF-16 code units.
    pub marks: Vec<(usize, usize)>,
}

/// A task that was added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddedTask {
    /// Its id.
    pub id: TaskId,
    /// Its title.
    pub title: String,
    /// A sentence about it: `Added “Pay rent”, due tomorrow`.
    pub said: String,
    /// The page of a list with the task in it.
    pub path: String,
}
