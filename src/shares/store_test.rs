use super::store;
use crate::{
    db::{Scope, now, stranger},
    error::Result,
    id::TaskId,
    list::{ListQuery, Window},
    permissions::{Access, Permission},
    tasks::{Manageable, Task, TaskStatus},
};

/// The proof that the services ask for, given without asking.
fn proof(scope: &Scope, id: TaskId) -> Result<Manageable> {
    let time = now();
    Manageable::check(Task {
        id,
        user_id: scope.user_id(),
        team_id: None,
        title: String::new(),
        description: None,
        status: TaskStatus::Pending,
        due_at: None,
        completed_at: None,
        created_at: time,
        updated_at: time,
        access: Access::Owner,
    })
}

#[tokio::test]
async fn a_stranger_gets_nothing_from_any_function() {
    stranger::names_every_function("shares");
    let stage = stranger::Stage::set().await;
    let (team, task, graces_task) = (stage.team, stage.task, stage.graces_task);
    let (ada, grace, eve) = (stage.ada, stage.grace, stage.eve);
    for manages in [true, false] {
        let of = if manages { task } else { graces_task };
        stage
            .check("list", |scope| {
                Box::pin(async move {
                    let window = Window::of(&ListQuery::default())?;
                    Ok(store::list(scope, of, manages, &window).await?.len())
                })
            })
            .await;
    }
    stage
        .check("find", |scope| {
            Box::pin(async move {
                let task = proof(scope, task)?;
                Ok(store::find(scope, &task, grace).await?.iter().count())
            })
        })
        .await;
    stage
        .check("insert", |scope| {
            Box::pin(async move {
                let task = proof(scope, task)?;
                store::insert(scope, &task, eve, Permission::Edit, now()).await.map(|()| 0)
            })
        })
        .await;
    stage
        .check("set_permission", |scope| {
            Box::pin(async move {
                let task = proof(scope, task)?;
                store::set_permission(scope, &task, grace, Permission::Edit).await.map(|()| 0)
            })
        })
        .await;
    stage
        .check("revoke", |scope| {
            Box::pin(async move {
                let task = proof(scope, task)?;
                store::revoke(scope, &task, grace).await.map(|_| 0)
            })
        })
        .await;
    stage.check("give_up", |scope| Box::pin(async move { store::give_up(scope, graces_task).await.map(|_| 0) })).await;
    stage
        .check("end_in_team", |scope| {
            Box::pin(async move { store::end_in_team(scope, team, grace).await.map(|ended| ended.len()) })
        })
        .await;
    stage
        .check("end_with_heir", |scope| {
            Box::pin(async move { store::end_with_heir(scope, team, grace, ada).await.map(|ended| ended.len()) })
        })
        .await;
    stage
        .check("receivers", |scope| {
            Box::pin(async move {
                let task = proof(scope, task)?;
                Ok(store::receivers(scope, &task).await?.len())
            })
        })
        .await;
    stage
        .check("sharers", |scope| Box::pin(async move { Ok(store::sharers(scope, &[graces_task]).await?.len()) }))
        .await;
}
