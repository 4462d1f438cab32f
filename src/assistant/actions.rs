//! Server functions of asking the assistant: the island calls them and plain forms post to them.

#![allow(missing_docs)] // of what the macro generates for each function

use leptos::{prelude::*, server_fn::codec::GetUrl};

use tallyboard_model::{
    assistant::ListedMessage,
    error::Error,
    id::{ConversationId, MessageId},
};

/// The newest messages of a conversation, oldest first.
#[server(prefix = "/api/ui", endpoint = "messages", input = GetUrl)]
pub async fn messages(id: ConversationId) -> Result<Option<Vec<ListedMessage>>, Error> {
    use super::listed;
    let (app, user) = crate::auth::server_fn_user().await?;
    let (zone, has_model) = (user.time_zone(), app.model.is_some());
    let scopes = app.db.scope(&user);
    let page = scopes.read(|scope| Box::pin(listed::page(scope, zone, id, Default::default(), has_model)));
    tallyboard_model::error::none_if_inaccessible(page.await.map(|(_, page)| page.items))
}

/// Asks the assistant; `instead` is the question whose place the new one takes. Answers the stored question.
#[server(prefix = "/api/ui", endpoint = "ask")]
pub async fn ask(id: ConversationId, content: String, instead: Option<MessageId>) -> Result<ListedMessage, Error> {
    use super::listed;
    use tallyboard_assistants::assistant::service::{self, Place};
    let (app, user) = crate::auth::server_fn_user().await?;
    let place = instead.map_or(Place::After(id), Place::Instead);
    let asked = service::ask(&app, &user, place, &content).await?;
    Ok(listed::listed(user.time_zone(), asked.question, None, true))
}

/// Stops the answer that is being written.
#[server(prefix = "/api/ui", endpoint = "stop_answer")]
pub async fn stop_answer(id: ConversationId) -> Result<(), Error> {
    let (app, user) = crate::auth::server_fn_user().await?;
    tallyboard_assistants::assistant::service::stop(&app, &user, id).await
}

/// Says yes or no to what an answer asks.
#[server(prefix = "/api/ui", endpoint = "confirm_answer")]
pub async fn confirm_answer(answer: MessageId, yes: bool) -> Result<(), Error> {
    let (app, user) = crate::auth::server_fn_user().await?;
    tallyboard_assistants::assistant::service::confirm(&app, &user, answer, yes).await
}

/// Answers the last question once more.
#[server(prefix = "/api/ui", endpoint = "retry_answer")]
pub async fn retry_answer(answer: MessageId) -> Result<(), Error> {
    let (app, user) = crate::auth::server_fn_user().await?;
    tallyboard_assistants::assistant::service::retry(&app, &user, answer).await
}

/// A preview of a task written in one line. The script of the page asks while somebody types.
#[server(prefix = "/api/ui", endpoint = "quick_add_preview", input = GetUrl)]
pub async fn quick_add_preview(text: String) -> Result<String, Error> {
    use tallyboard_assistants::assistant::quick_add::preview;
    let (app, user) = crate::auth::server_fn_user().await?;
    let zone = user.time_zone();
    app.db.scope(&user).read(|scope| Box::pin(preview(scope, zone, text.clone()))).await
}

/// Adds a task written in one line; returns a sentence about it.
#[server(prefix = "/api/ui", endpoint = "quick_add")]
pub async fn quick_add(text: String) -> Result<String, Error> {
    use tallyboard_assistants::assistant::quick_add::{add, written_at};
    let (app, user) = crate::auth::server_fn_user().await?;
    let (_, parts) = crate::auth::server_fn_context()?;
    let calendar = tallyboard_model::calendar::Calendar::at(written_at(&parts.headers), user.time_zone());
    app.db.scope(&user).write(|scope| Box::pin(add(scope, calendar, text.clone()))).await
}
