use super::{SavedFilter, store};
use tallyboard_db::{
    isolation_test::{self, IsolationTest},
    now,
};
use tallyboard_model::{
    id::FilterId,
    list::{ListQuery, PageRequest},
};

#[tokio::test]
async fn a_stranger_has_no_filter_of_others() {
    isolation_test::assert_covers_every_function(env!("CARGO_MANIFEST_DIR"), "tasks/filters");
    let test = IsolationTest::start().await;
    let filter = test.filter;
    test.check("list", |scope| {
        Box::pin(async move { Ok(store::list(scope, &PageRequest::parse(&ListQuery::default())?).await?.len()) })
    })
    .await;
    test.check("count_others", |scope| {
        Box::pin(async move { Ok(usize::try_from(store::count_others(scope, "x").await?).unwrap_or_default()) })
    })
    .await;
    test.check("save", |scope| {
        Box::pin(async move {
            let new = SavedFilter {
                id: FilterId::new(),
                name: "New".to_owned(),
                query: "due=today".to_owned(),
                created_at: now(),
            };
            store::save(scope, &new).await.map(|_| 0)
        })
    })
    .await;
    test.check("delete", |scope| Box::pin(async move { store::delete(scope, filter).await.map(|_| 0) })).await;
}
