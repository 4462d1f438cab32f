//! A page of a list, as every list asks and answers: newest first, with a cursor to go on from.

use serde::{Deserialize, Deserializer, Serialize};

#[cfg(feature = "ssr")]
mod cursor;
#[cfg(feature = "ssr")]
pub use cursor::{Cursor, Window};
#[cfg(feature = "ssr")]
use {
    crate::{db::Scope, error::Result},
    futures::future::BoxFuture,
};

/// Some items, and where the next ones begin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct List<T> {
    /// This page's.
    pub items: Vec<T>,
    /// What to give as `cursor` for the next page; null at the end.
    #[cfg_attr(feature = "ssr", schema(required = true))]
    pub next_cursor: Option<String>,
}

/// Which page of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::IntoParams))]
#[cfg_attr(feature = "ssr", into_params(parameter_in = Query))]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    /// How many at the most, 1 to 100; 50 when absent.
    #[cfg_attr(feature = "ssr", param(minimum = 1, maximum = 100))]
    pub limit: Option<u32>,
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// For patches: tells null from absent.
pub fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// Every item of a list, page by page.
#[cfg(feature = "ssr")]
pub async fn all<T>(
    scope: &mut Scope,
    page: impl for<'a> Fn(&'a mut Scope, ListQuery) -> BoxFuture<'a, Result<List<T>>>,
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
