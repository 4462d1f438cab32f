use super::{Team, store};
use crate::{
    db::{now, stranger},
    id::TeamId,
    list::{ListQuery, Window},
    permissions::Role,
};

#[tokio::test]
async fn a_stranger_gets_nothing_from_any_function() {
    stranger::names_every_function("teams");
    let stage = stranger::Stage::set().await;
    let (team, ada, grace, eve) = (stage.team, stage.ada, stage.grace, stage.eve);
    stage
        .check("list", |scope| {
            Box::pin(async move { Ok(store::list(scope, &Window::of(&ListQuery::default())?).await?.len()) })
        })
        .await;
    stage.check("find", |scope| Box::pin(async move { Ok(store::find(scope, team).await?.iter().count()) })).await;
    // "exists" says that a team is there to anybody, and nothing else: what tells 403 from 404.
    stage
        .check("insert", |scope| {
            Box::pin(async move {
                let (id, name, now) = (TeamId::new(), "New".to_owned(), now());
                let new = Team { id, name, owner_id: ada, role: Role::Owner, created_at: now, updated_at: now };
                store::insert(scope, &new).await.map(|()| 0)
            })
        })
        .await;
    stage
        .check("insert_member", |scope| {
            Box::pin(async move { store::insert_member(scope, team, eve, Role::Admin, now()).await.map(|()| 0) })
        })
        .await;
    stage
        .check("rename", |scope| Box::pin(async move { store::rename(scope, team, "x", now()).await.map(|()| 0) }))
        .await;
    stage.check("delete", |scope| Box::pin(async move { store::delete(scope, team).await.map(|()| 0) })).await;
    stage
        .check("members", |scope| {
            Box::pin(async move { Ok(store::members(scope, team, &Window::of(&ListQuery::default())?).await?.len()) })
        })
        .await;
    stage
        .check("member", |scope| Box::pin(async move { Ok(store::member(scope, team, grace).await?.iter().count()) }))
        .await;
    stage.check("member_ids", |scope| Box::pin(async move { Ok(store::member_ids(scope, team).await?.len()) })).await;
    stage
        .check("my_role", |scope| Box::pin(async move { Ok(store::my_role(scope, team).await?.iter().count()) }))
        .await;
    stage
        .check("set_role", |scope| {
            Box::pin(async move { store::set_role(scope, team, grace, Role::Member, Role::Admin).await.map(|()| 0) })
        })
        .await;
    stage
        .check("delete_member", |scope| {
            Box::pin(async move { store::delete_member(scope, team, grace).await.map(|()| 0) })
        })
        .await;
    stage
        .check("set_owner", |scope| {
            Box::pin(async move {
                store::set_role(scope, team, ada, Role::Owner, Role::Admin).await?;
                store::set_role(scope, team, grace, Role::Member, Role::Owner).await?;
                store::set_owner(scope, team, grace, now()).await.map(|()| 0)
            })
        })
        .await;
}
