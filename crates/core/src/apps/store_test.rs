use super::{ConnectedApp, store};
use tallyboard_db::{
    isolation_test::{self, IsolationTest},
    now,
};
use tallyboard_model::id::RowId;

#[tokio::test]
async fn a_stranger_gets_nothing_from_any_function() {
    isolation_test::assert_covers_every_function(env!("CARGO_MANIFEST_DIR"), "apps");
    let test = IsolationTest::start().await;
    let (app, ada) = (test.connected_app, test.ada);
    test.check("insert", |scope| {
        let new = ConnectedApp {
            id: RowId::new(),
            user_id: ada,
            client_id: "x".to_owned(),
            name: "X".to_owned(),
            host: None,
            can_write: false,
            created_at: now(),
            last_used_at: None,
        };
        Box::pin(async move { store::insert(scope, &new).await.map(|()| 0) })
    })
    .await;
    test.check("list", |scope| Box::pin(async move { Ok(store::list(scope).await?.len()) })).await;
    test.check("revoke", |scope| Box::pin(async move { store::revoke(scope, app, now()).await.map(usize::from) }))
        .await;
}
