//! The page of tasks: filters and search are plain links and a plain form, the list is an island.

use axum::{
    extract::{Request, State},
    http::Uri,
    response::Response,
};
use leptos::prelude::*;

use super::{
    listed,
    page_query::{days, page_filter, page_query},
    selection::{SelectSwitch, SelectionBar},
    views::{TaskRows, common_parts, task_list},
};
use crate::{
    auth::PageUser,
    ui::{
        error_page::PageError,
        forms::{Answer, Form, FormErrors, QUICK_ADD, accepted_form, see_other},
        icons::{Icon, IconImage},
        pager::older_page,
        quick_add::AddBox,
        shell::{Page, render},
    },
};
use tallyboard_core::{
    app::AppState,
    membership::service::my_teams,
    tasks::filters::{self, NewFilter, SavedFilter},
};
use tallyboard_model::{
    language::{t, t_with},
    list::List,
    membership::ListedTeam,
    paths,
    permissions::{TeamAction, role_allows},
    statistics::Statistics,
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
    let filter = page_filter(&query)?;
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
    let numbers = app.statistics.statistics(&user).await?;
    let List { items: tasks, next_cursor } = found;
    let older = next_cursor.map(|cursor| link_to(&TaskFilter { cursor: Some(cursor), ..filter.clone() }));
    let page = Page::of(&app, &user, "Tasks").with_islands();
    let editing = listed::edited_task(&query);
    let (days, errors_of_edit) = (days(&filter, zone), errors.of("update_task"));
    let rows = TaskRows { tasks, teams: teams.clone(), query, move_to: None, editing, errors: errors_of_edit, days };
    let body = move || {
        let typed = errors.of(QUICK_ADD).input("text").unwrap_or_default();
        let add = may_add(&filter, &teams).then_some(AddBox { typed, team: filter.team_id, day: None });
        view! {
            <div class="toolbar">
                {lists_menu(&filter, &teams, &saved, &errors.of(SAVE_FILTER))}
                {tabs(&filter, &numbers)}
                {order_menu(&filter)}
                {search_form(&filter)}
                <SelectSwitch />
            </div>
            {day_note(&filter)}
            {errors.message()}
            {task_list(&rows, add, empty_message(&filter))}
            {older_page(older, t("More tasks"))}
            <p class="hint list-foot"><a href=paths::TRASH>{t("Trash")}</a></p>
            <SelectionBar teams=teams.clone() />
            {common_parts(&teams, listed::seconds_left_today(zone))}
        }
    };
    Ok(render(&app.assets, page, body))
}

/// The form that saves the list under a name.
const SAVE_FILTER: &str = "save_filter";

/// `POST /tasks`: the forms of saved lists. Those of tasks are the island's, too.
pub async fn submit(State(app): State<AppState>, PageUser(user): PageUser, uri: Uri, form: Form) -> Answer {
    let scopes = app.db.scope(&user);
    match form.name() {
        SAVE_FILTER => {
            let new = NewFilter { name: form.text("name"), query: form.text("query") };
            scopes.write(|scope| Box::pin(filters::service::save(scope, new.clone()))).await?;
        }
        "delete_filter" => {
            let id = form.parse("id")?;
            scopes.write(|scope| Box::pin(filters::service::delete(scope, id))).await?;
        }
        _ => return Err(form.unknown()),
    }
    Ok(see_other(&accepted_form(&uri)))
}

/// The address of a page of tasks.
pub fn link_to(filter: &TaskFilter) -> String {
    let query = page_query(filter);
    if query.is_empty() { paths::TASKS.to_owned() } else { format!("{}?{query}", paths::TASKS) }
}

/// Whether the list has a form for a new task: not the shared tasks, and not a team that the user only views.
fn may_add(filter: &TaskFilter, teams: &[ListedTeam]) -> bool {
    let role = filter.team_id.and_then(|id| teams.iter().find(|team| team.id == id)).map(|team| team.role);
    filter.shared.is_none()
        && filter.access.is_none()
        && (filter.team_id.is_none() || role_allows(role, TeamAction::CreateTask))
}

fn tabs(filter: &TaskFilter, numbers: &Statistics) -> impl IntoView + use<> {
    let is_mine = filter.team_id.is_none() && filter.q.is_none();
    let tab = |label: &'static str,
               status: Option<TaskStatus>,
               shared: Option<Shared>,
               count: Option<(&'static str, u64)>| {
        let here = filter.status == status && filter.shared == shared;
        let team_id = filter.team_id.filter(|_| shared.is_none());
        let target = TaskFilter { status, shared, q: filter.q.clone(), team_id, ..TaskFilter::default() };
        let count = count.filter(|_| is_mine);
        let count = count.map(|(name, count)| view! { " "<span class="tab-count" data-count=name>{count}</span> });
        view! { <a href=link_to(&by_day(target)) aria-current=here.then_some("page")>{label}{count}</a> }
    };
    let Statistics { pending_tasks, completed_tasks, shared_tasks, .. } = *numbers;
    view! {
        <nav class="tabs" aria-label=t("Filter")>
            {tab(t("Open"), Some(TaskStatus::Pending), None, Some(("pending", pending_tasks)))}
            {tab(t("Done"), Some(TaskStatus::Completed), None, Some(("completed", completed_tasks)))}
            {tab(t("Shared"), None, Some(Shared::WithMe), Some(("shared", shared_tasks)))}
            {tab(t("All"), None, None, None)}
        </nav>
    }
}

/// Open tasks are sorted by day unless somebody searches.
fn by_day(filter: TaskFilter) -> TaskFilter {
    let sort = (filter.status == Some(TaskStatus::Pending) && filter.q.is_none()).then_some(Sort::Due);
    TaskFilter { sort, ..filter }
}

