//! The pages of teams: all of mine, and one.

use axum::{
    extract::{Request, State},
    response::Response,
};
use leptos::prelude::*;

use super::{ListedTeam, Team, board::MemberBoard, service};
use crate::{
    app::{App, Page, PageError, PageUser, render},
    auth::page::Field,
    http::Id,
    id::TeamId,
    paths,
    permissions::{Role, TeamAction, may},
    statistics::{TeamNumbers, Teams},
    ui::{
        forms::Refused,
        people::{Person, label},
    },
};

/// `/teams`
pub async fn teams(State(app): State<App>, PageUser(user): PageUser, request: Request) -> Result<Response, PageError> {
    let mine = app.db.scope(&user).read(|scope| Box::pin(service::all_mine(scope))).await?;
    let Teams { teams: numbers } = app.counts.teams(&user).await?;
    let query = request.uri().query().map(str::to_owned);
    let page = Page { title: "Teams", user: Some(user), islands: false };
    let body = move || {
        let refused = Refused::from_query(query.as_deref());
        let of = |team: &ListedTeam| numbers.iter().find(|numbers| numbers.team_id == team.id).cloned();
        let cards = mine.iter().map(|team| team_card(team.clone(), of(team))).collect_view();
        view! {
            <h1>"Teams"</h1>
            {refused.message()}
            <form class="add add-team" method="post" action="/api/ui/create_team">
                <label class="visually-hidden" for="name">"Name of the new team"</label>
                <input
                    id="name"
                    name="name"
                    placeholder="A new team's name"
                    maxlength="100"
                    required
                    autocomplete="off"
                    value=refused.typed("name")
                />
                <button class="button">"Make a team"</button>
            </form>
            <ul class="team-cards">{cards}</ul>
            {mine.is_empty().then(|| view! { <p class="empty">"You are in no team yet. Make one, or let somebody add you."</p> })}
        }
    };
    Ok(render(&app, request, page, body).await)
}

fn team_card(team: ListedTeam, numbers: Option<TeamNumbers>) -> impl IntoView {
    let numbers = numbers.map(|TeamNumbers { pending, completed, total, .. }| {
        view! {
            <p class="hint">{format!("{pending} pending, {completed} completed")}</p>
            <progress max=total.max(1).to_string() value=completed.to_string() aria-label="Completed"></progress>
        }
    });
    view! {
        <li class="card">
            <p class="team-name"><a href=paths::team(team.id)>{team.name}</a><span class="badge">{label(team.role.as_str())}</span></p>
            {numbers}
            <p><a href=paths::team_tasks(team.id)>"Tasks"</a></p>
        </li>
    }
}

/// `/teams/{id}`
pub async fn team(
    State(app): State<App>,
    PageUser(user): PageUser,
    Id(id): Id<TeamId>,
    request: Request,
) -> Result<Response, PageError> {
    let (team, members) = app.db.scope(&user).read(|scope| Box::pin(service::all_members(scope, id))).await?;
    let query = request.uri().query().map(str::to_owned);
    let page = Page { title: "Team", user: Some(user), islands: true };
    let body = move || {
        let refused = Refused::from_query(query.as_deref());
        let Team { name, role, .. } = team.clone();
        view! {
            <p class="back"><a href=paths::TEAMS>"Teams"</a></p>
            <div class="page-head">
                <h1>{name.clone()}</h1>
                <span class="badge">{label(role.as_str())}</span>
                <a class="button head-action" href=paths::team_tasks(id)>"Tasks of this team"</a>
            </div>
            {refused.message()}
            <div class="settings">
                <section class="card">
                    <h2>"Members"</h2>
                    <MemberBoard
                        team=id
                        role
                        initial=members.clone()
                        typed=refused.typed("email").unwrap_or_default()
                    />
                    <p class="hint">"Viewers read the team's tasks; members also add their own; admins change everybody's, and who
                        is in the team. The owner makes admins."</p>
                </section>
                {may(Some(role), TeamAction::Rename).then(|| rename_card(id, &name, &refused))}
                {may(Some(role), TeamAction::Transfer).then(|| transfer_card(id, &members))}
                {(role != Role::Owner).then(|| leave_card(id, &members))}
                {may(Some(role), TeamAction::Delete).then(|| delete_card(id))}
            </div>
        }
    };
    Ok(render(&app, request, page, body).await)
}

fn rename_card(id: TeamId, name: &str, refused: &Refused) -> impl IntoView + use<> {
    let value = Some(refused.typed("name").unwrap_or_else(|| name.to_owned()));
    view! {
        <section class="card">
            <h2>"Rename the team"</h2>
            <form method="post" action="/api/ui/rename_team">
                <input type="hidden" name="id" value=id.to_string() />
                <Field name="name" label="Name" value complaint=refused.complaint("name") />
                <button class="button">"Rename"</button>
            </form>
        </section>
    }
}

fn transfer_card(id: TeamId, members: &[Person]) -> impl IntoView + use<> {
    let heirs: Vec<_> = members.iter().filter(|member| member.given != Role::Owner.as_str()).cloned().collect();
    let form = if heirs.is_empty() {
        view! { <p class="hint">"There is nobody to pass it on to yet: add a member first."</p> }.into_any()
    } else {
        let options = heirs.into_iter().map(|Person { user_id, name, email, .. }| {
            view! { <option value=user_id.to_string()>{format!("{name} ({email})")}</option> }
        });
        view! {
            <form method="post" action="/api/ui/transfer_team">
                <input type="hidden" name="id" value=id.to_string() />
                <div class="field">
                    <label for="heir">"New owner"</label>
                    <select id="heir" name="user_id">{options.collect_view()}</select>
                </div>
                <button class="button">"Pass it on"</button>
            </form>
        }
        .into_any()
    };
    view! {
        <section class="card">
            <h2>"Pass the team on"</h2>
            <p>"A team has one owner. You stay in it as an admin; only the new owner can undo this."</p>
            {form}
        </section>
    }
}

fn leave_card(id: TeamId, members: &[Person]) -> impl IntoView + use<> {
    let owner = members.iter().find(|member| member.given == Role::Owner.as_str());
    let owner = owner.map(|owner| owner.name.clone()).unwrap_or_default();
    view! {
        <section class="card danger">
            <h2>"Leave the team"</h2>
            <p>{format!("You see its tasks no longer, also those that were shared with you. Your own tasks in it stay there \
                and become those of {owner}, its owner.")}</p>
            {confirmed("Leave…", "leave_team", id, "Leave the team")}
        </section>
    }
}

fn delete_card(id: TeamId) -> impl IntoView {
    view! {
        <section class="card danger">
            <h2>"Delete the team"</h2>
            <p>"No task is lost: each stays with its owner as a personal task, and is seen by nobody else unless it is shared with
                them. The team and its roles are gone for good."</p>
            {confirmed("Delete…", "delete_team", id, "Delete the team")}
        </section>
    }
}

/// What can't be undone takes two steps, also without script.
fn confirmed(first: &'static str, action: &'static str, id: TeamId, then: &'static str) -> impl IntoView {
    view! {
        <details class="confirm">
            <summary class="quiet">{first}</summary>
            <form method="post" action=format!("/api/ui/{action}")>
                <input type="hidden" name="id" value=id.to_string() />
                <button class="button destructive">{then}</button>
            </form>
        </details>
    }
}
