//! Conversations for the browser: server functions that the lists call and that plain forms post to.

#![allow(missing_docs)] // of what the macro makes around each function

use leptos::{prelude::*, server_fn::codec::GetUrl};

use super::{ListedConversation, ListedMessage};
use crate::{error::Error, id::ConversationId};

/// The newest conversations.
#[server(prefix = "/api/ui", endpoint = "conversations", input = GetUrl)]
pub async fn conversations() -> Result<Option<Vec<ListedConversation>>, Error> {
    use super::{row, service};
    let (app, user) = crate::auth::caller().await?;
    let found = app.db.scope(&user).read(|scope| Box::pin(service::list(scope, Default::default()))).await?;
    Ok(Some(found.items.into_iter().map(|item| row::conversation(&user, item)).collect()))
}

/// The newest messages of a conversation, oldest first.
#[server(prefix = "/api/ui", endpoint = "messages", input = GetUrl)]
pub async fn messages(id: ConversationId) -> Result<Option<Vec<ListedMessage>>, Error> {
    use super::{row, service};
    let (app, user) = crate::auth::caller().await?;
    let found = app.db.scope(&user).read(|scope| Box::pin(service::messages(scope, id, Default::default()))).await;
    crate::error::none_if_gone(
        found.map(|page| page.items.into_iter().rev().map(|item| row::message(&user, item)).collect()),
    )
}

/// Begins a conversation and goes to it.
#[server(prefix = "/api/ui", endpoint = "create_conversation")]
pub async fn create_conversation(title: Option<String>) -> Result<(), Error> {
    use super::{NewConversation, service};
    let (app, user) = crate::auth::caller().await?;
    let new = NewConversation { title };
    let made = app.db.scope(&user).write(|scope| Box::pin(service::create(scope, new.clone()))).await?;
    leptos_axum::redirect(&crate::paths::conversation(made.id));
    Ok(())
}

/// Gives a conversation another title; empty: none.
#[server(prefix = "/api/ui", endpoint = "rename_conversation")]
pub async fn rename_conversation(id: ConversationId, title: Option<String>) -> Result<ListedConversation, Error> {
    use super::{ConversationPatch, row, service};
    let (app, user) = crate::auth::caller().await?;
    let patch = ConversationPatch { title: Some(title) };
    let renamed = app.db.scope(&user).write(|scope| Box::pin(service::update(scope, id, patch.clone()))).await?;
    Ok(row::conversation(&user, renamed))
}

/// Deletes a conversation and its messages.
#[server(prefix = "/api/ui", endpoint = "delete_conversation")]
pub async fn delete_conversation(id: ConversationId) -> Result<(), Error> {
    let (app, user) = crate::auth::caller().await?;
    app.db.scope(&user).write(|scope| Box::pin(super::service::delete(scope, id))).await
}

/// Says something.
#[server(prefix = "/api/ui", endpoint = "say")]
pub async fn say(id: ConversationId, content: String) -> Result<ListedMessage, Error> {
    use super::{NewMessage, Speaker, row, service};
    let (app, user) = crate::auth::caller().await?;
    let new = NewMessage { role: Speaker::User, content };
    let message = app.db.scope(&user).write(|scope| Box::pin(service::say(scope, id, new.clone()))).await?;
    Ok(row::message(&user, message))
}
