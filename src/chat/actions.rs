//! Server functions of conversations: the islands call them and plain forms post to them.

#![allow(missing_docs)] // of what the macro generates for each function

use leptos::{prelude::*, server_fn::codec::GetUrl};

use tallyboard_model::{error::Error, id::ConversationId};

/// The rows of a page of conversations, as HTML.
#[server(prefix = "/api/ui", endpoint = "conversation_rows", input = GetUrl)]
pub async fn conversation_rows(limit: Option<u32>, cursor: Option<String>) -> Result<String, Error> {
    use super::{listed, views};
    use tallyboard_core::chat::service;
    use tallyboard_model::list::ListQuery;
    let (app, user) = crate::auth::server_fn_user().await?;
    let query = ListQuery { limit, cursor };
    let found = app.db.scope(&user).read(|scope| Box::pin(service::list(scope, query.clone()))).await?;
    let rows: Vec<_> = found.items.into_iter().map(|item| listed::conversation(&user, item)).collect();
    Ok(views::rows_html(&rows, &Default::default()))
}

/// Renames a conversation; an empty title removes it.
#[server(prefix = "/api/ui", endpoint = "rename_conversation")]
pub async fn rename_conversation(id: ConversationId, title: Option<String>) -> Result<(), Error> {
    use tallyboard_core::chat::service;
    use tallyboard_model::chat::ConversationPatch;
    let (app, user) = crate::auth::server_fn_user().await?;
    let patch = ConversationPatch { title: Some(title) };
    app.db.scope(&user).write(|scope| Box::pin(service::update(scope, id, patch.clone()))).await.map(drop)
}

/// Deletes a conversation and its messages.
#[server(prefix = "/api/ui", endpoint = "delete_conversation")]
pub async fn delete_conversation(id: ConversationId) -> Result<(), Error> {
    let (app, user) = crate::auth::server_fn_user().await?;
    app.db.scope(&user).write(|scope| Box::pin(tallyboard_core::chat::service::delete(scope, id))).await
}
