//! The rules of teams: one function for each use case.

use std::cmp::Reverse;

use serde_json::json;

use super::store;
use crate::{
    auth::people::{self, PersonRef},
    membership::service::{lock_members, member_ids, not_a_member},
    notifications::service::{NotificationTarget, notify},
    shares, tasks,
};
use tallyboard_db::{Scope, System, Target, now};
use tallyboard_model::{
    error::{Code, Error, Result},
    id::{TeamId, UserId},
    input::Validator,
    language::text,
    list::{List, ListQuery, PageRequest, all_pages},
    notifications::NotificationEvent,
    people::ListedPerson,
    permissions::{Role, TeamAction, role_allows},
    teams::{Member, MemberPatch, MembersEdit, NewMember, NewTeam, Team, TeamPatch, Transfer},
};

/// The teams of the user, newest first.
pub async fn list(scope: &mut Scope, query: ListQuery) -> Result<List<Team>> {
    let page = PageRequest::parse(&query)?;
    let teams = store::list(scope, &page).await?;
    Ok(page.answer(teams, |team| (team.created_at, team.id.0)))
}

/// Creates a team; the user is its owner.
pub async fn create(scope: &mut Scope, new: NewTeam) -> Result<Team> {
    let mut validator = Validator::new();
    let name = validator.line("name", &new.name, 1, 100);
    validator.finish()?;
    let now = now();
    let (id, owner_id) = (TeamId::new(), scope.user_id());
    let members_edit = MembersEdit::All;
    let team = Team { id, name, owner_id, role: Role::Owner, members_edit, created_at: now, updated_at: now };
    store::insert(scope, &team).await?;
    record(scope, "team.created", id);
    publish_team_changed(scope, id).await?;
    Ok(team)
}

/// One team.
pub async fn get(scope: &mut Scope, id: TeamId) -> Result<Team> {
    match store::find(scope, id).await? {
        Some(team) => Ok(team),
        None => Err(not_a_member(scope, id).await?),
    }
}

/// The team, if the role of the user allows the action.
pub async fn allowed(scope: &mut Scope, id: TeamId, action: TeamAction) -> Result<Team> {
    let team = get(scope, id).await?;
    check(team.role, action)?;
    Ok(team)
}

fn check(role: Role, action: TeamAction) -> Result<()> {
    if role_allows(Some(role), action) {
        return Ok(());
    }
    Err(Error::forbidden("Your role in this team does not allow this").detail(match role {
        Role::Admin => text("Ask the task's owner"),
        _ => text("Ask the team's owner or an admin"),
    }))
}

/// Renames a team, or changes what its members may do.
pub async fn update(scope: &mut Scope, id: TeamId, patch: TeamPatch) -> Result<Team> {
    let mut validator = Validator::new();
    let name = patch.name.map(|name| validator.line("name", &name, 1, 100));
    validator.finish()?;
    let mut team = allowed(scope, id, TeamAction::Rename).await?;
    let before = team.clone();
    team.name = name.unwrap_or(team.name);
    team.members_edit = patch.members_edit.unwrap_or(team.members_edit);
    if team != before {
        team.updated_at = now();
        store::update(scope, &team).await?;
        if team.name != before.name {
            record(scope, "team.renamed", id);
        }
        if team.members_edit != before.members_edit {
            record(scope, "team.members_edit_changed", id);
        }
        publish_team_changed(scope, id).await?;
    }
    Ok(team)
}

/// Deletes a team. Its tasks stay with their owners as personal tasks.
pub async fn delete(scope: &mut Scope, id: TeamId) -> Result<()> {
    lock_members(scope, id).await?;
    allowed(scope, id, TeamAction::Delete).await?;
    publish_team_changed(scope, id).await?;
    record(scope, "team.deleted", id);
    store::delete(scope, id).await
}

/// The members of a team, newest first.
pub async fn members(scope: &mut Scope, id: TeamId, query: ListQuery) -> Result<List<Member>> {
    let page = PageRequest::parse(&query)?;
    allowed(scope, id, TeamAction::Read).await?;
    let members = store::members(scope, id, &page).await?;
    Ok(page.answer(members, |member| (member.created_at, member.user_id.0)))
}

/// The person to add and the team, if the user may add them. The members don't change until the transaction ends.
pub async fn check_addable(scope: &mut Scope, id: TeamId, new: &NewMember) -> Result<(Team, UserId)> {
    let mut validator = Validator::new();
    let person = PersonRef::from_fields(&mut validator, new.email.as_deref(), new.user_id);
    refuse_owner(&mut validator, new.role);
    validator.finish()?;
    lock_members(scope, id).await?;
    let team = allowed(scope, id, TeamAction::Add(new.role)).await?;
    let user = people::find(scope, &person).await?;
    if store::member(scope, id, user).await?.is_some() {
        return Err(
            Error::new(Code::Conflict, "This person is already in the team").detail("Change their role instead")
        );
    }
    Ok((team, user))
}

/// Adds a member whom [`check_addable`] has found.
pub async fn insert_member(scope: &mut Scope, id: TeamId, user: UserId, role: Role) -> Result<Member> {
    store::insert_member(scope, id, user, role, now()).await?;
    record(scope, "team.member_added", id);
    notify(scope, user, NotificationEvent::AddedToTeam, NotificationTarget::Team(id)).await?;
    publish_team_changed(scope, id).await?;
    member(scope, id, user).await
}

/// Puts somebody into a team who was invited.
pub async fn join(scope: &mut Scope<System>, team: TeamId, user: UserId, role: Role) -> Result<()> {
    store::insert_member(scope, team, user, role, now()).await?;
    scope.record_of(user, "team.joined", Target::Team(team)).in_team(team);
    let members = store::member_ids(scope, team).await?;
    scope.emit("team_changed", members, json!({ "team_id": team }));
    Ok(())
}

