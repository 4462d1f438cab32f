use super::{AccountChange, MailKind, store};
use tallyboard_db::{
    isolation_test::{self, IsolationTest},
    now,
};

#[tokio::test]
async fn a_stranger_mails_nobody_elses_invitation() {
    isolation_test::assert_covers_every_function(env!("CARGO_MANIFEST_DIR"), "mail/outbox");
    let test = IsolationTest::start().await;
    let invitation = test.invitation;
    test.check("insert_invitation", |scope| {
        Box::pin(async move { store::insert_invitation(scope, invitation, now()).await.map(|()| 0) })
    })
    .await;
    test.check("insert_change", |scope| {
        let kind = MailKind::Account(AccountChange::TokenCreated);
        Box::pin(async move { store::insert_change(scope, kind, now()).await.map(|()| 0) })
    })
    .await;
}
