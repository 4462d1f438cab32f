use super::{Block, store};
use tallyboard_db::{
    isolation_test::{self, IsolationTest},
    now,
};
use tallyboard_model::list::{ListQuery, PageRequest};

#[tokio::test]
async fn a_stranger_sees_and_changes_no_block_of_others() {
    isolation_test::assert_covers_every_function(env!("CARGO_MANIFEST_DIR"), "blocks");
    let test = IsolationTest::start().await;
    let (grace, eve) = (test.grace, test.eve);
    test.check("list", |scope| {
        Box::pin(async move { Ok(store::list(scope, &PageRequest::parse(&ListQuery::default())?).await?.len()) })
    })
    .await;
    test.check("count", |scope| Box::pin(async move { Ok(usize::try_from(store::count(scope).await?).unwrap_or(0)) }))
        .await;
    test.check("insert", |scope| {
        Box::pin(async move {
            let block = Block { user_id: eve, name: None, created_at: now() };
            store::insert(scope, &block).await.map(|_| 0)
        })
    })
    .await;
    test.check("delete", |scope| Box::pin(async move { store::delete(scope, grace).await.map(|_| 0) })).await;
    test.check("tasks_shared_by", |scope| {
        Box::pin(async move { Ok(store::tasks_shared_by(scope, grace).await?.len()) })
    })
    .await;
    let ada = test.ada;
    test.check("teams_owned_by", |scope| Box::pin(async move { Ok(store::teams_owned_by(scope, ada).await?.len()) }))
        .await;
}
