use chrono::{DateTime, Utc};

use super::store;
use tallyboard_db::{
    isolation_test::{self, IsolationTest},
    now,
};
use tallyboard_model::{
    id::{TeamId, UserId},
    list::{ListQuery, PageRequest},
    permissions::Role,
    teams::{MembersEdit, Team},
};

fn owned(id: TeamId, name: String, owner_id: UserId, now: DateTime<Utc>) -> Team {
    let (role, members_edit) = (Role::Owner, MembersEdit::All);
    Team { id, name, owner_id, role, members_edit, created_at: now, updated_at: now }
}

#[tokio::test]
async fn a_stranger_gets_nothing_from_any_function() {
    isolation_test::assert_covers_every_function(env!("CARGO_MANIFEST_DIR"), "teams");
    let test = IsolationTest::start().await;
    let (team, ada, grace, eve) = (test.team, test.ada, test.grace, test.eve);
    test.check("list", |scope| {
        Box::pin(async move { Ok(store::list(scope, &PageRequest::parse(&ListQuery::default())?).await?.len()) })
    })
    .await;
    test.check("find", |scope| Box::pin(async move { Ok(store::find(scope, team).await?.iter().count()) })).await;
    test.check("insert", |scope| {
        Box::pin(async move {
            let (id, name, now) = (TeamId::new(), "New".to_owned(), now());
            store::insert(scope, &owned(id, name, ada, now)).await.map(|()| 0)
        })
    })
    .await;
    test.check("insert_member", |scope| {
        Box::pin(async move { store::insert_member(scope, team, eve, Role::Admin, now()).await.map(|()| 0) })
    })
    .await;
    test.check("update", |scope| {
        Box::pin(async move { store::update(scope, &owned(team, "x".to_owned(), ada, now())).await.map(|()| 0) })
    })
    .await;
    test.check("delete", |scope| Box::pin(async move { store::delete(scope, team).await.map(|()| 0) })).await;
    test.check("members", |scope| {
        Box::pin(
            async move { Ok(store::members(scope, team, &PageRequest::parse(&ListQuery::default())?).await?.len()) },
        )
    })
    .await;
    test.check("member", |scope| Box::pin(async move { Ok(store::member(scope, team, grace).await?.iter().count()) }))
        .await;
    test.check("set_role", |scope| {
        Box::pin(async move { store::set_role(scope, team, grace, Role::Member, Role::Admin).await.map(|()| 0) })
    })
    .await;
    test.check("delete_member", |scope| {
        Box::pin(async move { store::delete_member(scope, team, grace).await.map(|()| 0) })
    })
    .await;
    test.check("set_owner", |scope| {
        Box::pin(async move {
            store::set_role(scope, team, ada, Role::Owner, Role::Admin).await?;
            store::set_role(scope, team, grace, Role::Member, Role::Owner).await?;
            store::set_owner(scope, team, grace, now()).await.map(|()| 0)
        })
    })
    .await;
}
