use super::{Conversation, Message, MessageRole, store};
use crate::{
    db::{
        isolation_test::{self, IsolationTest},
        now,
    },
    id::{ConversationId, MessageId},
    list::{ListQuery, PageRequest},
};

#[tokio::test]
async fn a_stranger_gets_nothing_from_any_function() {
    isolation_test::assert_covers_every_function("chat");
    let test = IsolationTest::start().await;
    let (id, ada) = (test.conversation, test.ada);
    let changed = move |id| Conversation {
        id,
        user_id: ada,
        title: Some("Changed".to_owned()),
        created_at: now(),
        updated_at: now(),
    };
    test.check("list", |scope| {
        Box::pin(async move { Ok(store::list(scope, &PageRequest::parse(&ListQuery::default())?).await?.len()) })
    })
    .await;
    test.check("find", |scope| Box::pin(async move { Ok(store::find(scope, id).await?.iter().count()) })).await;
    // "exists" answers everybody whether an id of a conversation exists, and nothing else: it distinguishes 403 from 404.
    test.check("insert", |scope| {
        Box::pin(async move { store::insert(scope, &changed(ConversationId::new())).await.map(|()| 0) })
    })
    .await;
    test.check("update", |scope| Box::pin(async move { store::update(scope, &changed(id)).await.map(|()| 0) })).await;
    test.check("delete", |scope| Box::pin(async move { store::delete(scope, id).await.map(|()| 0) })).await;
    test.check("messages", |scope| {
        Box::pin(
            async move { Ok(store::messages(scope, id, &PageRequest::parse(&ListQuery::default())?).await?.len()) },
        )
    })
    .await;
    test.check("insert_message", |scope| {
        Box::pin(async move {
            let (message, content) = (MessageId::new(), "Hello".to_owned());
            let said = Message {
                id: message,
                conversation_id: id,
                user_id: ada,
                role: MessageRole::User,
                content,
                created_at: now(),
            };
            store::insert_message(scope, &said).await.map(|()| 0)
        })
    })
    .await;
}
