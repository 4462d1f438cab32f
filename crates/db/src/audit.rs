//! What a transaction writes into the audit log: who did what, on what. Ids and names of fields, never their words.

use sqlx::QueryBuilder;
use uuid::Uuid;

use super::{Connection, Means, Via, now, on_both};
use tallyboard_base::request_log;
use tallyboard_model::{
    error::Result,
    id::{RowId, SessionId, TaskId, TeamId, TokenId, UserId},
};

/// What an action was done on.
#[derive(Clone, Copy, Debug)]
pub enum Target {
    /// A task.
    Task(TaskId),
    /// A team.
    Team(TeamId),
    /// An account.
    User(UserId),
    /// A sign-in.
    Session(SessionId),
    /// A personal token.
    Token(TokenId),
    /// A connected app.
    App(RowId),
}

impl Target {
    fn kind(self) -> &'static str {
        match self {
            Target::Task(_) => "task",
            Target::Team(_) => "team",
            Target::User(_) => "user",
            Target::Session(_) => "session",
            Target::Token(_) => "token",
            Target::App(_) => "app",
        }
    }

    fn id(self) -> Uuid {
        match self {
            Target::Task(TaskId(id))
            | Target::Team(TeamId(id))
            | Target::User(UserId(id))
            | Target::Session(SessionId(id))
            | Target::Token(TokenId(id))
            | Target::App(RowId(id)) => id,
        }
    }
}

/// One row to write.
#[derive(Debug)]
pub struct AuditEntry {
    user: UserId,
    action: &'static str,
    target: Option<Target>,
    team: Option<TeamId>,
    fields: Option<String>,
}

impl AuditEntry {
    /// A row about what this user does.
    pub(super) fn new(user: UserId, action: &'static str, target: Option<Target>) -> Self {
        Self { user, action, target, team: None, fields: None }
    }

    /// The owner and the admins of this team may read the row, too.
    pub fn in_team(&mut self, team: impl Into<Option<TeamId>>) -> &mut Self {
        self.team = team.into();
        self
    }

    /// The names of the fields that changed.
    pub fn fields(&mut self, names: &[&str]) -> &mut Self {
        self.fields = (!names.is_empty()).then(|| names.join(","));
        self
    }
}

/// Writes what was recorded, with the request that it belongs to.
pub(super) async fn write(connection: Connection<'_>, entries: &[AuditEntry], via: Option<&Via>) -> Result<()> {
    if entries.is_empty() {
        return Ok(());
    }
    let at = now();
    let request = request_log::current();
    let request = request.as_deref();
    let (token, app) = match via.map(|via| &via.by) {
        Some(Means::Token(token)) => (Some(token.as_str()), None),
        Some(Means::App(app)) => (None, Some(app.as_str())),
        None => (request.and_then(|request| request.token.get()).map(String::as_str), None),
    };
    let client = via.and_then(|via| via.client.as_deref());
    let ip = request.and_then(|request| request.peer).map(|peer| peer.to_string());
    let request_id = request.map(|request| RowId(request.id));
    on_both!(connection, conn => {
        let mut sql = QueryBuilder::new(
            "INSERT INTO audit_log
             (id, at, user_id, team_id, action, target_kind, target_id, fields, token, client, app, ip, request_id) ");
        sql.push_values(entries, |mut row, entry| {
            row.push_bind(RowId::new()).push_bind(at).push_bind(entry.user).push_bind(entry.team)
                .push_bind(entry.action).push_bind(entry.target.map(Target::kind))
                .push_bind(entry.target.map(|target| RowId(target.id()))).push_bind(entry.fields.as_deref())
                .push_bind(token).push_bind(client).push_bind(app).push_bind(ip.as_deref()).push_bind(request_id);
        });
        sql.build().execute(conn).await.map(drop)
    })?;
    Ok(())
}
