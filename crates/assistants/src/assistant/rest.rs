//! REST handlers of asking the assistant, and of adding a message, which may be a command.

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::service::{self, Exchange, Place};
use tallyboard_base::http::{Id, Json, JsonBody, NoQuery};
use tallyboard_core::{app::AppState, auth::CanWrite, chat};
use tallyboard_model::{
    chat::{Message, MessageRole, NewMessage},
    error::{ErrorResponses, Result},
    id::ConversationId,
};

/// `/api/conversations/{id}/ask`, `/stop`
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(create_message)).routes(routes!(ask)).routes(routes!(stop))
}

/// A question.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Question {
    /// 1-10,000 characters after trimming; a command when it begins with `/`.
    #[schema(
        min_length = 1,
        max_length = 10000,
        pattern = r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]*[^\s\x00-\x1f\x7f-\xa0\xad\u2000-\u206f][^\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]*$"
    )]
    content: String,
}

/// Adds a message; `role` names its author. One of the user that begins with `/` is a command, and its answer is added,
/// too.
#[utoipa::path(post, path = "/api/conversations/{id}/messages", tag = "Conversations",
    params(("id" = ConversationId, Path)), request_body = NewMessage,
    responses((status = 201, body = Message), ErrorResponses))]
async fn create_message(
    State(app): State<AppState>,
    CanWrite(user): CanWrite,
    Id(id): Id<ConversationId>,
    _: NoQuery,
    JsonBody(new): JsonBody<NewMessage>,
) -> Result<(StatusCode, Json<Message>)> {
    if new.role == MessageRole::User && service::is_command(&new.content) {
        let Exchange { question, .. } = service::ask(&app, &user, Place::After(id), &new.content).await?;
        return Ok((StatusCode::CREATED, Json(question)));
    }
    let scopes = app.db.scope(&user);
    let message = scopes.write(|scope| Box::pin(chat::service::add_message(scope, id, new.clone()))).await?;
    Ok((StatusCode::CREATED, Json(message)))
}

/// Asks the assistant. Answers the message that is being written: a command's is complete, a model's has an empty content
/// and comes in pieces over the WebSocket (`message_delta`, then `message_created`). What deletes something, replaces
/// words, or shows words to other people waits for the user's click in the browser.
#[utoipa::path(post, path = "/api/conversations/{id}/ask", tag = "Conversations",
    params(("id" = ConversationId, Path)), request_body = Question,
    responses((status = 202, body = Message), ErrorResponses))]
async fn ask(
    State(app): State<AppState>,
    CanWrite(user): CanWrite,
    Id(id): Id<ConversationId>,
    _: NoQuery,
    JsonBody(question): JsonBody<Question>,
) -> Result<(StatusCode, Json<Message>)> {
    let Exchange { answer, .. } = service::ask(&app, &user, Place::After(id), &question.content).await?;
    Ok((StatusCode::ACCEPTED, Json(answer)))
}

/// Stops the answer that is being written; no error when there is none.
#[utoipa::path(post, path = "/api/conversations/{id}/stop", tag = "Conversations",
    params(("id" = ConversationId, Path)), responses((status = 204), ErrorResponses))]
async fn stop(
    State(app): State<AppState>,
    CanWrite(user): CanWrite,
    Id(id): Id<ConversationId>,
    _: NoQuery,
) -> Result<StatusCode> {
    service::stop(&app, &user, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
