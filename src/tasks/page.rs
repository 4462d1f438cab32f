//! The page of tasks: filters and search are plain links and a plain form, the list is an island.

use axum::{
    extract::{Request, State},
    response::Response,
};
use leptos::prelude::*;

use super::{
    listed,
    selection::{SelectSwitch, SelectionBar},
    views::{AddForm, TaskRows, common_parts, task_list},
};
use crate::{
    auth::PageUser,
    ui::{
        error_page::PageError,
        forms::FormErrors,
        pager::older_page,
        shell::{Page, render},
    },
};
use tallyboard_core::{
    app::AppState,
    membership::service::my_teams,
    tasks::filters::{self, SavedFilter},
};
use tallyboard_model::{
    id::TeamId,
    language::{t, t_with},
    list::List,
    membership::ListedTeam,
    paths,
    permissions::{TeamAction, role_allows},
    tasks::{Due, Shared, Sort, TaskFilter, TaskStatus},
};

/// `/tasks`
pub async fn tasks(
    State(app): State<AppState>,
    PageUser(user): PageUser,
    errors: FormErrors,
    request: Request,
) -> Result<Response, PageError> {
    let query = request.uri().query().unwrap_or_default().to_owned();
    let filter = listed::filter(&query)?;
    let asked = filter.clone();
    let zone = user.time_zone();
    let scopes = app.db.scope(&user);
    let read = scopes.read(|scope| {
        let asked = asked.clone();
        Box::pin(async move {
            let teams = my_teams(scope).await?;
            let found = listed::page(scope, zone, &teams, asked).await?;
            Ok((found, teams, filters::service::by_name(scope).await?))
        })
    });
    let (found, teams, saved) = read.await?;
    let List { items: tasks, next_cursor } = found;
    let older = next_cursor.map(|cursor| link_to(&TaskFilter { cursor: Some(cursor), ..filter.clone() }));
    let page = Page::of(&app, &user, "Tasks").with_islands();
    let editing = listed::edited_task(&query);
    let rows = TaskRows { tasks, teams: teams.clone(), query, move_to: None, editing };
    let body = move || {
        let typed = errors.input("title").unwrap_or_default();
        let add = may_add(&filter, &teams).then_some(AddForm { typed, team: filter.team_id });
        view! {
            <div class="page-head">
                <h1>{t("Tasks")}</h1>
                <SelectSwitch />
                {search_form(&filter)}
            </div>
            {team_chips(&filter, &teams)}
            {tabs(&filter)}
            {day_note(&filter)}
            {saved_filters(&filter, &saved)}
            {errors.message()}
            {task_list(&rows, add, empty_message(&filter))}
            {older_page(older, t("Older tasks"))}
            <p class="hint list-foot"><a href=paths::TRASH>{t("Trash")}</a></p>
            <SelectionBar teams=teams.clone() />
            {common_parts(&teams, listed::seconds_left_today(zone))}
        }
    };
    Ok(render(&app.assets, page, body))
}

/// The address of a page of tasks.
pub fn link_to(filter: &TaskFilter) -> String {
    let query = query_of(filter);
    if query.is_empty() { paths::TASKS.to_owned() } else { format!("{}?{query}", paths::TASKS) }
}

/// The query of a page of tasks.
pub fn query_of(filter: &TaskFilter) -> String {
    serde_urlencoded::to_string(filter).unwrap_or_default()
}

/// Whether the list has a form for a new task: not the shared tasks, and not a team that the user only views.
fn may_add(filter: &TaskFilter, teams: &[ListedTeam]) -> bool {
    let role = filter.team_id.and_then(|id| teams.iter().find(|team| team.id == id)).map(|team| team.role);
    filter.shared.is_none()
        && filter.access.is_none()
        && (filter.team_id.is_none() || role_allows(role, TeamAction::CreateTask))
}

fn team_chips(filter: &TaskFilter, teams: &[ListedTeam]) -> impl IntoView + use<> {
    let chip = |label: String, team_id: Option<TeamId>| {
        let here = filter.shared.is_none() && filter.access.is_none() && filter.team_id == team_id;
        let TaskFilter { status, sort, due, .. } = *filter;
        let target = TaskFilter { team_id, status, sort, due, ..TaskFilter::default() };
        view! { <a href=link_to(&target) aria-current=here.then_some("page")>{label}</a> }
    };
    let chips = teams.iter().map(|team| chip(team.name.clone(), Some(team.id))).collect_view();
    (!teams.is_empty()).then(|| {
        view! { <nav class="chips" aria-label=t("Whose tasks")>{chip(t("My tasks").to_owned(), None)} {chips}</nav> }
    })
}

