//! The user's role in a team, and what follows from it for other rooms.

use super::store;
use tallyboard_db::{Lock, Scope};
use tallyboard_model::{
    error::{Error, Result},
    id::{TeamId, UserId},
    membership::ListedTeam,
    permissions::{Role, TeamAction, role_allows},
};

/// The user's role in a team; 403 for outsiders, 404 when there is no such team.
pub async fn role_in(scope: &mut Scope, team: TeamId) -> Result<Role> {
    match store::role(scope, team).await? {
        Some(role) => Ok(role),
        None => Err(not_a_member(scope, team).await?),
    }
}

/// The error for a user who has no role in the team: 403, or 404 when there is no such team.
pub async fn not_a_member(scope: &mut Scope, team: TeamId) -> Result<Error> {
    let exists = store::team_exists(scope, team).await?;
    Ok(if exists { Error::forbidden("You are not in this team") } else { Error::not_found("Team") })
}

/// Checks that the user may create a task in the team. Their role cannot change until the transaction ends.
pub async fn check_may_create_task(scope: &mut Scope, team: TeamId) -> Result<()> {
    scope.connection().lock(team.0, Lock::Shared).await?;
    let role = role_in(scope, team).await?;
    if role_allows(Some(role), TeamAction::CreateTask) {
        return Ok(());
    }
    Err(Error::forbidden("Viewers may not create tasks in their team"))
}

/// Waits until no other transaction changes the members of the team, and prevents that until this one ends.
pub async fn lock_members(scope: &mut Scope, team: TeamId) -> Result<()> {
    scope.connection().lock(team.0, Lock::Exclusive).await
}

/// The ids of a team's members, for the recipients of an event.
pub async fn member_ids(scope: &mut Scope, team: TeamId) -> Result<Vec<UserId>> {
    store::member_ids(scope, team).await
}

/// All teams of the user, by name.
pub async fn my_teams(scope: &mut Scope) -> Result<Vec<ListedTeam>> {
    let mut teams = store::my_teams(scope).await?;
    teams.sort_by_cached_key(|team| (team.name.to_lowercase(), team.id));
    Ok(teams)
}
