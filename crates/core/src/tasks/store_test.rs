use super::{
    proof::{Editable, Manageable},
    query::{SortKey, TaskQuery, TaskSource},
    search,
    search_words::Pattern,
    store,
};
use tallyboard_db::{
    isolation_test::{self, IsolationTest},
    now,
};
use tallyboard_model::{
    calendar::TimeRange,
    error::Result,
    id::TaskId,
    input::Validator,
    list::PageRequest,
    permissions::Access,
    tasks::{Sort, Task, TaskStatus},
};

fn query(source: TaskSource, status: Option<TaskStatus>, sort: Sort) -> Result<TaskQuery> {
    let page = PageRequest::from_params(&mut Validator::new(), None, None, SortKey::start(sort))?;
    Ok(TaskQuery { source, status, due: None, sort, page })
}

#[tokio::test]
async fn a_stranger_gets_nothing_from_any_function() {
    isolation_test::assert_covers_every_function(env!("CARGO_MANIFEST_DIR"), "tasks");
    let test = IsolationTest::start().await;
    let (task, team_task, graces_task) = (test.task, test.team_task, test.graces_task);
    let (team, ada, grace) = (test.team, test.ada, test.grace);
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
        members_edit: false,
        deleted_at: None,
        deleted_by: None,
    };
    for (source, word) in [
        (TaskSource::Mine, "own"),
        (TaskSource::Team(team), "team"),
        (TaskSource::SharedWithMe, "grace"),
        (TaskSource::Changeable, "own"),
    ] {
        // The index knows words of three letters and more.
        for words in [word, &word[..2]] {
            test.check("search", |scope| {
                let words = words.to_owned();
                Box::pin(
                    async move { Ok(search::search(scope, &query(source, None, Sort::Newest)?, &words).await?.len()) },
                )
            })
            .await;
        }
        // In a short list the index isn't asked.
        test.check("ask_index", |scope| {
            Box::pin(async move {
                let found = search::ask_index(scope, &Pattern::new(word, true), &[], 10).await?.unwrap_or_default();
                Ok(found.iter().filter(|ids| ids.as_str() != "{}").count())
            })
        })
        .await;
        test.check("find_many", |scope| {
            Box::pin(async move { Ok(store::find_many(scope, source, &[task, team_task, graces_task]).await?.len()) })
        })
        .await;
        for status in [None, Some(TaskStatus::Pending)] {
            for sort in [Sort::Newest, Sort::Due, Sort::Title] {
                test.check("list", |scope| {
                    Box::pin(async move { Ok(store::list(scope, &query(source, status, sort)?).await?.len()) })
                })
                .await;
            }
        }
    }
    test.check("due_before", |scope| Box::pin(async move { Ok(store::due_before(scope, now(), 10).await?.len()) }))
        .await;
    test.check("completed_in", |scope| {
        Box::pin(async move {
            let ever = TimeRange { start: chrono::DateTime::UNIX_EPOCH, end: now() };
            Ok(store::completed_in(scope, ever, 10).await?.len())
        })
    })
    .await;
    test.check("find", |scope| Box::pin(async move { Ok(store::find(scope, task).await?.iter().count()) })).await;
    test.check("audience", |scope| Box::pin(async move { Ok(store::audience(scope, team_task).await?.len()) })).await;
    // "exists" answers everybody whether an id of a task exists, and nothing else: it distinguishes 403 from 404.
    test.check("insert", |scope| {
        Box::pin(async move { store::insert(scope, &own(TaskId::new(), Some(team))).await.map(|()| 0) })
    })
    .await;
    test.check("insert_many", |scope| {
        Box::pin(async move { store::insert_many(scope, &[own(TaskId::new(), Some(team))]).await.map(|()| 0) })
    })
    .await;
    test.check("own_ids", |scope| Box::pin(async move { Ok(store::own_ids(scope, &[task]).await?.len()) })).await;
    test.check("update", |scope| {
        Box::pin(async move {
            let changed = Task { updated_at: now(), ..own(task, None) };
            store::update(scope, Editable::check(changed)?, seen).await.map(|_| 0)
        })
    })
    .await;
    test.check("delete", |scope| {
        Box::pin(async move { store::delete(scope, &Manageable::check(own(task, None))?).await.map(|()| 0) })
    })
    .await;
    test.check("remove_from_team", |scope| {
        Box::pin(async move {
            store::remove_from_team(scope, &Manageable::check(own(team_task, Some(team)))?).await.map(|()| 0)
        })
    })
    .await;
    test.check("reassign", |scope| {
        Box::pin(async move { store::reassign(scope, team, grace, ada, now()).await.map(|()| 0) })
    })
    .await;
    test.check("share_counts", |scope| Box::pin(async move { Ok(store::share_counts(scope, &[task]).await?.len()) }))
        .await;
    test.check("count", |scope| {
        Box::pin(async move {
            let sort = Sort::Due;
            let page = PageRequest::from_params(&mut Validator::new(), None, None, SortKey::start(sort))?;
            let (status, due) = (Some(TaskStatus::Pending), None);
            let count =
                store::count(scope, &TaskQuery { source: TaskSource::Changeable, status, due, sort, page }, 100)
                    .await?;
            Ok(count as usize)
        })
    })
    .await;
    test.check("sharers", |scope| Box::pin(async move { Ok(store::sharers(scope, &[graces_task]).await?.len()) }))
        .await;
}
