//! The SQL of blocked people.

use sqlx::{query, query_as, query_scalar};

use super::Block;
use tallyboard_db::{Scope, from_row, on_both};
use tallyboard_model::{
    error::Result,
    id::{TaskId, TeamId, UserId},
    list::PageRequest,
};

from_row!(Block { user_id, name, created_at });

/// A page of the people the user has blocked, latest first.
pub async fn list(scope: &mut Scope, page: &PageRequest) -> Result<Vec<Block>> {
    let me = scope.user_id();
    Ok(on_both!(scope.connection(), conn => query_as(
        "SELECT blocked_user_id AS user_id, name, created_at FROM blocks
         WHERE user_id = $1 AND (created_at, blocked_user_id) < ($2, $3)
         ORDER BY created_at DESC, blocked_user_id DESC LIMIT $4")
        .bind(me).bind(page.after.key).bind(page.after.id).bind(page.rows()).fetch_all(conn).await)?)
}

/// How many people the user has blocked.
pub async fn count(scope: &mut Scope) -> Result<i64> {
    let me = scope.user_id();
    Ok(on_both!(scope.connection(), conn => query_scalar("SELECT COUNT(*) FROM blocks WHERE user_id = $1")
        .bind(me).fetch_one(conn).await)?)
}

/// Blocks a person; `false` if they were blocked already.
pub async fn insert(scope: &mut Scope, block: &Block) -> Result<bool> {
    let me = scope.user_id();
    let done = on_both!(scope.connection(), conn => query(
        "INSERT INTO blocks (user_id, blocked_user_id, name, created_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (user_id, blocked_user_id) DO NOTHING")
        .bind(me).bind(block.user_id).bind(block.name.as_deref()).bind(block.created_at)
        .execute(conn).await.map(|done| done.rows_affected()))?;
    Ok(done > 0)
}

/// Unblocks a person; `false` if they weren't blocked.
pub async fn delete(scope: &mut Scope, person: UserId) -> Result<bool> {
    let me = scope.user_id();
    Ok(on_both!(scope.connection(), conn => query("DELETE FROM blocks WHERE user_id = $1 AND blocked_user_id = $2")
        .bind(me).bind(person).execute(conn).await.map(|done| done.rows_affected() > 0))?)
}

/// The tasks that a person shares with the user.
pub async fn tasks_shared_by(scope: &mut Scope, person: UserId) -> Result<Vec<TaskId>> {
    let me = scope.user_id();
    Ok(on_both!(scope.connection(), conn => query_scalar(
        "SELECT task_id FROM task_shares WHERE shared_with_user_id = $1 AND shared_by_user_id = $2")
        .bind(me).bind(person).fetch_all(conn).await)?)
}

/// The teams of the user that a person owns.
pub async fn teams_owned_by(scope: &mut Scope, person: UserId) -> Result<Vec<TeamId>> {
    let me = scope.user_id();
    Ok(on_both!(scope.connection(), conn => query_scalar(
        "SELECT t.id FROM teams t JOIN team_members m ON m.team_id = t.id WHERE m.user_id = $1 AND t.owner_id = $2
         ORDER BY t.id")
        .bind(me).bind(person).fetch_all(conn).await)?)
}
