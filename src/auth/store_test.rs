use super::{
    PersonalToken, TokenScope,
    store::{self, UserRow},
};
use crate::{
    db::{
        isolation_test::{self, IsolationTest},
        now,
    },
    id::{SessionId, TokenId},
    list::{ListQuery, PageRequest},
};

#[tokio::test]
async fn a_stranger_gets_nothing_from_any_function() {
    isolation_test::assert_covers_every_function("auth");
    let test = IsolationTest::start().await;
    let (ada, session) = (test.ada, test.session);
    test.check("me", |scope| Box::pin(async move { Ok(store::me(scope).await?.iter().count()) })).await;
    test.check("update_me", |scope| {
        Box::pin(async move {
            let row = UserRow {
                id: ada,
                email: "new@example.org".to_owned(),
                name: "New".to_owned(),
                password_hash: "y".to_owned(),
                time_zone: "UTC".to_owned(),
                created_at: now(),
                disabled_at: None,
            };
            store::update_me(scope, &row, now()).await?;
            Ok(0)
        })
    })
    .await;
    test.check("sessions", |scope| {
        Box::pin(async move {
            let page = PageRequest::parse(&ListQuery::default())?;
            Ok(store::sessions(scope, now(), session, &page).await?.len())
        })
    })
    .await;
    test.check("revoke_session", |scope| {
        Box::pin(async move { store::revoke_session(scope, session, now()).await.map(|_| 0) })
    })
    .await;
    test.check("revoke_others", |scope| {
        Box::pin(async move { Ok(store::revoke_others(scope, SessionId::new(), now()).await?.len()) })
    })
    .await;
    let token = test.token;
    test.check("count_tokens", |scope| {
        Box::pin(async move { Ok(usize::try_from(store::count_tokens(scope, now()).await?).unwrap_or_default()) })
    })
    .await;
    test.check("tokens", |scope| {
        Box::pin(async move { Ok(store::tokens(scope, &PageRequest::parse(&ListQuery::default())?).await?.len()) })
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
    // "find_person" and "person_exists" answer everybody the id of an exact email address, and nothing else.
}
