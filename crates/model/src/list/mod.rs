//! Pagination: what every list takes and answers. Newest first, with a cursor to continue from.

use serde::{Deserialize, Deserializer, Serialize};

#[cfg(feature = "server")]
use {crate::error::Result, futures::future::BoxFuture};

#[cfg(feature = "server")]
mod cursor;

#[cfg(feature = "server")]
pub use cursor::{Cursor, CursorKey, PageRequest, end_of_time, foreign_cursor, start_of_time};

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct List<T> {
    /// The items of this page.
    pub items: Vec<T>,
    /// The `cursor` of the next page; null on the last page.
    #[cfg_attr(feature = "server", schema(required = true))]
    pub next_cursor: Option<String>,
}

/// The query parameters of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::IntoParams))]
#[cfg_attr(feature = "server", into_params(parameter_in = Query))]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    /// The largest number of items, 1 to 100; 50 when absent.
    #[cfg_attr(feature = "server", param(minimum = 1, maximum = 100))]
    pub limit: Option<u32>,
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// For patches: `None` when the field is absent, `Some(None)` when it is null.
pub fn double_option<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// Every item of a list, read page by page. `S` is the scope that `page` reads with.
#[cfg(feature = "server")]
pub async fn all_pages<S, T>(
    scope: &mut S,
    page: impl for<'a> Fn(&'a mut S, ListQuery) -> BoxFuture<'a, Result<List<T>>>,
) -> Result<Vec<T>> {
    let mut found = Vec::new();
    let mut query = ListQuery { limit: Some(100), cursor: None };
    loop {
        let List { items, next_cursor } = page(scope, query.clone()).await?;
        found.extend(items);
        if next_cursor.is_none() {
            return Ok(found);
        }
        query.cursor = next_cursor;
    }
}
