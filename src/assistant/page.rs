//! The page of one conversation.

use axum::{
    extract::{Request, State},
    response::Response,
};
use leptos::prelude::*;

use super::{island::MessageList, listed};
use crate::{
    auth::PageUser,
    ui::{
        error_page::PageError,
        forms::{FormErrors, list_query},
        pager::{older_page, with_cursor},
        shell::{Page, chat_label, render},
    },
};
use tallyboard_base::http::Id;
use tallyboard_core::app::AppState;
use tallyboard_model::{
    assistant::{COMMANDS, UNTITLED},
    chat::AnswerState,
    id::ConversationId,
    language::t,
    list::List,
    paths,
};

/// `/chat/{id}`
pub async fn conversation(
    State(app): State<AppState>,
    PageUser(user): PageUser,
    Id(id): Id<ConversationId>,
    errors: FormErrors,
    request: Request,
) -> Result<Response, PageError> {
    let query = list_query(request.uri().query())?;
    let (zone, has_model) = (user.time_zone(), app.model.is_some());
    let scopes = app.db.scope(&user);
    let (found, List { items: rows, next_cursor }) =
        scopes.read(|scope| Box::pin(listed::page(scope, zone, id, query.clone(), has_model))).await?;
    let label = chat_label(has_model);
    let page = Page::of(&app, &user, label).with_islands();
    let body = move || {
        let is_running = rows.iter().any(|row| row.state == Some(AnswerState::Running));
        view! {
            // Without script the page looks again until the answer is there.
            {is_running.then(|| view! { <noscript><meta http-equiv="refresh" content="2" /></noscript> })}
            <div class="talk">
                <p class="back"><a href=paths::CHAT>{t(label)}</a></p>
                {match found.title.clone() {
                    Some(title) => view! { <h1>{title}</h1> }.into_any(),
                    None => view! { <h1 id=UNTITLED>{t("Untitled")}</h1> }.into_any(),
                }}
                <details class="commands-help">
                    <summary class="quiet">{t("Commands")}</summary>
                    <ul>{COMMANDS.iter().map(|(written, what)| view! { <li><code>{*written}</code>" "{t(what)}</li> }).collect_view()}</ul>
                    <p class="hint">{t("For the day, use today, tomorrow, a weekday like fri, or a date like 2026-12-24. For the task, use words from its title.")}</p>
                </details>
                {(!has_model).then(|| view! {
                    <p class="hint">{t("Only commands work: this server has no AI model yet.")}</p>
                })}
                {errors.message()}
                {older_page(with_cursor(&paths::conversation(id), next_cursor), t("Older messages"))}
                <MessageList
                    conversation=id
                    initial=rows
                    newest=query.cursor.is_none()
                    has_model
                    typed=errors.of("ask").input("content").unwrap_or_default()
                />
            </div>
        }
    };
    Ok(render(&app.assets, page, body))
}
