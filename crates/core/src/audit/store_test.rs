use super::store;
use tallyboard_db::isolation_test::{self, IsolationTest};
use tallyboard_model::list::{ListQuery, PageRequest};

#[tokio::test]
async fn a_stranger_gets_nothing_from_any_function() {
    isolation_test::assert_covers_every_function(env!("CARGO_MANIFEST_DIR"), "audit");
    let test = IsolationTest::start().await;
    let team = test.team;
    test.check("own", |scope| {
        Box::pin(async move { Ok(store::own(scope, &PageRequest::parse(&ListQuery::default())?).await?.len()) })
    })
    .await;
    test.check("of_team", |scope| {
        Box::pin(async move {
            let page = PageRequest::parse(&ListQuery::default())?;
            Ok(store::of_team(scope, team, &page).await?.len())
        })
    })
    .await;
}
