use super::store::{self, KeptShare};
use crate::tasks::proof::Manageable;
use tallyboard_db::{
    isolation_test::{self, IsolationTest},
    now,
};
use tallyboard_model::{
    id::TaskId,
    list::{ListQuery, PageRequest},
    permissions::Access,
    tasks::{Task, TaskStatus},
};

#[tokio::test]
async fn a_stranger_has_no_trash_of_others() {
    isolation_test::assert_covers_every_function(env!("CARGO_MANIFEST_DIR"), "tasks/trash");
    let test = IsolationTest::start().await;
    let (team, ada, grace, eve) = (test.team, test.ada, test.grace, test.eve);
    let (task, trashed, graces_trashed) = (test.task, test.trashed, test.graces_trashed);
    let managed = move |id: TaskId, access| {
        Manageable::check(Task {
            id,
            user_id: ada,
            team_id: None,
            title: "Restored".to_owned(),
            description: None,
            status: TaskStatus::Pending,
            due_at: None,
            completed_at: None,
            created_at: now(),
            updated_at: now(),
            access,
            members_edit: false,
            deleted_at: None,
            deleted_by: None,
        })
    };
    let share = move || KeptShare { user_id: grace, permission: "view".to_owned(), created_at: now() };
    test.check("list", |scope| {
        Box::pin(async move { Ok(store::list(scope, &PageRequest::parse(&ListQuery::default())?).await?.len()) })
    })
    .await;
    // A team's owner restores what a member deleted.
    for id in [trashed, graces_trashed] {
        test.check("find", |scope| Box::pin(async move { Ok(usize::from(store::find(scope, id).await?.is_some())) }))
            .await;
        test.check("delete", |scope| Box::pin(async move { store::delete(scope, id).await.map(usize::from) })).await;
    }
    test.check("shares", |scope| {
        Box::pin(async move { Ok(store::shares(scope, &managed(task, Access::Owner)?).await?.len()) })
    })
    .await;
    test.check("insert", |scope| {
        Box::pin(async move {
            store::insert(scope, &managed(task, Access::Owner)?, vec![share()], Some("Claude"), now()).await.map(|()| 0)
        })
    })
    .await;
    test.check("write_back", |scope| {
        Box::pin(async move {
            let restored = managed(trashed, Access::Owner)?;
            store::write_back(scope, restored.task()).await.map(|()| 0)
        })
    })
    .await;
    test.check("write_back", |scope| {
        Box::pin(async move {
            let restored = managed(graces_trashed, Access::TeamOwner)?;
            let task = Task { user_id: grace, team_id: Some(team), ..restored.task().clone() };
            store::write_back(scope, &task).await.map(|()| 0)
        })
    })
    .await;
    test.check("share_again", |scope| {
        Box::pin(async move {
            let person = KeptShare { user_id: eve, ..share() };
            store::share_again(scope, &managed(task, Access::Owner)?, &person).await.map(usize::from)
        })
    })
    .await;
    test.check("is_member", |scope| {
        Box::pin(async move { store::is_member(scope, team, grace).await.map(usize::from) })
    })
    .await;
    test.check("delete_all", |scope| {
        Box::pin(async move { Ok(usize::try_from(store::delete_all(scope).await?).unwrap_or_default()) })
    })
    .await;
}
