use super::{
    Task, TaskStatus,
    proof::{Editable, Manageable},
    store::{self, Page, Whose},
};
use crate::{
    db::{now, stranger},
    id::TaskId,
    list::{ListQuery, Window},
    permissions::Access,
};

#[tokio::test]
async fn a_stranger_gets_nothing_from_any_function() {
    stranger::names_every_function("tasks");
    let stage = stranger::Stage::set().await;
    let (task, team_task, team, ada, grace) = (stage.task, stage.team_task, stage.team, stage.ada, stage.grace);
    let seen =
        chrono::DateTime::parse_from_rfc3339("2026-01-01T00:00:00Z").map(|time| time.to_utc()).unwrap_or_default();
    let own = move |id: TaskId, team_id| Task {
        id,
        user_id: ada,
        team_id,
        title: "Changed".to_owned(),
        description: None,
        status: TaskStatus::Pending,
        due_at: None,
        completed_at: None,
        created_at: seen,
        updated_at: seen,
        access: Access::Owner,
    };
    for whose in [Whose::Mine, Whose::Team(team), Whose::SharedWithMe] {
        for status in [None, Some(TaskStatus::Pending)] {
            stage
                .check("list", |scope| {
                    Box::pin(async move {
                        let window = Window::of(&ListQuery::default())?;
                        Ok(store::list(scope, &Page { whose, status, pattern: None, window }).await?.len())
                    })
                })
                .await;
        }
    }
    stage.check("find", |scope| Box::pin(async move { Ok(store::find(scope, task).await?.iter().count()) })).await;
    stage.check("audience", |scope| Box::pin(async move { Ok(store::audience(scope, team_task).await?.len()) })).await;
    // "exists" says that a task is there to anybody, and nothing else: what tells 403 from 404.
    stage
        .check("insert", |scope| {
            Box::pin(async move { store::insert(scope, &own(TaskId::new(), Some(team))).await.map(|()| 0) })
        })
        .await;
    stage
        .check("update", |scope| {
            Box::pin(async move {
                let changed = Task { updated_at: now(), ..own(task, None) };
                store::update(scope, Editable::check(changed)?, seen).await.map(|_| 0)
            })
        })
        .await;
    stage
        .check("delete", |scope| {
            Box::pin(async move { store::delete(scope, &Manageable::check(own(task, None))?).await.map(|()| 0) })
        })
        .await;
    stage
        .check("take_out", |scope| {
            Box::pin(async move {
                store::take_out(scope, &Manageable::check(own(team_task, Some(team)))?).await.map(|()| 0)
            })
        })
        .await;
    stage
        .check("pass_on", |scope| {
            Box::pin(async move { store::pass_on(scope, team, grace, ada, now()).await.map(|()| 0) })
        })
        .await;
}