fn tabs(filter: &TaskFilter) -> impl IntoView + use<> {
    let tab = |label: &'static str, status: Option<TaskStatus>, shared: Option<Shared>| {
        let here = filter.status == status && filter.shared == shared;
        let team_id = filter.team_id.filter(|_| shared.is_none());
        let (q, sort) = (filter.q.clone(), filter.sort);
        let target = TaskFilter { status, shared, q, team_id, sort, ..TaskFilter::default() };
        view! { <a href=link_to(&target) aria-current=here.then_some("page")>{label}</a> }
    };
    let order = move |label: &'static str, sort: Sort| {
        let here = filter.sort.unwrap_or_default() == sort;
        let target =
            TaskFilter { sort: Some(sort).filter(|sort| *sort != Sort::Newest), cursor: None, ..filter.clone() };
        view! { <a href=link_to(&target) aria-current=here.then_some("true")>{label}</a> }
    };
    view! {
        <nav class="tabs" aria-label=t("Filter")>
            {tab(t("All"), None, None)} {tab(t("Pending"), Some(TaskStatus::Pending), None)}
            {tab(t("Completed"), Some(TaskStatus::Completed), None)} {tab(t("Shared with me"), None, Some(Shared::WithMe))}
            <span class="order">
                <span>{t("Sort by")}</span>
                {order(t("Newest"), Sort::Newest)} {order(t("Date"), Sort::Due)} {order(t("Title"), Sort::Title)}
            </span>
        </nav>
    }
}

/// The days the list is limited to, with a link to all days.
fn day_note(filter: &TaskFilter) -> impl IntoView + use<> {
    let words = filter.due.map(|due| match due {
        Due::Overdue => t("Overdue"),
        Due::Today => t("Due today"),
        Due::Week => t("Due in the next 7 days"),
        Due::None => t("Without a date"),
    });
    let whose = filter.access.map(|_| t("every task you can change"));
    let note = [words, whose].into_iter().flatten().collect::<Vec<_>>().join(", ");
    (!note.is_empty()).then(|| {
        let all = link_to(&TaskFilter { due: None, access: None, cursor: None, ..filter.clone() });
        view! { <p class="hint day-note">{note}". "<a href=all>{t("Show all days")}</a></p> }
    })
}

/// The lists that the user has saved, and the form that saves this one.
fn saved_filters(filter: &TaskFilter, saved: &[SavedFilter]) -> impl IntoView + use<> {
    let shown = filters::service::first_page_query(filter.clone()).unwrap_or_default();
    let is_saved = saved.iter().any(|saved| saved.query == shown);
    let chip = |saved: &SavedFilter| {
        let SavedFilter { id, name, query, .. } = saved.clone();
        let here = query == shown;
        let delete = t_with("Delete the saved list {name}", &[("name", &name)]);
        view! {
            <span class="chip">
                <a href=format!("{}?{query}", paths::TASKS) aria-current=here.then_some("page")>{name}</a>
                <form method="post" action="/api/ui/delete_filter">
                    <input type="hidden" name="id" value=id.to_string() />
                    <button aria-label=delete>"×"</button>
                </form>
            </span>
        }
    };
    let chips = saved.iter().map(chip).collect_view();
    let form = (!shown.is_empty() && !is_saved).then(|| {
        view! {
            <details class="save-filter">
                <summary>{t("Save this list")}</summary>
                <form method="post" action="/api/ui/save_filter">
                    <input type="hidden" name="query" value=shown.clone() />
                    <input name="name" aria-label=t("Name of the list") placeholder=t("Name") maxlength="50" required autocomplete="off" />
                    <button class="quiet">{t("Save")}</button>
                </form>
            </details>
        }
    });
    (!saved.is_empty() || form.is_some()).then(|| {
        view! { <nav class="chips saved" aria-label=t("Saved lists")>{chips} {form}</nav> }
    })
}

fn search_form(filter: &TaskFilter) -> impl IntoView + use<> {
    let kept = [
        ("status", filter.status.map(|status| status.as_str().to_owned())),
        ("shared", filter.shared.map(|_| "with_me".to_owned())),
        ("team_id", filter.team_id.map(|team| team.to_string())),
        ("due", filter.due.map(|due| due.as_str().to_owned())),
        ("access", filter.access.map(|_| "change".to_owned())),
        ("sort", filter.sort.map(|sort| sort.as_str().to_owned())),
    ];
    let kept = kept.into_iter().filter_map(|(name, value)| value.map(|value| (name, value)));
    view! {
        <form class="search" role="search" action=paths::TASKS>
            {kept.map(|(name, value)| view! { <input type="hidden" name=name value=value /> }).collect_view()}
            <label class="visually-hidden" for="q">{t("Search tasks")}</label>
            <input id="q" name="q" type="search" placeholder=t("Search") maxlength="200" value=filter.q.clone() />
            <button class="quiet">{t("Search")}</button>
        </form>
    }
}

fn empty_message(filter: &TaskFilter) -> &'static str {
    match (&filter.q, filter.shared, filter.status) {
        _ if filter.team_id.is_some() => t("Nothing here in this team."),
        (Some(_), ..) => t("Nothing found. Try other words."),
        (_, Some(_), _) => t("Nobody has shared a task with you yet."),
        (.., Some(TaskStatus::Pending)) => t("Nothing to do. Well done!"),
        (.., Some(TaskStatus::Completed)) => t("Nothing is done yet."),
        _ => t("No tasks yet. Add the first one above."),
    }
}
