use super::{Goals, store};
use tallyboard_db::isolation_test::{self, IsolationTest};

#[tokio::test]
async fn a_stranger_has_their_own_goals() {
    isolation_test::assert_covers_every_function(env!("CARGO_MANIFEST_DIR"), "statistics/goals");
    let test = IsolationTest::start().await;
    test.check("goals", |scope| Box::pin(async move { Ok(store::goals(scope).await?.iter().count()) })).await;
    test.check("set_goals", |scope| {
        Box::pin(async move { store::set_goals(scope, &Goals::default()).await.map(|()| 0) })
    })
    .await;
}
