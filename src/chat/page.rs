//! The pages of conversations: the list, and one conversation.

use axum::{
    extract::{Request, State},
    response::Response,
};
use leptos::prelude::*;

use super::{
    island::{ConversationList, MessageList},
    listed, service,
};
use crate::{
    app::AppState,
    auth::PageUser,
    http::Id,
    id::ConversationId,
    list::List,
    paths,
    ui::{
        error_page::PageError,
        forms::{FormErrors, list_query},
        pager::{older_page, with_cursor},
        shell::{Page, render},
    },
};

/// `/chat`
pub async fn conversations(
    State(app): State<AppState>,
    PageUser(user): PageUser,
    errors: FormErrors,
    request: Request,
) -> Result<Response, PageError> {
    let query = list_query(request.uri().query())?;
    let List { items, next_cursor } =
        app.db.scope(&user).read(|scope| Box::pin(service::list(scope, query.clone()))).await?;
    let rows: Vec<_> = items.into_iter().map(|item| listed::conversation(&user, item)).collect();
    let page = Page { title: "Chat", user_name: Some(user.name().to_owned()), islands: true };
    let body = move || {
        view! {
            <h1>"Chat"</h1>
            {errors.message()}
            <form class="add add-team" method="post" action="/api/ui/create_conversation">
                <label class="visually-hidden" for="title">"Title of the new conversation"</label>
                <input
                    id="title"
                    name="title"
                    placeholder="What is it about?"
                    maxlength="200"
                    autocomplete="off"
                    value=errors.input("title")
                />
                <button class="button">"New conversation"</button>
            </form>
            <ConversationList initial=rows.clone() newest=query.cursor.is_none() />
            {older_page(with_cursor(paths::CHAT, next_cursor.clone()), "Older conversations")}
        }
    };
    Ok(render(&app.assets, request, page, body).await)
}

/// `/chat/{id}`
pub async fn conversation(
    State(app): State<AppState>,
    PageUser(user): PageUser,
    Id(id): Id<ConversationId>,
    errors: FormErrors,
    request: Request,
) -> Result<Response, PageError> {
    let query = list_query(request.uri().query())?;
    let read = app.db.scope(&user);
    let (found, List { items, next_cursor }) =
        read.read(|scope| Box::pin(service::conversation_page(scope, id, query.clone()))).await?;
    // The newest message comes last, next to the form.
    let rows: Vec<_> = items.into_iter().rev().map(|item| listed::message(&user, item)).collect();
    let page = Page { title: "Chat", user_name: Some(user.name().to_owned()), islands: true };
    let body = move || {
        view! {
            <p class="back"><a href=paths::CHAT>"Chat"</a></p>
            <h1>{found.title.clone().unwrap_or_else(|| "Untitled".to_owned())}</h1>
            {errors.message()}
            {older_page(with_cursor(&paths::conversation(id), next_cursor.clone()), "Older messages")}
            <MessageList
                conversation=id
                initial=rows.clone()
                newest=query.cursor.is_none()
                typed=errors.input("content").unwrap_or_default() />
        }
    };
    Ok(render(&app.assets, request, page, body).await)
}
