//! Server functions of asking the assistant: the island calls them and plain forms post to them.

#![allow(missing_docs)] // of what the macro generates for each function

use leptos::{prelude::*, server_fn::codec::GetUrl};

use tallyboard_model::{
    assistant::ListedMessage,
    error::Error,
    id::{ConversationId, MessageId},
    quick_add::{AddedTask, LinePreview},
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

/// How a task written in one line is understood. The script of the page asks while somebody types; the other fields are those of
/// [`quick_add`].
#[server(prefix = "/api/ui", endpoint = "quick_add_preview", input = GetUrl)]
pub async fn quick_add_preview(
    text: String,
    due_on: Option<String>,
    default_due_on: Option<String>,
    team_id: Option<String>,
) -> Result<LinePreview, Error> {
    use tallyboard_assistants::assistant::quick_add::{Place, preview};
    let (app, user) = crate::auth::server_fn_user().await?;
    let calendar = tallyboard_model::calendar::Calendar::at(tallyboard_db::now(), user.time_zone());
    let place = Place::read(&calendar, due_on, default_due_on, team_id)?;
    let scopes = app.db.scope(&user);
    scopes
        .read(|scope| {
            let text = text.clone();
            Box::pin(async move { preview(scope, &calendar, &text, place).await })
        })
        .await
}

/// Adds a task written in one line. `due_on` is a day that was picked: it wins over the words. `default_due_on` and `team_id` stand
/// in for a day and a team that the line doesn't name. Days are dates, or `today`.
#[server(prefix = "/api/ui", endpoint = "quick_add")]
pub async fn quick_add(
    text: String,
    due_on: Option<String>,
    default_due_on: Option<String>,
    team_id: Option<String>,
) -> Result<AddedTask, Error> {
    use tallyboard_assistants::assistant::quick_add::{Place, add, written_at};
    let (app, user) = crate::auth::server_fn_user().await?;
    let (_, parts) = crate::auth::server_fn_context()?;
    let calendar = tallyboard_model::calendar::Calendar::at(written_at(&parts.headers), user.time_zone());
    let place = Place::read(&calendar, due_on, default_due_on, team_id)?;
    let scopes = app.db.scope(&user);
    scopes
        .write(|scope| {
            let text = text.clone();
            Box::pin(async move { add(scope, &calendar, &text, place).await })
        })
        .await
}
