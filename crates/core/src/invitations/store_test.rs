use super::{Invitation, store};
use tallyboard_db::{
    isolation_test::{self, IsolationTest},
    now,
};
use tallyboard_model::{
    id::InvitationId,
    list::{ListQuery, PageRequest},
    permissions::Role,
};

#[tokio::test]
async fn a_stranger_gets_nothing_from_any_function() {
    isolation_test::assert_covers_every_function(env!("CARGO_MANIFEST_DIR"), "invitations");
    let test = IsolationTest::start().await;
    let (team, ada, id) = (test.team, test.ada, test.invitation);
    test.check("insert", |scope| {
        Box::pin(async move {
            let now = now();
            let new = Invitation {
                id: InvitationId::new(),
                team_id: team,
                role: Role::Admin,
                single_use: true,
                email: None,
                uses: 0,
                created_by: ada,
                created_at: now,
                expires_at: now,
            };
            store::insert(scope, &new, &"c".repeat(64)).await.map(|()| 0)
        })
    })
    .await;
    test.check("count_valid", |scope| {
        Box::pin(async move { Ok(usize::try_from(store::count_valid(scope, team, now()).await?).unwrap_or_default()) })
    })
    .await;
    test.check("list", |scope| {
        Box::pin(async move { Ok(store::list(scope, team, &PageRequest::parse(&ListQuery::default())?).await?.len()) })
    })
    .await;
    test.check("exists", |scope| Box::pin(async move { Ok(usize::from(store::exists(scope, team, id).await?)) })).await;
    test.check("uses", |scope| {
        Box::pin(
            async move { Ok(store::uses(scope, team, id, &PageRequest::parse(&ListQuery::default())?).await?.len()) },
        )
    })
    .await;
    test.check("revoke", |scope| Box::pin(async move { store::revoke(scope, team, id, now()).await.map(|_| 0) })).await;
}
