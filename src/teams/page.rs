//! The pages of teams: the list, and one team.

use axum::{
    extract::{Request, State},
    response::{IntoResponse, Redirect, Response},
};
use leptos::prelude::*;
use serde::Deserialize;

use super::views;
use crate::{
    auth::PageUser,
    invitations::views::{InvitationSection, invitation_section},
    ui::{
        error_page::PageError,
        field::Field,
        forms::{FormErrors, rejected_form},
        invitation_note::invitation_note,
        list_island::ListForms,
        people::label,
        shell::{Page, render},
    },
};
use tallyboard_base::http::{Id, read_body};
use tallyboard_core::{
    app::AppState,
    auth::AuthenticatedUser,
    invitations::{CreatedInvitation, NewInvitation},
    membership, received_invitations,
    teams::service,
};
use tallyboard_db::now;
use tallyboard_model::{
    error::{Error, Result},
    id::TeamId,
    language::{t, t_with},
    membership::ListedTeam,
    paths,
    people::ListedPerson,
    permissions::{Role, TeamAction, role_allows},
    statistics::{TeamNumbers, Teams},
    teams::{MembersEdit, Team},
};

/// `/teams`
pub async fn teams(
    State(app): State<AppState>,
    PageUser(user): PageUser,
    errors: FormErrors,
) -> Result<Response, PageError> {
    let scopes = app.db.scope(&user);
    let read = scopes.read(|scope| {
        Box::pin(async move {
            let waiting = received_invitations::service::count(scope).await?;
            Ok((membership::service::my_teams(scope).await?, waiting))
        })
    });
    let (mine, waiting) = read.await?;
    let Teams { teams: numbers } = app.statistics.teams(&user).await?;
    let page = Page::of(&app, &user, "Teams");
    let body = move || {
        let of = |team: &ListedTeam| numbers.iter().find(|numbers| numbers.team_id == team.id).cloned();
        let cards = mine.iter().map(|team| team_card(team.clone(), of(team))).collect_view();
        view! {
            <h1>{t("Teams")}</h1>
            {errors.message()}
            {invitation_note(waiting)}
            <form class="add add-team" method="post" action="/api/ui/create_team">
                <label class="visually-hidden" for="name">{t("Name of the new team")}</label>
                <input
                    id="name"
                    name="name"
                    placeholder=t("A new team's name")
                    maxlength="100"
                    required
                    autocomplete="off"
                    value=errors.input("name")
                />
                <button class="button">{t("Create team")}</button>
            </form>
            <ul class="team-cards">{cards}</ul>
            {mine.is_empty().then(|| view! { <p class="empty">{t("You're not in a team yet. Create one, or ask to be invited.")}</p> })}
        }
    };
    Ok(render(&app.assets, page, body))
}

fn team_card(team: ListedTeam, numbers: Option<TeamNumbers>) -> impl IntoView {
    let numbers = numbers.map(|TeamNumbers { pending, completed, total, .. }| {
        view! {
            <p class="hint">{t_with("{pending} pending, {completed} completed", &[("pending", &pending), ("completed", &completed)])}</p>
            <progress max=total.max(1).to_string() value=completed.to_string() aria-label=t("Completed")></progress>
        }
    });
    view! {
        <li class="card">
            <p class="team-name"><a href=paths::team(team.id)>{team.name}</a><span class="badge">{label(team.role.as_str())}</span></p>
            {numbers}
            <p><a href=paths::team_tasks(team.id)>{t("Tasks")}</a></p>
        </li>
    }
}

/// `GET /teams/{id}`
pub async fn team(
    State(app): State<AppState>,
    PageUser(user): PageUser,
    Id(id): Id<TeamId>,
    errors: FormErrors,
) -> Result<Response, PageError> {
    team_page(&app, &user, id, errors, None).await
}

/// The form for an invitation. Another form of the page has an `email`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InvitationForm {
    role: Role,
    single_use: Option<bool>,
    expires_in_days: Option<u32>,
    invitation_email: Option<String>,
}

impl From<InvitationForm> for NewInvitation {
    fn from(form: InvitationForm) -> Self {
        let InvitationForm { role, single_use, expires_in_days, invitation_email } = form;
        let email = invitation_email.filter(|email| !email.trim().is_empty());
        Self { role, single_use, expires_in_days, email }
    }
}

/// `POST /teams/{id}`: creates an invitation. Its link is in this answer alone, so the browser is not sent on to another
/// page.
pub async fn create_invitation(
    State(app): State<AppState>,
    PageUser(user): PageUser,
    Id(id): Id<TeamId>,
    request: Request,
) -> Result<Response, PageError> {
    let (parts, body) = request.into_parts();
    let text = read_body(body).await?;
    let input: Vec<(String, String)> = serde_urlencoded::from_bytes(&text).unwrap_or_default();
    let form: Result<InvitationForm> = serde_urlencoded::from_bytes(&text)
        .map_err(|_| Error::validation().detail("A form field is missing or invalid"));
    let created = match form {
        Ok(form) => tallyboard_api::invitations::create(&app, &user, &parts.headers, id, form.into()).await,
        Err(error) => Err(error),
    };
    match created {
        Ok(created) => team_page(&app, &user, id, FormErrors::default(), Some(created)).await,
        Err(error) => Ok(Redirect::to(&rejected_form(&*app.auth, &paths::team(id), &error, input)).into_response()),
    }
}

