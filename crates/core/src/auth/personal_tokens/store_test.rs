use super::store;
use tallyboard_db::{
    isolation_test::{self, IsolationTest},
    now,
};
use tallyboard_model::{
    auth::{PersonalToken, TokenScope},
    id::TokenId,
    list::{ListQuery, PageRequest},
};

#[tokio::test]
async fn a_stranger_has_no_token_of_others() {
    isolation_test::assert_covers_every_function(env!("CARGO_MANIFEST_DIR"), "auth/personal_tokens");
    let test = IsolationTest::start().await;
    let token = test.token;
    test.check("count_tokens", |scope| {
        Box::pin(async move { Ok(usize::try_from(store::count_tokens(scope, now()).await?).unwrap_or_default()) })
    })
    .await;
    test.check("tokens", |scope| {
        Box::pin(async move { Ok(store::tokens(scope, &PageRequest::parse(&ListQuery::default())?).await?.len()) })
    })
    .await;
    test.check("revoke_calendar_tokens", |scope| {
        Box::pin(async move { Ok(store::revoke_calendar_tokens(scope, now()).await?.len()) })
    })
    .await;
    test.check("revoke_token", |scope| {
        Box::pin(async move { Ok(store::revoke_token(scope, token, now()).await?.iter().count()) })
    })
    .await;
    test.check("insert_token", |scope| {
        Box::pin(async move {
            let token = PersonalToken {
                id: TokenId::new(),
                name: "New".to_owned(),
                scopes: TokenScope::Read.included(),
                prefix: "tallyboard_efgh".to_owned(),
                created_at: now(),
                last_used_at: None,
                expires_at: None,
            };
            store::insert_token(scope, &token, TokenScope::Read, &"b".repeat(64)).await?;
            Ok(0)
        })
    })
    .await;
}
