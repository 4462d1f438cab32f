#![allow(clippy::unwrap_used)]

use chrono::TimeDelta;

use super::{
    answer::{Answer, Tokens},
    store,
};
use tallyboard_db::{
    isolation_test::{self, IsolationTest},
    now,
};
use tallyboard_model::{
    chat::{AnswerState, Conversation, Message, MessageRole},
    id::{ConversationId, MessageId},
    list::{ListQuery, PageRequest},
};

#[tokio::test]
async fn a_stranger_gets_nothing_from_any_function() {
    isolation_test::assert_covers_every_function(env!("CARGO_MANIFEST_DIR"), "chat");
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
    test.check("insert_many", |scope| {
        Box::pin(async move { store::insert_many(scope, &[changed(ConversationId::new())]).await.map(|()| 0) })
    })
    .await;
    test.check("own_ids", |scope| Box::pin(async move { Ok(store::own_ids(scope, &[id]).await?.len()) })).await;
    test.check("update", |scope| Box::pin(async move { store::update(scope, &changed(id)).await.map(|()| 0) })).await;
    test.check("delete", |scope| Box::pin(async move { store::delete(scope, id).await.map(|()| 0) })).await;
    test.check("messages", |scope| {
        Box::pin(
            async move { Ok(store::messages(scope, id, &PageRequest::parse(&ListQuery::default())?).await?.len()) },
        )
    })
    .await;
    let said = move || Message {
        id: MessageId::new(),
        conversation_id: id,
        user_id: ada,
        role: MessageRole::User,
        content: "Hello".to_owned(),
        created_at: now(),
    };
    test.check("insert_message", |scope| {
        Box::pin(async move { store::insert_message(scope, &said()).await.map(|()| 0) })
    })
    .await;
    test.check("insert_messages", |scope| {
        Box::pin(async move { store::insert_messages(scope, &[said()]).await.map(|()| 0) })
    })
    .await;
    test.check("touch", |scope| Box::pin(async move { store::touch(scope, &said(), now()).await.map(|()| 0) })).await;
}

#[tokio::test]
async fn a_stranger_gets_no_answer_from_any_function() {
    let test = IsolationTest::start().await;
    let (id, question, ada) = (test.conversation, test.message, test.ada);
    let early = now() - TimeDelta::days(1);
    let answer = move |state| {
        let content = String::new();
        let role = MessageRole::User;
        let asked = Message { id: question, conversation_id: id, user_id: ada, role, content, created_at: now() };
        Answer { id: question, state, ..Answer::to(&asked) }
    };
    test.check("insert_answer", |scope| {
        let new = Answer { id: MessageId::new(), ..answer(AnswerState::Done) };
        Box::pin(async move { store::insert_answer(scope, &new).await.map(|()| 0) })
    })
    .await;
    test.check("save_answer", |scope| {
        Box::pin(async move {
            store::save_answer(scope, &answer(AnswerState::Done), AnswerState::Running).await.map(usize::from)
        })
    })
    .await;
    test.check("append_to_answer", |scope| {
        Box::pin(async move { store::append_to_answer(scope, question, "more", now()).await.map(usize::from) })
    })
    .await;
    test.check("find_answer", |scope| {
        Box::pin(async move { Ok(store::find_answer(scope, question).await?.iter().count()) })
    })
    .await;
    test.check("running_answer", |scope| {
        Box::pin(async move { Ok(store::running_answer(scope, id).await?.iter().count()) })
    })
    .await;
    test.check("running_answers", |scope| Box::pin(async move { Ok(store::running_answers(scope).await?.len()) }))
        .await;
    test.check("answers_since", |scope| {
        Box::pin(async move { Ok(store::answers_since(scope, id, early).await?.len()) })
    })
    .await;
    test.check("tokens_since", |scope| Box::pin(async move { Ok(store::tokens_since(scope, early).await?.len()) }))
        .await;
    test.check("add_tokens", |scope| {
        let tokens = Tokens { input: 1, output: 1 };
        Box::pin(async move { store::add_tokens(scope, now(), tokens, early).await.map(|()| 0) })
    })
    .await;
    test.check("last_question", |scope| {
        Box::pin(async move { Ok(store::last_question(scope, id).await?.iter().count()) })
    })
    .await;
    test.check("conversation_of", |scope| {
        Box::pin(async move { Ok(store::conversation_of(scope, question).await?.iter().count()) })
    })
    .await;
    test.check("delete_messages_since", |scope| {
        Box::pin(async move { store::delete_messages_since(scope, id, early).await.map(|()| 0) })
    })
    .await;
}
