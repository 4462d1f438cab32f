//! The rules of saved filters.

use super::{NewFilter, SavedFilter, store};
use tallyboard_base::http::parse_query;
use tallyboard_db::{Lock, Scope, now};
use tallyboard_model::{
    error::{Code, Error, Result},
    id::FilterId,
    input::Validator,
    language::t_with,
    list::{List, ListQuery, PageRequest, all_pages},
    tasks::TaskFilter,
};

/// How many a user can save.
const MAX_FILTERS: i64 = 50;
const MAX_QUERY: usize = 2000;

/// A page of the user's saved filters, newest first.
pub async fn list(scope: &mut Scope, query: ListQuery) -> Result<List<SavedFilter>> {
    let page = PageRequest::parse(&query)?;
    let found = store::list(scope, &page).await?;
    Ok(page.answer(found, |filter| (filter.created_at, filter.id.0)))
}

/// All of them, by name.
pub async fn by_name(scope: &mut Scope) -> Result<Vec<SavedFilter>> {
    let mut all = all_pages(scope, |scope, query| Box::pin(list(scope, query))).await?;
    all.sort_by_cached_key(|filter| filter.name.to_lowercase());
    Ok(all)
}

/// The filter as it is stored, or what is wrong with it.
pub fn checked(new: &NewFilter) -> Result<NewFilter> {
    let mut validator = Validator::new();
    let name = validator.line("name", &new.name, 1, 50);
    let query = match parse_query(&new.query).and_then(first_page_query) {
        Ok(query) if query.len() <= MAX_QUERY => query,
        _ => {
            validator.reject("query", "has to be the query of a list of tasks, for example status=pending&due=week");
            String::new()
        }
    };
    validator.finish()?;
    Ok(NewFilter { name, query })
}

/// Saves a filter, replacing the one with its name.
pub async fn save(scope: &mut Scope, new: NewFilter) -> Result<SavedFilter> {
    let NewFilter { name, query } = checked(&new)?;
    // Two requests at once must not both be the fiftieth.
    let me = scope.user_id();
    scope.connection().lock(me.0, Lock::Exclusive).await?;
    if store::count_others(scope, &name).await? >= MAX_FILTERS {
        return Err(Error::new(Code::Conflict, t_with("You already have {n} saved lists", &[("n", &MAX_FILTERS)]))
            .detail("Delete one you no longer need"));
    }
    store::save(scope, &SavedFilter { id: FilterId::new(), name, query, created_at: now() }).await
}

/// The query of the first page of a list, as every saved filter has it.
pub fn first_page_query(filter: TaskFilter) -> Result<String> {
    let first_page = TaskFilter { limit: None, cursor: None, ..filter };
    serde_urlencoded::to_string(first_page).map_err(Error::internal)
}

/// Deletes one of the user's filters.
pub async fn delete(scope: &mut Scope, id: FilterId) -> Result<()> {
    if store::delete(scope, id).await? { Ok(()) } else { Err(Error::not_found("Saved list")) }
}
