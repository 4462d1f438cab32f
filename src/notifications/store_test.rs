use super::{Topic, store};
use crate::db::{
    isolation_test::{self, IsolationTest},
    now,
};

#[tokio::test]
async fn a_stranger_neither_reads_nor_changes_which_mails_somebody_wants() {
    isolation_test::assert_covers_every_function("notifications");
    let test = IsolationTest::start().await;
    test.check("wanted", |scope| Box::pin(async move { Ok(store::wanted(scope).await?.len()) })).await;
    test.check("add", |scope| Box::pin(async move { store::add(scope, Topic::WeeklyReview, now()).await.map(|()| 0) }))
        .await;
    test.check("remove", |scope| Box::pin(async move { store::remove(scope, Topic::DueToday).await.map(|()| 0) }))
        .await;
}
