use super::store;
use tallyboard_db::{
    isolation_test::{self, IsolationTest},
    now,
};
use tallyboard_model::{
    id::NotificationId,
    list::{ListQuery, PageRequest},
    notifications::{
        NotificationEvent, Topic,
        topics::{Channels, NotificationTarget},
    },
};

#[tokio::test]
async fn a_stranger_neither_reads_nor_changes_somebodys_notifications() {
    isolation_test::assert_covers_every_function(env!("CARGO_MANIFEST_DIR"), "notifications");
    let test = IsolationTest::start().await;
    let (notification, grace, task) = (test.notification, test.grace, test.task);
    let by_mail = Channels { on_page: false, in_browser: false, by_mail: true };
    test.check("choices", |scope| Box::pin(async move { Ok(store::choices(scope).await?.len()) })).await;
    test.check("set_choice", |scope| {
        Box::pin(async move { store::set_choice(scope, Topic::WeeklyReview, by_mail, Some(now())).await.map(|()| 0) })
    })
    .await;
    test.check("turn_on_page", |scope| {
        Box::pin(async move { store::turn_on_page(scope, Topic::SharedWithMe).await.map(|()| 0) })
    })
    .await;
    test.check("set_offered", |scope| Box::pin(async move { store::set_offered(scope, now()).await.map(|()| 0) }))
        .await;
    test.check("remove_choice", |scope| {
        Box::pin(async move { store::remove_choice(scope, Topic::DueToday).await.map(|()| 0) })
    })
    .await;
    test.check("insert", |scope| {
        Box::pin(async move {
            let (id, event, about) =
                (NotificationId::new(), NotificationEvent::TaskShared, NotificationTarget::Task(task));
            let delivered = store::insert(scope, id, grace, event, about, None, now(), now()).await?;
            Ok(usize::from(delivered.is_some()))
        })
    })
    .await;
    test.check("list", |scope| {
        Box::pin(async move { Ok(store::list(scope, &PageRequest::parse(&ListQuery::default())?).await?.len()) })
    })
    .await;
    test.check("count_unread", |scope| Box::pin(async move { Ok(store::count_unread(scope).await? as usize) })).await;
    test.check("newest_unread", |scope| {
        Box::pin(async move { Ok(usize::from(store::newest_unread(scope).await?.is_some())) })
    })
    .await;
    test.check("mark_read", |scope| {
        Box::pin(async move { store::mark_read(scope, Some(notification), now()).await.map(|()| 0) })
    })
    .await;
    test.check("waits_for_mail", |scope| {
        Box::pin(async move { store::waits_for_mail(scope, notification).await.map(usize::from) })
    })
    .await;
    test.check("waiting_for_mail", |scope| {
        Box::pin(async move { Ok(store::waiting_for_mail(scope, 10).await?.len()) })
    })
    .await;
    test.check("end_waiting_mails", |scope| {
        Box::pin(async move { store::end_waiting_mails(scope, Topic::DueToday).await.map(|()| 0) })
    })
    .await;
    test.check("mark_mailed", |scope| {
        Box::pin(async move { store::mark_mailed(scope, &[notification]).await.map(|()| 0) })
    })
    .await;
}
