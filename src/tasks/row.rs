//! Between tasks and the rows that pages show: dates by the reader's calendar.

use chrono::{DateTime, NaiveDate, Utc};

use super::{ListedTask, Task, TaskStatus, service};
use crate::{
    auth::{AuthenticatedUser, caller},
    calendar::Calendar,
    db::now,
    error::{Error, Result},
    id::TaskId,
};

/// A task with its date as `user` reads it.
pub fn listed(user: &AuthenticatedUser, task: Task) -> ListedTask {
    ListedTask {
        id: task.id,
        title: task.title,
        description: task.description,
        done: task.status == TaskStatus::Completed,
        due_on: task.due_at.map(|due| date_of(user, due)),
        may_change: task.access.may_change(),
        may_manage: task.access.may_manage(),
    }
}

/// The date that an instant falls on, by the user's calendar.
pub fn date_of(user: &AuthenticatedUser, time: DateTime<Utc>) -> String {
    Calendar::at(now(), user.time_zone()).date_of(time).to_string()
}

/// The instant by which something due on that date is due.
pub fn due_at(user: &AuthenticatedUser, date: Option<&str>) -> Result<Option<DateTime<Utc>>> {
    let Some(text) = date.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
    let date: NaiveDate = text.parse().map_err(|_| Error::invalid("due_on", "has to be a date like 2026-12-31"))?;
    Ok(Some(Calendar::at(now(), user.time_zone()).end_of(date)))
}

/// Completes or reopens for the caller of a server function.
pub async fn set_status(id: TaskId, status: TaskStatus) -> Result<ListedTask> {
    let (app, user) = caller().await?;
    let task = app.db.scope(&user).write(|scope| Box::pin(service::set_status(scope, id, status))).await?;
    Ok(listed(&user, task))
}
