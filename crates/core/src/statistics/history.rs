//! Reads what was created and completed, by quarters of an hour and by days.

use chrono::NaiveDate;

use super::{
    quarters::{self, Quarters},
    store,
};
use tallyboard_db::Scope;
use tallyboard_model::{
    calendar::{Calendar, TimeRange},
    error::Result,
    statistics::TrendDay,
};

/// The user's quarters of an hour in a time range.
pub async fn quarters(scope: &mut Scope, range: TimeRange) -> Result<Quarters> {
    let (first, last) = quarters::bounds(range);
    Quarters::new(range, &store::quarters(scope, first, last).await?)
}

/// The sums of these dates.
pub fn sums(calendar: &Calendar, quarters: &Quarters, dates: &[NaiveDate]) -> Vec<TrendDay> {
    let day = |date: &NaiveDate| {
        let [created, completed] = quarters.sum(calendar.range(&[*date]));
        TrendDay { date: *date, created, completed }
    };
    dates.iter().map(day).collect()
}

/// The last `count` days, ending with today.
pub async fn last_days(scope: &mut Scope, calendar: Calendar, count: u32) -> Result<Vec<TrendDay>> {
    let dates = calendar.last_days(count);
    let quarters = quarters(scope, calendar.range(&dates)).await?;
    Ok(sums(&calendar, &quarters, &dates))
}
