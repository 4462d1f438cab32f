//! The pages of teams: the list, and one team.

use axum::{extract::State, http::HeaderMap, response::Response};
use leptos::prelude::*;
use serde::Deserialize;

use super::views;
use crate::{
    auth::PageUser,
    invitations::views::{InvitationSection, invitation_section},
    ui::{
        error_page::PageError,
        field::Field,
        forms::{Answer, Form, FormErrors, see_other},
        invitation_note::invitation_note,
        list_island::ListForms,
        people::label,
        shell::{Page, render},
    },
};
use tallyboard_base::http::Id;
use tallyboard_core::{
    app::AppState,
    auth::AuthenticatedUser,
    invitations::{self, CreatedInvitation, NewInvitation},
    membership, received_invitations,
    teams::service,
};
use tallyboard_db::now;
use tallyboard_model::{
    error::Result,
    id::TeamId,
    language::{t, t_with},
    membership::ListedTeam,
    paths,
    people::ListedPerson,
    permissions::{Role, TeamAction, role_allows},
    statistics::{TeamNumbers, Teams},
    teams::{MembersEdit, NewTeam, Team, TeamPatch, Transfer},
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
            <form class="add add-team" method="post">
                <input type="hidden" name="form" value="create_team" />
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
    Ok(team_page(&app, &user, id, errors, None).await?)
}

/// `POST /teams`: creates a team and leads to its page.
pub async fn create(State(app): State<AppState>, PageUser(user): PageUser, form: Form) -> Answer {
    let new = NewTeam { name: form.text("name") };
    let team = app.db.scope(&user).write(|scope| Box::pin(service::create(scope, new.clone()))).await?;
    Ok(see_other(&paths::team(team.id)))
}

/// `POST /teams/{id}`
pub async fn submit(
    State(app): State<AppState>,
    PageUser(user): PageUser,
    Id(id): Id<TeamId>,
    headers: HeaderMap,
    form: Form,
) -> Answer {
    let scopes = app.db.scope(&user);
    let leads = match form.name() {
        // Its link is in this answer alone, so the browser is not sent on to another page.
        "create_invitation" => {
            let new = form.parse_all::<InvitationForm>()?.into();
            let created = tallyboard_api::invitations::create(&app, &user, &headers, id, new).await?;
            return Ok(team_page(&app, &user, id, FormErrors::default(), Some(created)).await?);
        }
        "revoke_invitation" => {
            let invitation = form.parse("id")?;
            scopes.write(|scope| Box::pin(invitations::service::revoke(scope, id, invitation))).await?;
            paths::team(id)
        }
        "update_team" => {
            let members_edit = form.get("members_edit").map(|_| form.parse("members_edit")).transpose()?;
            let patch = TeamPatch { name: form.option("name"), members_edit };
            scopes.write(|scope| Box::pin(service::update(scope, id, patch.clone()))).await?;
            paths::team(id)
        }
        "transfer_team" => {
            let user_id = form.parse("user_id")?;
            scopes.write(|scope| Box::pin(service::transfer(scope, id, Transfer { user_id }))).await?;
            paths::team(id)
        }
        "leave_team" => {
            scopes.write(|scope| Box::pin(service::leave(scope, id))).await?;
            paths::TEAMS.to_owned()
        }
        "delete_team" => {
            scopes.write(|scope| Box::pin(service::delete(scope, id))).await?;
            paths::TEAMS.to_owned()
        }
        _ => return Err(form.unknown()),
    };
    Ok(see_other(&leads))
}

/// The form for an invitation. Another form of the page has an `email`.
#[derive(Deserialize)]
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

