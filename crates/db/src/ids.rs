//! Ids as a list in a statement.

use sqlx::{Database, Encode, QueryBuilder, Type};

/// Writes `(…, …)` with these ids as parameters. SQLite accepts 32,766 in one statement, and an empty list isn't valid SQL.
pub fn push_ids<D, T>(query: &mut QueryBuilder<D>, ids: &[T])
where
    D: Database,
    T: Copy + for<'q> Encode<'q, D> + Type<D>,
{
    query.push("(");
    let mut list = query.separated(", ");
    for id in ids {
        list.push_bind(*id);
    }
    list.push_unseparated(")");
}
