use chrono::TimeDelta;

use super::store;
use tallyboard_db::{
    isolation_test::{self, IsolationTest},
    now,
};

#[tokio::test]
async fn a_stranger_gets_nothing_from_any_function() {
    isolation_test::assert_covers_every_function(env!("CARGO_MANIFEST_DIR"), "mcp");
    let test = IsolationTest::start().await;
    let credential = test.session.0;
    test.check("subscriptions", |scope| {
        Box::pin(async move { Ok(store::subscriptions(scope, credential).await?.len()) })
    })
    .await;
    test.check("insert_subscription", |scope| {
        Box::pin(async move {
            store::insert_subscription(scope, credential, "tallyboard://new", now()).await?;
            Ok(0)
        })
    })
    .await;
    test.check("delete_subscription", |scope| {
        Box::pin(async move {
            store::delete_subscription(scope, credential, "tallyboard://dashboard").await?;
            Ok(0)
        })
    })
    .await;
    test.check("delete_old_subscriptions", |scope| {
        Box::pin(async move {
            store::delete_old_subscriptions(scope, now() + TimeDelta::days(1)).await?;
            Ok(0)
        })
    })
    .await;
}
