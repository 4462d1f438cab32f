//! The SQL of reading the audit log.

use chrono::{DateTime, Utc};
use sqlx::{query, query_as, query_scalar};

use super::{Actor, AuditRecord, AuditTarget};
use tallyboard_db::{Scope, System, from_row, on_both};
use tallyboard_model::{
    error::Result,
    id::{RowId, TeamId, UserId},
    list::PageRequest,
};

struct AuditRow {
    id: RowId,
    at: DateTime<Utc>,
    user_id: UserId,
    name: Option<String>,
    action: String,
    target_kind: Option<String>,
    target_id: Option<RowId>,
    fields: Option<String>,
    token: Option<String>,
    app: Option<String>,
    ip: Option<String>,
    request_id: Option<RowId>,
}
from_row!(AuditRow { id, at, user_id, name, action, target_kind, target_id, fields, token, app, ip, request_id });

impl From<AuditRow> for AuditRecord {
    fn from(row: AuditRow) -> Self {
        let via = match (row.app, row.token) {
            (Some(app), _) => format!("app:{app}"),
            (None, Some(token)) => format!("token:{token}"),
            (None, None) => "session".to_owned(),
        };
        let fields = row.fields.unwrap_or_default();
        Self {
            id: row.id,
            at: row.at,
            action: row.action,
            actor: Actor { user_id: row.user_id, name: row.name, via },
            target: AuditTarget { kind: row.target_kind, id: row.target_id.map(|id| id.0) },
            fields: fields.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect(),
            ip: row.ip,
            request_id: row.request_id,
        }
    }
}

/// The user's actions, newest first.
pub async fn own(scope: &mut Scope, page: &PageRequest) -> Result<Vec<AuditRecord>> {
    let me = scope.user_id();
    let rows: Vec<AuditRow> = on_both!(scope.connection(), conn => query_as(
        "SELECT a.id, a.at, a.user_id, p.name, a.action, a.target_kind, a.target_id, a.fields, a.token, a.app, a.ip, a.request_id
         FROM audit_log a LEFT JOIN people p ON p.id = a.user_id
         WHERE a.user_id = $1 AND (a.at, a.id) < ($2, $3) ORDER BY a.at DESC, a.id DESC LIMIT $4")
        .bind(me).bind(page.after.key).bind(page.after.id).bind(page.rows()).fetch_all(conn).await)?;
    Ok(rows.into_iter().map(AuditRecord::from).collect())
}

/// Others' actions in a team that the user manages, newest first; without the addresses they did it from.
pub async fn of_team(scope: &mut Scope, team: TeamId, page: &PageRequest) -> Result<Vec<AuditRecord>> {
    let me = scope.user_id();
    let rows: Vec<AuditRow> = on_both!(scope.connection(), conn => query_as(
        "SELECT a.id, a.at, a.user_id, p.name, a.action, a.target_kind, a.target_id, a.fields, a.token, a.app,
                NULL AS ip, NULL AS request_id
         FROM audit_log a LEFT JOIN people p ON p.id = a.user_id
         WHERE a.team_id = $5 AND a.user_id <> $1 AND (a.at, a.id) < ($2, $3)
           AND a.team_id IN (SELECT team_id FROM team_members WHERE user_id = $1 AND role IN ('owner', 'admin'))
         ORDER BY a.at DESC, a.id DESC LIMIT $4")
        .bind(me).bind(page.after.key).bind(page.after.id).bind(page.rows()).bind(team).fetch_all(conn).await)?;
    Ok(rows.into_iter().map(AuditRecord::from).collect())
}

/// Everybody's actions since a time, oldest first: for the operator.
pub async fn of_user(
    scope: &mut Scope<System>,
    user: UserId,
    since: DateTime<Utc>,
    after: (DateTime<Utc>, RowId),
    limit: u32,
) -> Result<Vec<AuditRecord>> {
    let rows: Vec<AuditRow> = on_both!(scope.connection(), conn => query_as(
        "SELECT a.id, a.at, a.user_id, u.name, a.action, a.target_kind, a.target_id, a.fields, a.token, a.app, a.ip, a.request_id
         FROM audit_log a JOIN users u ON u.id = a.user_id
         WHERE a.user_id = $1 AND a.at >= $2 AND (a.at, a.id) > ($3, $4) ORDER BY a.at, a.id LIMIT $5")
        .bind(user).bind(since).bind(after.0).bind(after.1).bind(i64::from(limit)).fetch_all(conn).await)?;
    Ok(rows.into_iter().map(AuditRecord::from).collect())
}

/// Allows rows from before `time` to be deleted.
pub async fn keep_from(scope: &mut Scope<System>, time: DateTime<Utc>) -> Result<()> {
    on_both!(scope.connection(), conn => query("UPDATE audit_retention SET keep_from = $1").bind(time).execute(conn).await.map(drop))?;
    Ok(())
}

/// Deletes at most `limit` of the rows from before `time`; returns how many.
pub async fn delete_before(scope: &mut Scope<System>, time: DateTime<Utc>, limit: u32) -> Result<u64> {
    let ids: Vec<RowId> = on_both!(scope.connection(), conn => query_scalar(
        "DELETE FROM audit_log WHERE id IN (SELECT id FROM audit_log WHERE at < $1 ORDER BY at LIMIT $2) RETURNING id")
        .bind(time).bind(i64::from(limit)).fetch_all(conn).await)?;
    Ok(ids.len() as u64)
}