async fn team_page(
    app: &AppState,
    user: &AuthenticatedUser,
    id: TeamId,
    errors: FormErrors,
    created: Option<CreatedInvitation>,
) -> Result<Response> {
    let scopes = app.db.scope(user);
    let read = scopes.read(|scope| {
        Box::pin(async move {
            let (team, members) = service::all_members(scope, id).await?;
            let may_invite = role_allows(Some(team.role), TeamAction::Add(Role::Member));
            let invitations =
                if may_invite { Some(invitations::service::all_with_uses(scope, id).await?) } else { None };
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
                    {views::members(id, members.clone()).view(&views::addable_roles(role), errors.of("add_member").input("email").unwrap_or_default())}
                    <ListForms />
                    <p class="hint">{t("Viewer: read. Member: add and edit own. Admin: edit everything, manage people. Only the owner can make someone an admin.")}</p>
                </section>
                {invitations.clone().map(|section| invitation_section(role, section, &errors, now()))}
                {role_allows(Some(role), TeamAction::Rename).then(|| settings_card(&name, members_edit, &errors.of("update_team")))}
                {role_allows(Some(role), TeamAction::Transfer).then(|| transfer_card(&members, &errors))}
                {(role != Role::Owner).then(|| leave_card(&members))}
                {role_allows(Some(role), TeamAction::Delete).then(delete_card)}
            </div>
        }
    };
    Ok(render(&app.assets, page, body))
}

fn settings_card(name: &str, members_edit: MembersEdit, errors: &FormErrors) -> impl IntoView + use<> {
    let value = Some(errors.input("name").unwrap_or_else(|| name.to_owned()));
    let choices = [(MembersEdit::All, t("All tasks")), (MembersEdit::Own, t("Only their own tasks"))];
    let options = choices.map(|(choice, words)| {
        view! { <option value=choice.as_str() selected=choice == members_edit>{words}</option> }
    });
    view! {
        <section class="card">
            <h2>{t("Team settings")}</h2>
            <form method="post">
                <input type="hidden" name="form" value="update_team" />
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

fn transfer_card(members: &[ListedPerson], errors: &FormErrors) -> impl IntoView + use<> {
    let candidates: Vec<_> = members.iter().filter(|member| member.grant != Role::Owner.as_str()).cloned().collect();
    let form = if candidates.is_empty() {
        view! { <p class="hint">{t("Add a member first: there's nobody to transfer the team to yet.")}</p> }.into_any()
    } else {
        let options = candidates.into_iter().map(|ListedPerson { user_id, name, email, .. }| {
            let user_id = user_id.to_string();
            let is_chosen = errors.is_chosen("user_id", &user_id);
            view! { <option value=user_id selected=is_chosen>{format!("{name} ({email})")}</option> }
        });
        view! {
            <form method="post">
                <input type="hidden" name="form" value="transfer_team" />
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

fn leave_card(members: &[ListedPerson]) -> impl IntoView + use<> {
    let owner = members.iter().find(|member| member.grant == Role::Owner.as_str());
    let block = owner.map(|owner| paths::block(owner.user_id));
    let owner = owner.map(|owner| owner.name.clone()).unwrap_or_default();
    view! {
        <section class="card danger">
            <h2>{t("Leave the team")}</h2>
            <p>{t_with("You'll lose access to its tasks, including those shared with you. Your own tasks stay in the team and pass to {owner}, its owner.", &[("owner", &owner)])}</p>
            {confirmed(t("Leave…"), "leave_team", t("Leave the team"))}
            {block.map(|block| view! { <p class="hint"><a href=block>{t("Leave, and block the owner")}</a></p> })}
        </section>
    }
}

fn delete_card() -> impl IntoView {
    view! {
        <section class="card danger">
            <h2>{t("Delete the team")}</h2>
            <p>{t("Tasks stay with their owners as personal tasks. The team and its roles are deleted permanently.")}</p>
            {confirmed(t("Delete…"), "delete_team", t("Delete the team"))}
        </section>
    }
}

/// A form for something that cannot be undone: it takes two steps, also without script.
fn confirmed(first: &'static str, form: &'static str, then: &'static str) -> impl IntoView {
    view! {
        <details class="confirm">
            <summary class="quiet">{first}</summary>
            <form method="post">
                <input type="hidden" name="form" value=form />
                <button class="button destructive">{then}</button>
            </form>
        </details>
    }
}
