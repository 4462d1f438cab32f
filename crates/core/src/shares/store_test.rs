use super::store;
use crate::tasks::Manageable;
use tallyboard_db::{
    Scope,
    isolation_test::{self, IsolationTest},
    now,
};
use tallyboard_model::{
    error::Result,
    id::TaskId,
    list::{ListQuery, PageRequest},
    permissions::{Access, Permission},
    tasks::{Task, TaskStatus},
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
        members_edit: false,
        deleted_at: None,
        deleted_by: None,
    })
}

#[tokio::test]
async fn a_stranger_gets_nothing_from_any_function() {
    isolation_test::assert_covers_every_function(env!("CARGO_MANIFEST_DIR"), "shares");
    let test = IsolationTest::start().await;
    let (team, task, graces_task) = (test.team, test.task, test.graces_task);
    let (ada, grace, eve) = (test.ada, test.grace, test.eve);
    for manages in [true, false] {
        let of = if manages { task } else { graces_task };
        test.check("list", |scope| {
            Box::pin(async move {
                let page = PageRequest::parse(&ListQuery::default())?;
                Ok(store::list(scope, of, manages, &page).await?.len())
            })
        })
        .await;
    }
    test.check("list_of_owned_tasks", |scope| {
        Box::pin(async move { Ok(store::list_of_owned_tasks(scope, &[task]).await?.len()) })
    })
    .await;
    test.check("find", |scope| {
        Box::pin(async move {
            let task = proof(scope, task)?;
            Ok(store::find(scope, &task, grace).await?.iter().count())
        })
    })
    .await;
    test.check("insert", |scope| {
        Box::pin(async move {
            let task = proof(scope, task)?;
            store::insert(scope, &task, eve, Permission::Edit, now()).await.map(|()| 0)
        })
    })
    .await;
    test.check("set_permission", |scope| {
        Box::pin(async move {
            let task = proof(scope, task)?;
            store::set_permission(scope, &task, grace, Permission::Edit).await.map(|()| 0)
        })
    })
    .await;
    test.check("revoke", |scope| {
        Box::pin(async move {
            let task = proof(scope, task)?;
            store::revoke(scope, &task, grace).await.map(|_| 0)
        })
    })
    .await;
    test.check("give_up", |scope| Box::pin(async move { store::give_up(scope, graces_task).await.map(|_| 0) })).await;
    test.check("end_for_member", |scope| {
        Box::pin(async move { store::end_for_member(scope, team, grace).await.map(|ended| ended.len()) })
    })
    .await;
    test.check("end_for_new_owner", |scope| {
        Box::pin(async move { store::end_for_new_owner(scope, team, grace, ada).await.map(|ended| ended.len()) })
    })
    .await;
}
