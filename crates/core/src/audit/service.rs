//! The rules of reading the audit log.

use std::cmp::Reverse;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::{AuditRecord, store};
use crate::membership;
use tallyboard_db::{Scope, System, now};
use tallyboard_model::{
    error::Result,
    id::{RowId, UserId},
    list::{List, ListQuery, PageRequest},
};

/// How many rows one step of cleaning deletes: few enough that no writer waits long.
const CLEANING_STEP: u32 = 500;
/// How many rows the operator's list reads at a time.
const READING_STEP: u32 = 1000;

/// What the user did, and what others did in the teams that they own or administer; newest first.
pub async fn list(scope: &mut Scope, query: ListQuery) -> Result<List<AuditRecord>> {
    let page = PageRequest::parse(&query)?;
    let mut found = store::own(scope, &page).await?;
    for team in membership::service::my_teams(scope).await? {
        // Nothing for a team that the user does not manage.
        found.extend(store::of_team(scope, team.id, &page).await?);
    }
    found.sort_by_key(|record| Reverse((record.at, record.id)));
    Ok(page.answer(found, |record| (record.at, record.id.0)))
}

/// Everything that a user did since a time, oldest first: for the operator.
pub async fn of_user(scope: &mut Scope<System>, user: UserId, since: DateTime<Utc>) -> Result<Vec<AuditRecord>> {
    let mut found: Vec<AuditRecord> = Vec::new();
    loop {
        let last = found.last().map_or((since - TimeDelta::seconds(1), RowId(Uuid::nil())), |last| (last.at, last.id));
        let page = store::of_user(scope, user, since, last, READING_STEP).await?;
        let is_last = page.len() < READING_STEP as usize;
        found.extend(page);
        if is_last {
            return Ok(found);
        }
    }
}

/// Deletes some of the rows that are older than `keep_days`; returns whether there may be more.
pub async fn clean(scope: &mut Scope<System>, keep_days: u32) -> Result<bool> {
    let keep_from = now() - TimeDelta::days(keep_days.into());
    store::keep_from(scope, keep_from).await?;
    Ok(store::delete_before(scope, keep_from, CLEANING_STEP).await? == u64::from(CLEANING_STEP))
}
