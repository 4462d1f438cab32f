use super::store;
use tallyboard_db::isolation_test::{self, IsolationTest};
use tallyboard_model::calendar::TimeRange;

#[tokio::test]
async fn a_stranger_counts_nothing() {
    isolation_test::assert_covers_every_function(env!("CARGO_MANIFEST_DIR"), "statistics");
    let test = IsolationTest::start().await;
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
    test.check("quarters", |scope| {
        Box::pin(async move { Ok(store::quarters(scope, 0, i64::from(i32::MAX)).await?.len()) })
    })
    .await;
    test.check("due", |scope| {
        Box::pin(async move {
            let times = ["2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z"].map(|time| time.parse().unwrap_or_default());
            let row = store::due(scope, TimeRange { start: times[0], end: times[1] }).await?;
            Ok(sum(&[row.overdue, row.today]))
        })
    })
    .await;
    test.check("teams", |scope| Box::pin(async move { Ok(store::teams(scope).await?.len()) })).await;
}
