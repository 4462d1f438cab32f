//! The page of tasks: filters and search as plain links and a plain form, the list as an island.

use axum::{
    extract::{Request, State},
    response::Response,
};
use leptos::prelude::*;

use super::{Shared, TaskFilter, TaskStatus, list::TaskList, row, service};
use crate::{
    app::{App, Page, PageError, PageUser, render},
    http::parse_query,
    paths,
    ui::forms::Refused,
};

/// `/tasks`
pub async fn tasks(State(app): State<App>, PageUser(user): PageUser, request: Request) -> Result<Response, PageError> {
    let query = request.uri().query().unwrap_or_default().to_owned();
    let filter = filter_of(&query)?;
    let asked = filter.clone();
    let found = app.db.scope(&user).read(move |scope| Box::pin(service::list(scope, asked.clone()))).await?;
    let rows: Vec<_> = found.items.into_iter().map(|task| row::listed(&user, task)).collect();
    let older = found.next_cursor.map(|cursor| link_to(&TaskFilter { cursor: Some(cursor), ..filter.clone() }));
    let page = Page { title: "Tasks", user: Some(user), islands: true };
    let body = move || {
        let refused = Refused::from_query(Some(&query));
        let message = refused.error.as_ref().map(ToString::to_string);
        view! {
            <div class="page-head">
                <h1>"Tasks"</h1>
                {search_form(&filter)}
            </div>
            {tabs(&filter)}
            {message.map(|message| view! { <p class="alert" role="alert">{message}</p> })}
            <TaskList
                initial=rows.clone()
                typed=refused.typed("title").unwrap_or_default()
                may_add=filter.shared.is_none()
                empty=words_for_none(&filter).to_owned()
            />
            {older.clone().map(|href| view! { <p class="pager"><a class="button" href=href>"Older tasks"</a></p> })}
        }
    };
    Ok(render(&app, request, page, body).await)
}

/// The filter in the address; what a refused form left there is not part of it.
fn filter_of(query: &str) -> Result<TaskFilter, PageError> {
    let known = ["status", "team_id", "shared", "q", "limit", "cursor"];
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap_or_default();
    let pairs: Vec<_> = pairs.into_iter().filter(|(name, _)| known.contains(&name.as_str())).collect();
    Ok(parse_query(&serde_urlencoded::to_string(pairs).unwrap_or_default())?)
}

fn link_to(filter: &TaskFilter) -> String {
    let query = serde_urlencoded::to_string(filter).unwrap_or_default();
    if query.is_empty() { paths::TASKS.to_owned() } else { format!("{}?{query}", paths::TASKS) }
}

fn tabs(filter: &TaskFilter) -> impl IntoView + use<> {
    let tab = |label: &'static str, status: Option<TaskStatus>, shared: Option<Shared>| {
        let here = filter.status == status && filter.shared == shared;
        let target =
            TaskFilter { status, shared, q: filter.q.clone(), team_id: filter.team_id, ..TaskFilter::default() };
        view! { <a href=link_to(&target) aria-current=here.then_some("page")>{label}</a> }
    };
    view! {
        <nav class="tabs" aria-label="Filter">
            {tab("All", None, None)} {tab("Pending", Some(TaskStatus::Pending), None)}
            {tab("Completed", Some(TaskStatus::Completed), None)} {tab("Shared with me", None, Some(Shared::WithMe))}
        </nav>
    }
}

fn search_form(filter: &TaskFilter) -> impl IntoView + use<> {
    let kept = [
        ("status", filter.status.map(|status| status.as_str().to_owned())),
        ("shared", filter.shared.map(|_| "with_me".to_owned())),
        ("team_id", filter.team_id.map(|team| team.to_string())),
    ];
    let kept = kept.into_iter().filter_map(|(name, value)| value.map(|value| (name, value)));
    view! {
        <form class="search" role="search" action=paths::TASKS>
            {kept.map(|(name, value)| view! { <input type="hidden" name=name value=value /> }).collect_view()}
            <label class="visually-hidden" for="q">"Search tasks"</label>
            <input id="q" name="q" type="search" placeholder="Search" maxlength="200" value=filter.q.clone() />
            <button class="quiet">"Search"</button>
        </form>
    }
}

fn words_for_none(filter: &TaskFilter) -> &'static str {
    match (&filter.q, filter.shared, filter.status) {
        (Some(_), ..) => "Nothing found. Try other words.",
        (_, Some(_), _) => "Nobody has shared a task with you yet.",
        (.., Some(TaskStatus::Pending)) => "Nothing to do. Well done!",
        (.., Some(TaskStatus::Completed)) => "Nothing is done yet.",
        _ => "No tasks yet. Write the first one above.",
    }
}
