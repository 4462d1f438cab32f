//! Resources: what an assistant can read by its address and hear about when it changes.

use rmcp::model::{
    CompletionInfo, ListResourceTemplatesResult, ListResourcesResult, ReadResourceResult, Resource, ResourceContents,
    ResourceTemplate,
};
use serde::Serialize;

use super::{
    changes::ResourceUri,
    tool::Tool,
    tools::{GetStatistics, TaskOutput, TaskPage},
};
use tallyboard_core::{app::AppState, auth::AuthenticatedUser, membership, tasks::service};
use tallyboard_model::{
    error::{Error, Result},
    input::comparable,
    tasks::TaskFilter,
};

const JSON: &str = "application/json";
const TASK_TEMPLATE: &str = "tallyboard://tasks/{id}";
const TEAM_TASKS_TEMPLATE: &str = "tallyboard://teams/{id}/tasks{?cursor}";
/// How many ids a completion suggests.
const MAX_SUGGESTIONS: u32 = 20;

/// The dashboard, the lists of the user's teams, and the user's tasks, newest first, page by page.
pub async fn list(app: &AppState, user: &AuthenticatedUser, cursor: Option<String>) -> Result<ListResourcesResult> {
    let is_first = cursor.is_none();
    let zone = user.time_zone();
    let filter = TaskFilter { cursor, ..TaskFilter::default() };
    let (tasks, teams) = app
        .db
        .scope(user)
        .read(|scope| {
            let filter = filter.clone();
            Box::pin(async move {
                Ok((service::list(scope, zone, filter).await?, membership::service::my_teams(scope).await?))
            })
        })
        .await?;
    let mut found = Vec::new();
    if is_first {
        let dashboard = Resource::new(ResourceUri::Dashboard.to_string(), "dashboard").with_title("Dashboard");
        found.push(dashboard.with_description("All numbers of the dashboard, as they are now").with_mime_type(JSON));
        found.extend(teams.into_iter().map(|team| {
            let uri = ResourceUri::TeamTasks(team.id, None).to_string();
            Resource::new(uri, format!("team-{}-tasks", team.id)).with_title(team.name).with_mime_type(JSON)
        }));
    }
    found.extend(tasks.items.into_iter().map(|task| {
        let uri = ResourceUri::Task(task.id).to_string();
        Resource::new(uri, format!("task-{}", task.id)).with_title(task.title).with_mime_type(JSON)
    }));
    let mut result = ListResourcesResult::with_all_items(found);
    result.next_cursor = tasks.next_cursor;
    Ok(result)
}

/// How addresses are made from ids.
pub fn templates() -> ListResourceTemplatesResult {
    let task = ResourceTemplate::new(TASK_TEMPLATE, "task").with_title("A task").with_mime_type(JSON);
    let team = ResourceTemplate::new(TEAM_TASKS_TEMPLATE, "team-tasks").with_title("The tasks of a team");
    ListResourceTemplatesResult::with_all_items(vec![
        task.with_description("One task that the user may read"),
        team.with_description("Newest first, 50 a page; next_cursor of one page is the cursor of the next")
            .with_mime_type(JSON),
    ])
}

/// The content of a resource.
pub async fn read(app: &AppState, user: &AuthenticatedUser, uri: &ResourceUri) -> Result<ReadResourceResult> {
    let scopes = app.db.scope(user);
    let zone = user.time_zone();
    let text = match uri {
        ResourceUri::Dashboard => to_json(&GetStatistics::default().call(app, user).await?)?,
        ResourceUri::Task(id) => {
            let task = scopes.read(|scope| Box::pin(service::get(scope, *id))).await?;
            to_json(&TaskOutput::new(task, zone))?
        }
        ResourceUri::TeamTasks(team, cursor) => {
            let filter = TaskFilter { team_id: Some(*team), cursor: cursor.clone(), ..TaskFilter::default() };
            let page = scopes.read(|scope| Box::pin(service::list(scope, zone, filter.clone()))).await?;
            to_json(&TaskPage::new(page, zone))?
        }
    };
    let contents = ResourceContents::text(text, uri.to_string()).with_mime_type(JSON);
    Ok(ReadResourceResult::new(vec![contents]))
}

fn to_json(content: &impl Serialize) -> Result<String> {
    serde_json::to_string(content).map_err(Error::internal)
}

/// Ids for the template's argument: those that begin with what was typed, and of things whose name contains it.
pub async fn complete(app: &AppState, user: &AuthenticatedUser, template: &str, typed: &str) -> Result<CompletionInfo> {
    let typed = comparable(typed.trim());
    let zone = user.time_zone();
    let scopes = app.db.scope(user);
    let (values, has_more) = match template {
        TASK_TEMPLATE => {
            let by_title = TaskFilter { q: Some(typed.chars().take(200).collect()), ..TaskFilter::default() };
            let newest = TaskFilter { limit: Some(100), ..TaskFilter::default() };
            let found = scopes
                .read(|scope| {
                    let (by_title, newest) = (by_title.clone(), newest.clone());
                    Box::pin(async move {
                        let newest = service::list(scope, zone, newest).await?;
                        Ok((newest, service::list(scope, zone, by_title).await?))
                    })
                })
                .await?;
            let by_id = found.0.items.iter().map(|task| task.id.to_string()).filter(|id| id.starts_with(&typed));
            let has_more = found.0.next_cursor.is_some() || found.1.next_cursor.is_some();
            let mut values: Vec<_> = by_id.collect();
            values.extend(found.1.items.iter().map(|task| task.id.to_string()));
            (values, has_more)
        }
        TEAM_TASKS_TEMPLATE => {
            let teams = scopes.read(|scope| Box::pin(membership::service::my_teams(scope))).await?;
            let matching = |id: &str, name: &str| id.starts_with(&typed) || comparable(name).contains(&typed);
            let teams = teams.into_iter().map(|team| (team.id.to_string(), team.name));
            (teams.filter(|(id, name)| matching(id, name)).map(|(id, _)| id).collect(), false)
        }
        _ => return Err(Error::not_found("Resource template")),
    };
    Ok(suggestions(values, has_more))
}

fn suggestions(mut values: Vec<String>, has_more: bool) -> CompletionInfo {
    let mut seen = std::collections::BTreeSet::new();
    values.retain(|value| seen.insert(value.clone()));
    let is_cut = values.len() > MAX_SUGGESTIONS as usize;
    values.truncate(MAX_SUGGESTIONS as usize);
    let mut info = CompletionInfo::default();
    info.values = values;
    info.has_more = Some(has_more || is_cut);
    info
}
