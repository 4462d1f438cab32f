//! The rules of teams: one function a use case.

use std::cmp::Reverse;

use serde_json::json;

use super::{ListedTeam, Member, MemberPatch, NewMember, NewTeam, Team, TeamPatch, Transfer, store};
use crate::{
    auth::people::{self, Whom},
    db::{Hold, Scope, now},
    error::{Code, Error, Result},
    id::{TeamId, UserId},
    input::Checks,
    list::{List, ListQuery, Window, all},
    permissions::{Role, TeamAction, may},
    shares, tasks,
    ui::people::Person,
};

/// The teams that I am in, newest first.
pub async fn list(scope: &mut Scope, query: ListQuery) -> Result<List<Team>> {
    let window = Window::of(&query)?;
    let teams = store::list(scope, &window).await?;
    Ok(window.page(teams, |team| (team.created_at, team.id.0)))
}

/// Makes a team; its maker is its owner.
pub async fn create(scope: &mut Scope, new: NewTeam) -> Result<Team> {
    let mut checks = Checks::new();
    let name = checks.text("name", &new.name, 1, 100);
    checks.finish()?;
    let now = now();
    let (id, owner_id) = (TeamId::new(), scope.user_id());
    let team = Team { id, name, owner_id, role: Role::Owner, created_at: now, updated_at: now };
    store::insert(scope, &team).await?;
    tell_members(scope, id).await?;
    Ok(team)
}

/// One team.
pub async fn get(scope: &mut Scope, id: TeamId) -> Result<Team> {
    match store::find(scope, id).await? {
        Some(team) => Ok(team),
        None => Err(refusal(scope, id).await?),
    }
}

/// My role in a team; 403 for who has none, 404 where there is no team.
pub async fn role_in(scope: &mut Scope, id: TeamId) -> Result<Role> {
    match store::my_role(scope, id).await? {
        Some(role) => Ok(role),
        None => Err(refusal(scope, id).await?),
    }
}

async fn refusal(scope: &mut Scope, id: TeamId) -> Result<Error> {
    let there = store::exists(scope, id).await?;
    Ok(if there { Error::forbidden("You are not in this team") } else { Error::not_found("Team") })
}

/// The team, if I may do this with it.
async fn allowed(scope: &mut Scope, id: TeamId, action: TeamAction) -> Result<Team> {
    let team = get(scope, id).await?;
    check(team.role, action)?;
    Ok(team)
}

fn check(role: Role, action: TeamAction) -> Result<()> {
    if may(Some(role), action) {
        return Ok(());
    }
    Err(Error::forbidden("Your role in this team does not allow this").detail(match role {
        Role::Admin => "Its owner may",
        _ => "Its owner and its admins may do more; ask one of them",
    }))
}

/// Nobody else changes who is in a team until this transaction ends.
async fn hold(scope: &mut Scope, id: TeamId) -> Result<()> {
    scope.connection().hold(id.0, Hold::Alone).await
}

/// Passes who may create a task in this team, and stays true until the task is there.
pub async fn check_may_create_task(scope: &mut Scope, id: TeamId) -> Result<()> {
    scope.connection().hold(id.0, Hold::Together).await?;
    let role = role_in(scope, id).await?;
    if may(Some(role), TeamAction::CreateTask) {
        return Ok(());
    }
    Err(Error::forbidden("Viewers may not create tasks in their team"))
}

/// Gives a team another name.
pub async fn update(scope: &mut Scope, id: TeamId, patch: TeamPatch) -> Result<Team> {
    let mut checks = Checks::new();
    let name = patch.name.map(|name| checks.text("name", &name, 1, 100));
    checks.finish()?;
    let mut team = allowed(scope, id, TeamAction::Rename).await?;
    if let Some(name) = name.filter(|name| *name != team.name) {
        team.name = name;
        team.updated_at = now();
        store::rename(scope, id, &team.name, team.updated_at).await?;
        tell_members(scope, id).await?;
    }
    Ok(team)
}

/// Ends a team. Its tasks stay with their owners as personal ones.
pub async fn delete(scope: &mut Scope, id: TeamId) -> Result<()> {
    hold(scope, id).await?;
    allowed(scope, id, TeamAction::Delete).await?;
    tell_members(scope, id).await?;
    store::delete(scope, id).await
}

/// Who is in a team, newest first.
pub async fn members(scope: &mut Scope, id: TeamId, query: ListQuery) -> Result<List<Member>> {
    let window = Window::of(&query)?;
    allowed(scope, id, TeamAction::Read).await?;
    let members = store::members(scope, id, &window).await?;
    Ok(window.page(members, |member| (member.created_at, member.user_id.0)))
}

/// Puts somebody in.
pub async fn add_member(scope: &mut Scope, id: TeamId, new: NewMember) -> Result<Member> {
    let mut checks = Checks::new();
    let whom = Whom::asked(&mut checks, new.email.as_deref(), new.user_id);
    refuse_owner(&mut checks, new.role);
    checks.finish()?;
    hold(scope, id).await?;
    allowed(scope, id, TeamAction::Add(new.role)).await?;
    let user = people::find(scope, &whom).await?;
    if store::member(scope, id, user).await?.is_some() {
        return Err(Error::new(Code::Conflict, "They are in this team already").detail("Change their role instead"));
    }
    store::insert_member(scope, id, user, new.role, now()).await?;
    tell_members(scope, id).await?;
    member(scope, id, user).await
}

/// Lets everybody in a team hear that it is another now; called while those who go are still in it.
async fn tell_members(scope: &mut Scope, id: TeamId) -> Result<()> {
    let members = store::member_ids(scope, id).await?;
    scope.emit("team_changed", members, json!({ "team_id": id }));
    Ok(())
}

