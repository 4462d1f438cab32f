//! A page of a list, as every list answers.

use serde::{Deserialize, Serialize};

/// Some items, and where the next ones begin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct List<T> {
    /// This page's.
    pub items: Vec<T>,
    /// What to give as `cursor` for the next page; `None` at the end.
    pub next_cursor: Option<String>,
}