fn order_menu(filter: &TaskFilter) -> impl IntoView + use<> {
    let sorted = filter.sort.unwrap_or_default();
    let name = |sort: Sort| match sort {
        Sort::Due => t("Date"),
        Sort::Newest => t("Newest"),
        Sort::Title => t("Title"),
    };
    let order = |sort: Sort| {
        let target = TaskFilter { sort: Some(sort), cursor: None, ..filter.clone() };
        view! { <a href=link_to(&target) aria-current=(sorted == sort).then_some("true")>{name(sort)}</a> }
    };
    view! {
        <details class="dropdown" name="tasks-menu">
            <summary aria-label=t_with("Sort by: {order}", &[("order", &name(sorted))])>{name(sorted)}</summary>
            <nav class="card" aria-label=t("Sort by")>{[Sort::Due, Sort::Newest, Sort::Title].map(order).collect_view()}</nav>
        </details>
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

/// The menu of lists: one's own tasks, those of each team, saved lists, the trash.
fn lists_menu(
    filter: &TaskFilter,
    teams: &[ListedTeam],
    saved: &[SavedFilter],
    errors: &FormErrors,
) -> impl IntoView + use<> {
    let shown = filters::service::first_page_query(filter.clone()).unwrap_or_default();
    let saved_here = saved.iter().find(|saved| saved.query == shown);
    let team_here = filter.team_id.and_then(|id| teams.iter().find(|team| team.id == id));
    let name = saved_here.map(|saved| saved.name.clone()).or_else(|| team_here.map(|team| team.name.clone()));
    let is_mine = name.is_none() && filter.shared.is_none() && filter.access.is_none();
    let link = |label: String, target: TaskFilter, here: bool| {
        view! { <a href=link_to(&by_day(target)) aria-current=here.then_some("page")>{label}</a> }
    };
    let status = filter.status;
    let mine = link(t("My tasks").to_owned(), TaskFilter { status, ..TaskFilter::default() }, is_mine);
    let of_team = |team: &ListedTeam| {
        let target = TaskFilter { status, team_id: Some(team.id), ..TaskFilter::default() };
        link(team.name.clone(), target, saved_here.is_none() && filter.team_id == Some(team.id))
    };
    let of_teams = teams.iter().map(of_team).collect_view();
    let chip = |saved: &SavedFilter| {
        let SavedFilter { id, name, query, .. } = saved.clone();
        let here = query == shown;
        let target = listed::filter(&query).map(|filter| link_to(&filter)).unwrap_or_else(|_| paths::TASKS.to_owned());
        let delete = t_with("Delete the saved list {name}", &[("name", &name)]);
        view! {
            <span class="chip">
                <a href=target aria-current=here.then_some("page")>{name}</a>
                <form method="post">
                    <input type="hidden" name="form" value="delete_filter" />
                    <input type="hidden" name="id" value=id.to_string() />
                    <button class="quiet" aria-label=delete>"×"</button>
                </form>
            </span>
        }
    };
    let chips = saved.iter().map(chip).collect_view();
    let is_refused = errors.is_refused();
    let form = (saved_here.is_none() && !page_query(filter).is_empty()).then(|| {
        view! {
            <details class="save-filter" open=is_refused>
                <summary>{t("Save this list")}</summary>
                <form method="post">
                    <input type="hidden" name="form" value=SAVE_FILTER />
                    <input type="hidden" name="query" value=shown.clone() />
                    <input name="name" aria-label=t("Name of the list") placeholder=t("Name") maxlength="50" required autocomplete="off" value=errors.input("name") />
                    <button class="quiet">{t("Save")}</button>
                </form>
            </details>
        }
    });
    let has_saved = !saved.is_empty() || form.is_some();
    view! {
        <details class="dropdown lists" name="tasks-menu" open=is_refused>
            <summary>
                <h1>{name.unwrap_or_else(|| t("Tasks").to_owned())}</h1>
            </summary>
            <div class="card">
                <nav aria-label=t("Whose tasks")>{mine} {of_teams}</nav>
                {has_saved.then(|| view! { <nav class="saved" aria-label=t("Saved lists")>{chips} {form}</nav> })}
                <nav aria-label=t("Trash")><a href=paths::TRASH>{t("Trash")}</a></nav>
            </div>
        </details>
    }
}

/// Searches the list; from the open tasks it finds completed ones too.
fn search_form(filter: &TaskFilter) -> impl IntoView + use<> {
    let is_open = filter.status == Some(TaskStatus::Pending) && filter.q.is_none();
    let kept = [
        ("status", filter.status.filter(|_| !is_open).map(|status| status.as_str().to_owned())),
        ("shared", filter.shared.map(|_| "with_me".to_owned())),
        ("team_id", filter.team_id.map(|team| team.to_string())),
        ("due", filter.due.map(|due| due.as_str().to_owned())),
        ("access", filter.access.map(|_| "change".to_owned())),
        ("sort", filter.sort.filter(|_| !is_open).map(|sort| sort.as_str().to_owned())),
    ];
    let kept = kept.into_iter().filter_map(|(name, value)| value.map(|value| (name, value)));
    view! {
        <form class="search" role="search" action=paths::TASKS>
            {kept.map(|(name, value)| view! { <input type="hidden" name=name value=value /> }).collect_view()}
            <label for="q">
                <IconImage icon=Icon::Search />
                <span class="visually-hidden">{t("Search tasks")}</span>
            </label>
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
        (.., Some(TaskStatus::Completed)) => t("Nothing is done yet."),
        (.., Some(TaskStatus::Pending)) => t("Nothing to do. Add a task above."),
        _ => t("No tasks yet. Add the first one above."),
    }
}