async fn member(scope: &mut Scope, id: TeamId, user: UserId) -> Result<Member> {
    store::member(scope, id, user).await?.ok_or_else(|| Error::not_found("Member"))
}

fn refuse_owner(checks: &mut Checks, role: Role) {
    if role == Role::Owner {
        checks.refuse("role", "may not be owner: ownership is passed on with /transfer");
    }
}

fn last_owner() -> Error {
    Error::new(Code::Conflict, "A team always has one owner").detail("Pass ownership on first")
}

/// Gives a member another role.
pub async fn change_member(scope: &mut Scope, id: TeamId, user: UserId, patch: MemberPatch) -> Result<Member> {
    let mut checks = Checks::new();
    refuse_owner(&mut checks, patch.role);
    checks.finish()?;
    hold(scope, id).await?;
    let team = get(scope, id).await?;
    let mut changed = member(scope, id, user).await?;
    if changed.role == Role::Owner && team.role == Role::Owner {
        return Err(last_owner());
    }
    check(team.role, TeamAction::Change(changed.role, patch.role))?;
    if changed.role != patch.role {
        store::set_role(scope, id, user, changed.role, patch.role).await?;
        tell_members(scope, id).await?;
        changed.role = patch.role;
    }
    Ok(changed)
}

/// Puts somebody out; oneself: leaves.
pub async fn remove_member(scope: &mut Scope, id: TeamId, user: UserId) -> Result<()> {
    hold(scope, id).await?;
    let team = get(scope, id).await?;
    let removed = member(scope, id, user).await?;
    if removed.role == Role::Owner && team.role == Role::Owner {
        return Err(last_owner());
    }
    if user != scope.user_id() {
        check(team.role, TeamAction::Remove(removed.role))?;
    }
    part(scope, &team, user).await
}

/// Leaves a team.
pub async fn leave(scope: &mut Scope, id: TeamId) -> Result<()> {
    hold(scope, id).await?;
    let team = get(scope, id).await?;
    if team.role == Role::Owner {
        return Err(last_owner());
    }
    let me = scope.user_id();
    part(scope, &team, me).await
}

/// Somebody is in the team no longer: shares of its tasks with them end, their tasks in it pass to its owner.
async fn part(scope: &mut Scope, team: &Team, user: UserId) -> Result<()> {
    shares::service::end_in_team(scope, team.id, user).await?;
    tasks::service::pass_on(scope, team.id, user, team.owner_id).await?;
    tell_members(scope, team.id).await?;
    store::delete_member(scope, team.id, user).await
}

/// Makes another member the owner; the old one stays as an admin.
pub async fn transfer(scope: &mut Scope, id: TeamId, to: Transfer) -> Result<Team> {
    hold(scope, id).await?;
    let mut team = allowed(scope, id, TeamAction::Transfer).await?;
    let me = scope.user_id();
    if to.user_id == me {
        return Err(Error::new(Code::Conflict, "The team is theirs already"));
    }
    let now = now();
    let heir = member(scope, id, to.user_id).await?;
    store::set_role(scope, id, me, Role::Owner, Role::Admin).await?;
    store::set_role(scope, id, heir.user_id, heir.role, Role::Owner).await?;
    store::set_owner(scope, id, heir.user_id, now).await?;
    tell_members(scope, id).await?;
    team.owner_id = heir.user_id;
    team.role = Role::Admin;
    team.updated_at = now;
    Ok(team)
}

/// Every team of mine by name: for menus and badges.
pub async fn all_mine(scope: &mut Scope) -> Result<Vec<ListedTeam>> {
    let teams = all(scope, |scope, query| Box::pin(list(scope, query))).await?;
    let mut teams: Vec<_> =
        teams.into_iter().map(|Team { id, name, role, .. }| ListedTeam { id, name, role }).collect();
    teams.sort_by_cached_key(|team| (team.name.to_lowercase(), team.id));
    Ok(teams)
}

/// Every member, strongest role first, with what I may do with each.
pub async fn all_members(scope: &mut Scope, id: TeamId) -> Result<(Team, Vec<Person>)> {
    let team = get(scope, id).await?;
    let mut found = all(scope, |scope, query| Box::pin(members(scope, id, query))).await?;
    found.sort_by_cached_key(|member| (Reverse(member.role), member.name.to_lowercase()));
    let found = found.into_iter().map(|member| listed(team.role, member)).collect();
    Ok((team, found))
}

/// Puts somebody in, and says what I may do with them.
pub async fn add_listed(scope: &mut Scope, id: TeamId, new: NewMember) -> Result<Person> {
    let member = add_member(scope, id, new).await?;
    Ok(listed(role_in(scope, id).await?, member))
}

/// Gives a member another role, and says what I may do with them.
pub async fn change_listed(scope: &mut Scope, id: TeamId, user: UserId, patch: MemberPatch) -> Result<Person> {
    let member = change_member(scope, id, user, patch).await?;
    Ok(listed(role_in(scope, id).await?, member))
}

/// A member as who has `mine` sees them.
fn listed(mine: Role, member: Member) -> Person {
    let Member { user_id, name, email, role, .. } = member;
    let change = |to: &Role| may(Some(mine), TeamAction::Change(role, *to));
    Person {
        user_id,
        name,
        email,
        given: role.as_str().to_owned(),
        choices: Role::ALL.into_iter().filter(change).map(|role| role.as_str().to_owned()).collect(),
        may_remove: may(Some(mine), TeamAction::Remove(role)),
    }
}
