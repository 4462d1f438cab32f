//! The SQL of the goals.

use sqlx::{query, query_as};

use super::{Goals, Weekday};
use tallyboard_db::{Scope, from_row, on_both};
use tallyboard_model::error::Result;

const GOALS: &str = "SELECT daily, weekly, days_off FROM user_goals WHERE user_id = $1";

struct GoalsRow {
    daily: Option<i64>,
    weekly: Option<i64>,
    /// A bit for each weekday, Monday's is 1.
    days_off: i64,
}
from_row!(GoalsRow { daily, weekly, days_off });

/// The user's goals; nobody has to have any.
pub async fn goals(scope: &mut Scope) -> Result<Option<Goals>> {
    let me = scope.user_id();
    let row: Option<GoalsRow> =
        on_both!(scope.connection(), conn => query_as(GOALS).bind(me).fetch_optional(conn).await)?;
    let goal = |stored: Option<i64>| stored.and_then(|goal| goal.try_into().ok());
    Ok(row.map(|GoalsRow { daily, weekly, days_off }| Goals {
        daily: goal(daily),
        weekly: goal(weekly),
        days_off: Weekday::ALL.into_iter().filter(|day| days_off & bit(*day) != 0).collect(),
    }))
}

/// Replaces the user's goals.
pub async fn set_goals(scope: &mut Scope, goals: &Goals) -> Result<()> {
    let me = scope.user_id();
    let days_off = goals.days_off.iter().fold(0, |bits, day| bits | bit(*day));
    on_both!(scope.connection(), conn => query(
        "INSERT INTO user_goals (user_id, daily, weekly, days_off) VALUES ($1, $2, $3, $4)
         ON CONFLICT (user_id) DO UPDATE
         SET daily = excluded.daily, weekly = excluded.weekly, days_off = excluded.days_off")
        .bind(me).bind(goals.daily.map(i64::from)).bind(goals.weekly.map(i64::from)).bind(days_off)
        .execute(conn).await.map(drop))?;
    Ok(())
}

fn bit(day: Weekday) -> i64 {
    1 << day as i64
}
