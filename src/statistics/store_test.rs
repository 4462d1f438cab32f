use chrono::TimeDelta;

use super::store;
use crate::{
    calendar::TimeRange,
    db::{
        isolation_test::{self, IsolationTest},
        now,
    },
};

#[tokio::test]
async fn a_stranger_counts_nothing() {
    isolation_test::assert_covers_every_function("statistics");
    let test = IsolationTest::start().await;
    let start = now() - TimeDelta::days(20_000);
    let range = TimeRange { start, end: now() + TimeDelta::days(1) };
    fn sum(numbers: &[i64]) -> usize {
        numbers.iter().map(|number| usize::try_from(*number).unwrap_or_default()).sum()
    }
    test.check("task_counts", |scope| {
        Box::pin(async move {
            let row = store::task_counts(scope).await?;
            Ok(sum(&[row.pending, row.completed, row.view_only, row.can_edit]))
        })
    })
    .await;
    test.check("activity", |scope| {
        Box::pin(async move {
            let row = store::activity(scope, range, range).await?;
            Ok(sum(&[row.created_today, row.completed_today, row.created_this_week, row.completed_this_week]))
        })
    })
    .await;
    test.check("created", |scope| Box::pin(async move { Ok(store::created(scope, range).await?.len()) })).await;
    test.check("teams", |scope| Box::pin(async move { Ok(store::teams(scope).await?.len()) })).await;
    // "completed" is "created" with another column; Ada has completed nothing, so it would prove nothing.
}
