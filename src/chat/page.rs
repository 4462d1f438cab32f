//! The page with the list of conversations.

use axum::{
    extract::{Request, State},
    response::Response,
};
use leptos::prelude::*;

use super::{listed, views::conversation_list};
use crate::{
    auth::PageUser,
    ui::{
        error_page::PageError,
        forms::{Answer, Form, FormErrors, list_query, see_other},
        list_island::ListForms,
        pager::{older_page, with_cursor},
        shell::{Page, chat_label, render},
    },
};
use tallyboard_core::{app::AppState, chat::service};
use tallyboard_model::{chat::NewConversation, language::t, list::List, paths};

/// `/chat`
pub async fn conversations(
    State(app): State<AppState>,
    PageUser(user): PageUser,
    errors: FormErrors,
    request: Request,
) -> Result<Response, PageError> {
    let query = list_query(request.uri().query())?;
    let shown = serde_urlencoded::to_string(&query).unwrap_or_default();
    let List { items, next_cursor } =
        app.db.scope(&user).read(|scope| Box::pin(service::list(scope, query.clone()))).await?;
    let rows: Vec<_> = items.into_iter().map(|item| listed::conversation(&user, item)).collect();
    let label = chat_label(app.model.is_some());
    let page = Page::of(&app, &user, label).with_islands();
    let body = move || {
        view! {
            <div class="page-head">
                <h1>{t(label)}</h1>
                // Its first message becomes its title.
                <form method="post">
                    <input type="hidden" name="form" value="create_conversation" />
                    <button class="button">{t("New conversation")}</button>
                </form>
            </div>
            {errors.message()}
            {conversation_list(&rows, &shown, &errors)}
            <ListForms />
            {older_page(with_cursor(paths::CHAT, next_cursor), t("Older conversations"))}
        }
    };
    Ok(render(&app.assets, page, body))
}

/// `POST /chat`: creates a conversation and leads to it.
pub async fn create(State(app): State<AppState>, PageUser(user): PageUser, form: Form) -> Answer {
    let new = NewConversation { title: form.option("title") };
    let conversation = app.db.scope(&user).write(|scope| Box::pin(service::create(scope, new.clone()))).await?;
    Ok(see_other(&paths::conversation(conversation.id)))
}
