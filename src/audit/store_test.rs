use super::store;
use crate::{
    db::isolation_test::{self, IsolationTest},
    list::{ListQuery, PageRequest},
};

#[tokio::test]
async fn a_stranger_gets_nothing_from_any_function() {
    isolation_test::assert_covers_every_function("audit");
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
