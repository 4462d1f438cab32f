use super::store::{self, UserRow};
use tallyboard_db::{
    isolation_test::{self, IsolationTest},
    now,
};
use tallyboard_model::list::{ListQuery, PageRequest};

#[tokio::test]
async fn a_stranger_gets_nothing_from_any_function() {
    isolation_test::assert_covers_every_function(env!("CARGO_MANIFEST_DIR"), "auth");
    let test = IsolationTest::start().await;
    let (ada, grace, session) = (test.ada, test.grace, test.session);
    test.check("me", |scope| Box::pin(async move { Ok(store::me(scope).await?.iter().count()) })).await;
    test.check("update_me", |scope| {
        Box::pin(async move {
            let row = UserRow {
                id: ada,
                email: "new@example.org".to_owned(),
                name: "New".to_owned(),
                password_hash: "y".to_owned(),
                time_zone: "UTC".to_owned(),
                language: "browser".to_owned(),
                created_at: now(),
                disabled_at: None,
                email_verified_at: None,
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
    test.check("is_blocked_by", |scope| {
        Box::pin(async move { Ok(usize::from(store::is_blocked_by(scope, grace).await?)) })
    })
    .await;
    test.check("acquaintance_name", |scope| {
        Box::pin(async move { Ok(usize::from(store::acquaintance_name(scope, grace).await?.is_some())) })
    })
    .await;
    // "find_person" and "person_exists" answer everybody the id of an exact, confirmed email address, and nothing else.
}