/// Whether somebody is in a team.
pub async fn is_member(scope: &mut Scope<System>, team: TeamId, user: UserId) -> Result<bool> {
    store::is_member(scope, team, user).await
}

/// Publishes a change to all members. It is called before a membership is deleted, so that the person who
/// leaves gets the event too.
async fn publish_team_changed(scope: &mut Scope, id: TeamId) -> Result<()> {
    let members = member_ids(scope, id).await?;
    scope.emit("team_changed", members, json!({ "team_id": id }));
    Ok(())
}

async fn member(scope: &mut Scope, id: TeamId, user: UserId) -> Result<Member> {
    store::member(scope, id, user).await?.ok_or_else(|| Error::not_found("Member"))
}

fn record(scope: &mut Scope, action: &'static str, team: TeamId) {
    scope.record(action, Target::Team(team)).in_team(team);
}

/// A team has one owner: nobody else gets that role.
pub fn refuse_owner(validator: &mut Validator, role: Role) {
    if role == Role::Owner {
        validator.reject("role", "can't be owner: use /transfer to transfer ownership");
    }
}

fn last_owner() -> Error {
    Error::new(Code::Conflict, "A team always has one owner").detail("Transfer ownership first")
}

/// Changes the role of a member.
pub async fn change_member(scope: &mut Scope, id: TeamId, user: UserId, patch: MemberPatch) -> Result<Member> {
    let mut validator = Validator::new();
    refuse_owner(&mut validator, patch.role);
    validator.finish()?;
    lock_members(scope, id).await?;
    let team = get(scope, id).await?;
    let mut changed = member(scope, id, user).await?;
    if changed.role == Role::Owner && team.role == Role::Owner {
        return Err(last_owner());
    }
    check(team.role, TeamAction::Change(changed.role, patch.role))?;
    if changed.role != patch.role {
        store::set_role(scope, id, user, changed.role, patch.role).await?;
        record(scope, "team.member_changed", id);
        publish_team_changed(scope, id).await?;
        changed.role = patch.role;
    }
    Ok(changed)
}

/// Removes a member; for the user themselves it is the same as leaving.
pub async fn remove_member(scope: &mut Scope, id: TeamId, user: UserId) -> Result<()> {
    lock_members(scope, id).await?;
    let team = get(scope, id).await?;
    let removed = member(scope, id, user).await?;
    if removed.role == Role::Owner && team.role == Role::Owner {
        return Err(last_owner());
    }
    if user != scope.user_id() {
        check(team.role, TeamAction::Remove(removed.role))?;
    }
    end_membership(scope, &team, user).await
}

/// Leaves a team.
pub async fn leave(scope: &mut Scope, id: TeamId) -> Result<()> {
    lock_members(scope, id).await?;
    let team = get(scope, id).await?;
    if team.role == Role::Owner {
        return Err(last_owner());
    }
    let me = scope.user_id();
    end_membership(scope, &team, me).await
}

/// Ends a membership: shares of the team's tasks with that person end, and the tasks that the person owns in
/// the team pass to its owner.
async fn end_membership(scope: &mut Scope, team: &Team, user: UserId) -> Result<()> {
    shares::service::end_for_member(scope, team.id, user).await?;
    shares::service::end_for_new_owner(scope, team.id, user, team.owner_id).await?;
    tasks::service::reassign(scope, team.id, user, team.owner_id).await?;
    publish_team_changed(scope, team.id).await?;
    let action = if user == scope.user_id() { "team.left" } else { "team.member_removed" };
    record(scope, action, team.id);
    store::delete_member(scope, team.id, user).await
}

/// Makes another member the owner; the old one stays as an admin.
pub async fn transfer(scope: &mut Scope, id: TeamId, to: Transfer) -> Result<Team> {
    lock_members(scope, id).await?;
    let mut team = allowed(scope, id, TeamAction::Transfer).await?;
    let me = scope.user_id();
    if to.user_id == me {
        return Err(Error::new(Code::Conflict, "This person already owns the team"));
    }
    let now = now();
    let successor = member(scope, id, to.user_id).await?;
    store::set_role(scope, id, me, Role::Owner, Role::Admin).await?;
    store::set_role(scope, id, successor.user_id, successor.role, Role::Owner).await?;
    store::set_owner(scope, id, successor.user_id, now).await?;
    record(scope, "team.transferred", id);
    publish_team_changed(scope, id).await?;
    team.owner_id = successor.user_id;
    team.role = Role::Admin;
    team.updated_at = now;
    Ok(team)
}

/// All members, strongest role first, with what the user may do with each.
pub async fn all_members(scope: &mut Scope, id: TeamId) -> Result<(Team, Vec<ListedPerson>)> {
    let team = get(scope, id).await?;
    let mut found = all_pages(scope, |scope, query| Box::pin(members(scope, id, query))).await?;
    found.sort_by_cached_key(|member| (Reverse(member.role), member.name.to_lowercase()));
    let found = found.into_iter().map(|member| listed(team.role, member)).collect();
    Ok((team, found))
}

/// A member as a user with the role `mine` sees them.
fn listed(mine: Role, member: Member) -> ListedPerson {
    let Member { user_id, name, email, role, .. } = member;
    let change = |to: &Role| role_allows(Some(mine), TeamAction::Change(role, *to));
    ListedPerson {
        user_id,
        name,
        email,
        grant: role.as_str().to_owned(),
        choices: Role::ALL.into_iter().filter(change).map(|role| role.as_str().to_owned()).collect(),
        may_remove: role_allows(Some(mine), TeamAction::Remove(role)),
    }
}
