use super::store;
use tallyboard_db::isolation_test::{self, IsolationTest};

#[tokio::test]
async fn a_stranger_gets_nothing_from_any_function() {
    isolation_test::assert_covers_every_function(env!("CARGO_MANIFEST_DIR"), "membership");
    let test = IsolationTest::start().await;
    let team = test.team;
    test.check("role", |scope| Box::pin(async move { Ok(store::role(scope, team).await?.iter().count()) })).await;
    test.check("member_ids", |scope| Box::pin(async move { Ok(store::member_ids(scope, team).await?.len()) })).await;
    test.check("my_teams", |scope| Box::pin(async move { Ok(store::my_teams(scope).await?.len()) })).await;
    // "team_exists" answers everybody whether an id exists, and nothing else: it distinguishes 403 from 404.
}
