//! Lists of tasks that a user has saved under a name: filters, words, and order.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use tallyboard_model::id::FilterId;

pub mod service;
mod store;
#[cfg(test)]
mod store_test;

/// A list of tasks with a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SavedFilter {
    /// Its id.
    pub id: FilterId,
    /// 1-50 characters; a user has each name once.
    pub name: String,
    /// What follows the `?` of `/api/tasks` and of the page of tasks, for example `status=pending&due=week`.
    pub query: String,
    /// When it was saved first.
    pub created_at: DateTime<Utc>,
}

/// A list to save.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewFilter {
    /// 1-50 characters after trimming. A list that has the name already is replaced.
    #[schema(
        min_length = 1,
        max_length = 50,
        pattern = r"^[^\x00-\x1f\x7f-\x9f\u2028-\u202e]*[^\s\x00-\x1f\x7f-\xa0\xad\u2000-\u206f][^\x00-\x1f\x7f-\x9f\u2028-\u202e]*$"
    )]
    pub name: String,
    /// The query of a list of tasks, without `limit` and `cursor`.
    #[schema(max_length = 2000, example = "status=pending&due=week")]
    pub query: String,
}
