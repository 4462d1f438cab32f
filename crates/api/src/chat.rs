//! REST handlers of conversations and messages.

use axum::{extract::State, http::StatusCode};
use utoipa_axum::{router::OpenApiRouter, routes};

use tallyboard_base::http::{Id, Json, JsonBody, List, NoQuery, Query};
use tallyboard_core::{
    app::AppState,
    auth::{CanRead, CanWrite},
    chat::service,
};
use tallyboard_model::{
    chat::{Conversation, ConversationPatch, Message, NewConversation},
    error::{ErrorResponses, Result},
    id::ConversationId,
    list::ListQuery,
};

/// `/api/conversations…`; what adds a message is in the room `assistant`.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_conversations, create_conversation))
        .routes(routes!(read_conversation, update_conversation, delete_conversation))
        .routes(routes!(list_messages))
}

/// The user's conversations, newest first.
#[utoipa::path(get, path = "/api/conversations", tag = "Conversations", params(ListQuery),
    responses((status = 200, body = List<Conversation>), ErrorResponses))]
async fn list_conversations(
    State(app): State<AppState>,
    CanRead(user): CanRead,
    Query(query): Query<ListQuery>,
) -> Result<Json<List<Conversation>>> {
    Ok(Json(app.db.scope(&user).read(|scope| Box::pin(service::list(scope, query.clone()))).await?))
}

/// Creates a conversation.
#[utoipa::path(post, path = "/api/conversations", tag = "Conversations", request_body = NewConversation,
    responses((status = 201, body = Conversation), ErrorResponses))]
async fn create_conversation(
    State(app): State<AppState>,
    CanWrite(user): CanWrite,
    _: NoQuery,
    JsonBody(new): JsonBody<NewConversation>,
) -> Result<(StatusCode, Json<Conversation>)> {
    let made = app.db.scope(&user).write(|scope| Box::pin(service::create(scope, new.clone()))).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// One conversation.
#[utoipa::path(get, path = "/api/conversations/{id}", tag = "Conversations", params(("id" = ConversationId, Path)),
    responses((status = 200, body = Conversation), ErrorResponses))]
async fn read_conversation(
    State(app): State<AppState>,
    CanRead(user): CanRead,
    Id(id): Id<ConversationId>,
    _: NoQuery,
) -> Result<Json<Conversation>> {
    Ok(Json(app.db.scope(&user).read(|scope| Box::pin(service::get(scope, id))).await?))
}

/// Renames a conversation; null clears the title.
#[utoipa::path(patch, path = "/api/conversations/{id}", tag = "Conversations", params(("id" = ConversationId, Path)),
    request_body = ConversationPatch, responses((status = 200, body = Conversation), ErrorResponses))]
async fn update_conversation(
    State(app): State<AppState>,
    CanWrite(user): CanWrite,
    Id(id): Id<ConversationId>,
    _: NoQuery,
    JsonBody(patch): JsonBody<ConversationPatch>,
) -> Result<Json<Conversation>> {
    Ok(Json(app.db.scope(&user).write(|scope| Box::pin(service::update(scope, id, patch.clone()))).await?))
}

/// Deletes a conversation and all its messages.
#[utoipa::path(delete, path = "/api/conversations/{id}", tag = "Conversations", params(("id" = ConversationId, Path)),
    responses((status = 204), ErrorResponses))]
async fn delete_conversation(
    State(app): State<AppState>,
    CanWrite(user): CanWrite,
    Id(id): Id<ConversationId>,
    _: NoQuery,
) -> Result<StatusCode> {
    app.db.scope(&user).write(|scope| Box::pin(service::delete(scope, id))).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The messages of a conversation, newest first.
#[utoipa::path(get, path = "/api/conversations/{id}/messages", tag = "Conversations",
    params(("id" = ConversationId, Path), ListQuery), responses((status = 200, body = List<Message>), ErrorResponses))]
async fn list_messages(
    State(app): State<AppState>,
    CanRead(user): CanRead,
    Id(id): Id<ConversationId>,
    Query(query): Query<ListQuery>,
) -> Result<Json<List<Message>>> {
    Ok(Json(app.db.scope(&user).read(|scope| Box::pin(service::messages(scope, id, query.clone()))).await?))
}
