use super::{Conversation, Message, Speaker, store};
use crate::{
    db::{now, stranger},
    id::{ConversationId, MessageId},
    list::{ListQuery, Window},
};

#[tokio::test]
async fn a_stranger_gets_nothing_from_any_function() {
    stranger::names_every_function("chat");
    let stage = stranger::Stage::set().await;
    let (id, ada) = (stage.conversation, stage.ada);
    let changed = move |id| Conversation {
        id,
        user_id: ada,
        title: Some("Changed".to_owned()),
        created_at: now(),
        updated_at: now(),
    };
    stage
        .check("list", |scope| {
            Box::pin(async move { Ok(store::list(scope, &Window::of(&ListQuery::default())?).await?.len()) })
        })
        .await;
    stage.check("find", |scope| Box::pin(async move { Ok(store::find(scope, id).await?.iter().count()) })).await;
    // "exists" says that a conversation is there to anybody, and nothing else: what tells 403 from 404.
    stage
        .check("insert", |scope| {
            Box::pin(async move { store::insert(scope, &changed(ConversationId::new())).await.map(|()| 0) })
        })
        .await;
    stage.check("update", |scope| Box::pin(async move { store::update(scope, &changed(id)).await.map(|()| 0) })).await;
    stage.check("delete", |scope| Box::pin(async move { store::delete(scope, id).await.map(|()| 0) })).await;
    stage
        .check("messages", |scope| {
            Box::pin(async move { Ok(store::messages(scope, id, &Window::of(&ListQuery::default())?).await?.len()) })
        })
        .await;
    stage
        .check("insert_message", |scope| {
            Box::pin(async move {
                let (message, content) = (MessageId::new(), "Hello".to_owned());
                let said = Message {
                    id: message,
                    conversation_id: id,
                    user_id: ada,
                    role: Speaker::User,
                    content,
                    created_at: now(),
                };
                store::insert_message(scope, &said).await.map(|()| 0)
            })
        })
        .await;
}
