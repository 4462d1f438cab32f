use super::store;
use crate::db::isolation_test::{self, IsolationTest};

#[tokio::test]
async fn a_stranger_counts_nothing() {
    isolation_test::assert_covers_every_function("statistics");
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
    test.check("teams", |scope| Box::pin(async move { Ok(store::teams(scope).await?.len()) })).await;
}
