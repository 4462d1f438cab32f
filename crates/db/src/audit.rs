//! A transaction's rows in the audit log: actor, action and target. They hold ids and field names, never texts.

use chrono::{DateTime, Utc};
use sqlx::{QueryBuilder, SqliteConnection};
use uuid::Uuid;

use super::{CredentialKind, Via, now};
use tallyboard_base::request_log;
use tallyboard_model::{
    error::Result,
    id::{RowId, SessionId, TaskId, TeamId, TokenId, UserId},
};

/// The target of an action.
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

/// The credential and the request that wrote a transaction's rows.
struct Origin {
    at: DateTime<Utc>,
    token: Option<String>,
    app: Option<String>,
    client: Option<String>,
    ip: Option<String>,
    request_id: Option<RowId>,
}

impl Origin {
    fn new(via: Option<&Via>) -> Self {
        let request = request_log::current();
        let request = request.as_deref();
        let (token, app) = match via.map(|via| &via.by) {
            Some(CredentialKind::Token(token)) => (Some(token.clone()), None),
            Some(CredentialKind::App(app)) => (None, Some(app.clone())),
            None => (request.and_then(|request| request.token.get()).cloned(), None),
        };
        Self {
            at: now(),
            token,
            app,
            client: via.and_then(|via| via.client.clone()),
            ip: request.and_then(|request| request.peer).map(|peer| peer.to_string()),
            request_id: request.map(|request| RowId(request.id)),
        }
    }
}

const INSERT: &str = "INSERT INTO audit_log
    (id, at, user_id, team_id, action, target_kind, target_id, fields, token, client, app, ip, request_id) ";

/// Writes what was recorded into SQLite.
pub(super) async fn insert(conn: &mut SqliteConnection, entries: &[AuditEntry], via: Option<&Via>) -> Result<()> {
    let origin = Origin::new(via);
    let mut sql = QueryBuilder::new(INSERT);
    sql.push_values(entries, |mut row, entry| {
        row.push_bind(RowId::new())
            .push_bind(origin.at)
            .push_bind(entry.user)
            .push_bind(entry.team)
            .push_bind(entry.action)
            .push_bind(entry.target.map(Target::kind))
            .push_bind(entry.target.map(|target| RowId(target.id())))
            .push_bind(entry.fields.as_deref())
            .push_bind(origin.token.as_deref())
            .push_bind(origin.client.as_deref())
            .push_bind(origin.app.as_deref())
            .push_bind(origin.ip.as_deref())
            .push_bind(origin.request_id);
    });
    sql.build().execute(conn).await?;
    Ok(())
}

/// What was recorded as a statement without parameters, which PostgreSQL gets in one round trip with COMMIT.
pub(super) fn insert_statement(entries: &[AuditEntry], via: Option<&Via>) -> String {
    let origin = Origin::new(via);
    let rows: Vec<_> = entries
        .iter()
        .map(|entry| {
            [
                uuid_literal(Some(RowId::new().0)),
                format!("'{}'", origin.at.to_rfc3339()),
                uuid_literal(Some(entry.user.0)),
                uuid_literal(entry.team.map(|team| team.0)),
                text_literal(Some(entry.action)),
                text_literal(entry.target.map(Target::kind)),
                uuid_literal(entry.target.map(Target::id)),
                text_literal(entry.fields.as_deref()),
                text_literal(origin.token.as_deref()),
                text_literal(origin.client.as_deref()),
                text_literal(origin.app.as_deref()),
                text_literal(origin.ip.as_deref()),
                uuid_literal(origin.request_id.map(|id| id.0)),
            ]
            .join(", ")
        })
        .collect();
    format!("{INSERT} VALUES ({});", rows.join("), ("))
}

fn uuid_literal(id: Option<Uuid>) -> String {
    id.map_or_else(|| "NULL".to_owned(), |id| format!("'{id}'"))
}

/// The text as hex digits, which need no escaping.
fn text_literal(text: Option<&str>) -> String {
    let Some(text) = text else { return "NULL".to_owned() };
    let digits: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    format!("convert_from('\\x{digits}', 'UTF8')")
}
