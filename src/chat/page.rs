//! The pages of conversations: all of mine, and one.

use axum::{
    extract::{Request, State},
    response::Response,
};
use leptos::prelude::*;

use super::{
    board::{ConversationBoard, MessageBoard},
    row, service,
};
use crate::{
    app::{App, Page, PageError, PageUser, render},
    http::Id,
    id::ConversationId,
    list::List,
    paths,
    ui::forms::{Refused, list_query},
};

/// `/chat`
pub async fn conversations(
    State(app): State<App>,
    PageUser(user): PageUser,
    request: Request,
) -> Result<Response, PageError> {
    let query = request.uri().query().map(str::to_owned);
    let asked = list_query(query.as_deref())?;
    let List { items, next_cursor } =
        app.db.scope(&user).read(|scope| Box::pin(service::list(scope, asked.clone()))).await?;
    let rows: Vec<_> = items.into_iter().map(|item| row::conversation(&user, item)).collect();
    let page = Page { title: "Chat", user: Some(user), islands: true };
    let body = move || {
        let refused = Refused::from_query(query.as_deref());
        view! {
            <h1>"Chat"</h1>
            {refused.message()}
            <form class="add add-team" method="post" action="/api/ui/create_conversation">
                <label class="visually-hidden" for="title">"Title of the new conversation"</label>
                <input
                    id="title"
                    name="title"
                    placeholder="What is it about?"
                    maxlength="200"
                    autocomplete="off"
                    value=refused.typed("title")
                />
                <button class="button">"New conversation"</button>
            </form>
            <ConversationBoard initial=rows.clone() newest=asked.cursor.is_none() />
            {older(paths::CHAT, next_cursor.clone(), "Older conversations")}
        }
    };
    Ok(render(&app, request, page, body).await)
}

/// `/chat/{id}`
pub async fn conversation(
    State(app): State<App>,
    PageUser(user): PageUser,
    Id(id): Id<ConversationId>,
    request: Request,
) -> Result<Response, PageError> {
    let query = request.uri().query().map(str::to_owned);
    let asked = list_query(query.as_deref())?;
    let read = app.db.scope(&user);
    let (found, List { items, next_cursor }) =
        read.read(|scope| Box::pin(service::conversation_page(scope, id, asked.clone()))).await?;
    // The newest comes last, where one writes.
    let rows: Vec<_> = items.into_iter().rev().map(|item| row::message(&user, item)).collect();
    let page = Page { title: "Chat", user: Some(user), islands: true };
    let body = move || {
        let refused = Refused::from_query(query.as_deref());
        view! {
            <p class="back"><a href=paths::CHAT>"Chat"</a></p>
            <h1>{found.title.clone().unwrap_or_else(|| "Untitled".to_owned())}</h1>
            {refused.message()}
            {older(&paths::conversation(id), next_cursor.clone(), "Older messages")}
            <MessageBoard
                conversation=id
                initial=rows.clone()
                newest=asked.cursor.is_none()
                typed=refused.typed("content").unwrap_or_default() />
        }
    };
    Ok(render(&app, request, page, body).await)
}

fn older(path: &str, cursor: Option<String>, label: &'static str) -> impl IntoView + use<> {
    let path = path.to_owned();
    cursor.map(|cursor| {
        let query = serde_urlencoded::to_string([("cursor", cursor)]).unwrap_or_default();
        view! { <p class="pager"><a class="button" href=format!("{path}?{query}")>{label}</a></p> }
    })
}
