use super::{SentInvitation, store};
use tallyboard_db::{
    isolation_test::{self, IsolationTest},
    now,
};
use tallyboard_model::{
    id::ReceivedInvitationId,
    list::{ListQuery, PageRequest},
};

#[tokio::test]
async fn a_stranger_sees_and_answers_no_invitation_of_others() {
    isolation_test::assert_covers_every_function(env!("CARGO_MANIFEST_DIR"), "received_invitations");
    let test = IsolationTest::start().await;
    let (grace, team, id) = (test.grace, test.team, test.received_invitation);
    test.check("list", |scope| {
        Box::pin(async move { Ok(store::list(scope, &PageRequest::parse(&ListQuery::default())?).await?.len()) })
    })
    .await;
    test.check("count", |scope| Box::pin(async move { Ok(store::count(scope).await? as usize) })).await;
    test.check("find", |scope| Box::pin(async move { Ok(store::find(scope, id).await?.iter().count()) })).await;
    test.check("delete", |scope| Box::pin(async move { store::delete(scope, id).await.map(usize::from) })).await;
    // An invitation promises no more than its sender may give when it is accepted.
    test.check("insert", |scope| {
        Box::pin(async move {
            let sent =
                SentInvitation { team_id: Some(team), task_id: None, access: "member".to_owned(), created_at: now() };
            store::insert(scope, ReceivedInvitationId::new(), grace, "Team", &sent).await.map(|_| 0)
        })
    })
    .await;
}