async fn team_page(
    app: &AppState,
    user: &AuthenticatedUser,
    id: TeamId,
    errors: FormErrors,
    created: Option<CreatedInvitation>,
) -> Result<Response, PageError> {
    let scopes = app.db.scope(user);
    let read = scopes.read(|scope| {
        Box::pin(async move {
            let (team, members) = service::all_members(scope, id).await?;
            let may_invite = role_allows(Some(team.role), TeamAction::Add(Role::Member));
            let invitations = if may_invite {
                Some(tallyboard_core::invitations::service::all_with_uses(scope, id).await?)
            } else {
                None
            };
            Ok((team, members, invitations))
        })
    });
    let (team, members, invitations) = read.await?;
    let sends_mail = app.mail.is_some();
    let invitations = invitations.map(|invitations| InvitationSection { invitations, created, sends_mail });
    let page = Page::of(app, user, "Team").under("Teams").with_islands();
    let body = move || {
        let Team { name, role, members_edit, .. } = team.clone();
        view! {
            <p class="back"><a href=paths::TEAMS>{t("Teams")}</a></p>
            <div class="page-head">
                <h1>{name.clone()}</h1>
                <span class="badge">{label(role.as_str())}</span>
                <a class="button head-action" href=paths::team_tasks(id)>{t("View tasks")}</a>
            </div>
            {errors.message()}
            <div class="settings">
                <section class="card">
                    <h2>{t("Members")}</h2>
                    {views::members(id, members.clone()).view(&views::addable_roles(role), errors.input("email").unwrap_or_default())}
                    <ListForms />
                    <p class="hint">{t("Viewer: read. Member: add and edit own. Admin: edit everything, manage people. Only the owner can make someone an admin.")}</p>
                </section>
                {invitations.clone().map(|section| invitation_section(id, role, section, &errors, now()))}
                {role_allows(Some(role), TeamAction::Rename).then(|| settings_card(id, &name, members_edit, &errors))}
                {role_allows(Some(role), TeamAction::Transfer).then(|| transfer_card(id, &members))}
                {(role != Role::Owner).then(|| leave_card(id, &members))}
                {role_allows(Some(role), TeamAction::Delete).then(|| delete_card(id))}
            </div>
        }
    };
    Ok(render(&app.assets, page, body))
}

fn settings_card(id: TeamId, name: &str, members_edit: MembersEdit, errors: &FormErrors) -> impl IntoView + use<> {
    let value = Some(errors.input("name").unwrap_or_else(|| name.to_owned()));
    let choices = [(MembersEdit::All, t("All tasks")), (MembersEdit::Own, t("Only their own tasks"))];
    let options = choices.map(|(choice, words)| {
        view! { <option value=choice.as_str() selected=choice == members_edit>{words}</option> }
    });
    view! {
        <section class="card">
            <h2>{t("Team settings")}</h2>
            <form method="post" action="/api/ui/update_team">
                <input type="hidden" name="id" value=id.to_string() />
                <Field name="name" label=t("Name") value error=errors.field("name") />
                <div class="field">
                    <label for="members_edit">{t("Members can edit")}</label>
                    <select id="members_edit" name="members_edit">{options.collect_view()}</select>
                </div>
                <button class="button">{t("Save")}</button>
            </form>
        </section>
    }
}

fn transfer_card(id: TeamId, members: &[ListedPerson]) -> impl IntoView + use<> {
    let candidates: Vec<_> = members.iter().filter(|member| member.grant != Role::Owner.as_str()).cloned().collect();
    let form = if candidates.is_empty() {
        view! { <p class="hint">{t("Add a member first: there's nobody to transfer the team to yet.")}</p> }.into_any()
    } else {
        let options = candidates.into_iter().map(|ListedPerson { user_id, name, email, .. }| {
            view! { <option value=user_id.to_string()>{format!("{name} ({email})")}</option> }
        });
        view! {
            <form method="post" action="/api/ui/transfer_team">
                <input type="hidden" name="id" value=id.to_string() />
                <div class="field">
                    <label for="successor">{t("New owner")}</label>
                    <select id="successor" name="user_id">{options.collect_view()}</select>
                </div>
                <button class="button">{t("Transfer")}</button>
            </form>
        }
        .into_any()
    };
    view! {
        <section class="card">
            <h2>{t("Transfer ownership")}</h2>
            <p>{t("You'll stay in the team as an admin. Only the new owner can undo this.")}</p>
            {form}
        </section>
    }
}

fn leave_card(id: TeamId, members: &[ListedPerson]) -> impl IntoView + use<> {
    let owner = members.iter().find(|member| member.grant == Role::Owner.as_str());
    let block = owner.map(|owner| paths::block(owner.user_id));
    let owner = owner.map(|owner| owner.name.clone()).unwrap_or_default();
    view! {
        <section class="card danger">
            <h2>{t("Leave the team")}</h2>
            <p>{t_with("You'll lose access to its tasks, including those shared with you. Your own tasks stay in the team and pass to {owner}, its owner.", &[("owner", &owner)])}</p>
            {confirmed(t("Leave…"), "leave_team", id, t("Leave the team"))}
            {block.map(|block| view! { <p class="hint"><a href=block>{t("Leave, and block the owner")}</a></p> })}
        </section>
    }
}

fn delete_card(id: TeamId) -> impl IntoView {
    view! {
        <section class="card danger">
            <h2>{t("Delete the team")}</h2>
            <p>{t("Tasks stay with their owners as personal tasks. The team and its roles are deleted permanently.")}</p>
            {confirmed(t("Delete…"), "delete_team", id, t("Delete the team"))}
        </section>
    }
}

/// A form for something that cannot be undone: it takes two steps, also without script.
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
