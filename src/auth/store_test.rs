use super::store::{self, UserRow};
use crate::{
    db::{now, stranger},
    id::SessionId,
    list::{ListQuery, Window},
};

#[tokio::test]
async fn a_stranger_gets_nothing_from_any_function() {
    stranger::names_every_function("auth");
    let stage = stranger::Stage::set().await;
    let (ada, session) = (stage.ada, stage.session);
    stage.check("me", |scope| Box::pin(async move { Ok(store::me(scope).await?.iter().count()) })).await;
    stage
        .check("update_me", |scope| {
            Box::pin(async move {
                let row = UserRow {
                    id: ada,
                    email: "new@example.org".to_owned(),
                    name: "New".to_owned(),
                    password_hash: "y".to_owned(),
                    time_zone: "UTC".to_owned(),
                    created_at: now(),
                };
                store::update_me(scope, &row, now()).await?;
                Ok(0)
            })
        })
        .await;
    stage
        .check("sessions", |scope| {
            Box::pin(async move {
                let window = Window::of(&ListQuery::default())?;
                Ok(store::sessions(scope, now(), session, &window).await?.len())
            })
        })
        .await;
    stage
        .check("revoke_session", |scope| {
            Box::pin(async move { store::revoke_session(scope, session, now()).await.map(|_| 0) })
        })
        .await;
    stage
        .check("revoke_others", |scope| {
            Box::pin(async move { Ok(store::revoke_others(scope, SessionId::new(), now()).await?.len()) })
        })
        .await;
    // "find_person" and "person_exists" are for inviting by an exact address: an id and nothing else.
}
