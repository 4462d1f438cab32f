use super::{Passkey, store};
use tallyboard_db::{
    isolation_test::{self, IsolationTest},
    now,
};
use tallyboard_model::{
    id::PasskeyId,
    list::{ListQuery, PageRequest},
};

#[tokio::test]
async fn a_stranger_has_no_passkey_of_others() {
    isolation_test::assert_covers_every_function(env!("CARGO_MANIFEST_DIR"), "auth/passkeys");
    let test = IsolationTest::start().await;
    let passkey = test.passkey;
    test.check("list", |scope| {
        Box::pin(async move { Ok(store::list(scope, &PageRequest::parse(&ListQuery::default())?).await?.len()) })
    })
    .await;
    test.check("credential_ids", |scope| {
        Box::pin(async move { store::credential_ids(scope).await.map(|ids| ids.len()) })
    })
    .await;
    test.check("insert", |scope| {
        Box::pin(async move {
            let new = Passkey { id: PasskeyId::new(), name: "New".to_owned(), created_at: now(), last_used_at: None };
            store::insert(scope, &new, "bmV3", "{}").await.map(|_| 0)
        })
    })
    .await;
    test.check("delete", |scope| Box::pin(async move { store::delete(scope, passkey).await.map(|_| 0) })).await;
}
