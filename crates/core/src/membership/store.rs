//! The SQL of memberships.

use sqlx::{query_as, query_scalar};

use tallyboard_db::{Connection, Scope, from_row, on_both};
use tallyboard_model::{
    error::Result,
    id::{TeamId, UserId},
    membership::{ListedTeam, stored_role},
    permissions::Role,
};

struct ListedTeamRow {
    id: TeamId,
    name: String,
    role: String,
}
from_row!(ListedTeamRow { id, name, role });

/// The role of the user in a team.
pub async fn role(scope: &mut Scope, team: TeamId) -> Result<Option<Role>> {
    let me = scope.user_id();
    let name: Option<String> = on_both!(scope.connection(), conn => query_scalar(
        "SELECT role FROM team_members WHERE team_id = $1 AND user_id = $2")
        .bind(team).bind(me).fetch_optional(conn).await)?;
    name.as_deref().map(stored_role).transpose()
}

/// Whether a team exists, whoever its members; distinguishes 403 from 404.
pub async fn team_exists(scope: &mut Scope, team: TeamId) -> Result<bool> {
    // PostgreSQL's policies hide other people's teams; the function answers only whether the id exists.
    let sql = match scope.connection() {
        Connection::Sqlite(_) => "SELECT EXISTS (SELECT 1 FROM teams WHERE id = $1)",
        Connection::Postgres(_) => "SELECT app_team_exists($1)",
    };
    Ok(on_both!(scope.connection(), conn => query_scalar(sql).bind(team).fetch_one(conn).await)?)
}

/// The ids of the members of a team of the user.
pub async fn member_ids(scope: &mut Scope, team: TeamId) -> Result<Vec<UserId>> {
    let me = scope.user_id();
    Ok(on_both!(scope.connection(), conn => query_scalar(
        "SELECT user_id FROM team_members WHERE team_id = $2
           AND team_id IN (SELECT team_id FROM team_members WHERE user_id = $1)")
        .bind(me).bind(team).fetch_all(conn).await)?)
}

/// The teams of the user.
pub async fn my_teams(scope: &mut Scope) -> Result<Vec<ListedTeam>> {
    let me = scope.user_id();
    let rows: Vec<ListedTeamRow> = on_both!(scope.connection(), conn => query_as(
        "SELECT t.id, t.name, m.role FROM team_members m JOIN teams t ON t.id = m.team_id WHERE m.user_id = $1")
        .bind(me).fetch_all(conn).await)?;
    let listed = |ListedTeamRow { id, name, role }| Ok(ListedTeam { id, name, role: stored_role(&role)? });
    rows.into_iter().map(listed).collect()
}
