//! The SQL of accounts and sessions.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, Utc};
use sqlx::{QueryBuilder, query, query_as, query_scalar};

use tallyboard_db::{Connection, Scope, System, from_row, on_both, push_ids};
use tallyboard_model::{
    auth::{Session, User},
    error::Result,
    id::{RowId, SessionId, TeamId, UserId},
    input::decomposed,
    language::LanguageChoice,
    list::PageRequest,
    notifications::Topic,
};

/// An account with its password hash.
pub struct UserRow {
    pub id: UserId,
    pub email: String,
    pub name: String,
    pub password_hash: String,
    pub time_zone: String,
    pub language: String,
    pub created_at: DateTime<Utc>,
    pub disabled_at: Option<DateTime<Utc>>,
    pub email_verified_at: Option<DateTime<Utc>>,
}
from_row!(UserRow { id, email, name, password_hash, time_zone, language, created_at, disabled_at, email_verified_at });

/// The columns of a [`UserRow`].
macro_rules! user_columns {
    () => {
        "id, email, name, password_hash, time_zone, language, created_at, disabled_at, email_verified_at"
    };
}

impl UserRow {
    /// Whether nobody has disabled the account.
    pub fn is_enabled(&self) -> bool {
        self.disabled_at.is_none()
    }
}

impl From<UserRow> for User {
    fn from(row: UserRow) -> Self {
        Self {
            id: row.id,
            email: row.email,
            email_verified: row.email_verified_at.is_some(),
            name: row.name,
            time_zone: row.time_zone,
            language: LanguageChoice::parse(&row.language).unwrap_or_default(),
            created_at: row.created_at,
        }
    }
}

/// A valid session and its user.
pub struct SessionUserRow {
    pub user_id: UserId,
    pub name: String,
    pub email: String,
    pub time_zone: String,
    pub language: String,
    pub last_seen_at: DateTime<Utc>,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub offers_notifications: bool,
    pub email_verified: bool,
}
from_row!(SessionUserRow {
    user_id,
    name,
    email,
    time_zone,
    language,
    last_seen_at,
    created_at,
    expires_at,
    offers_notifications,
    email_verified
});

struct SessionRow {
    id: SessionId,
    created_at: DateTime<Utc>,
    last_seen_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    user_agent: Option<String>,
}
from_row!(SessionRow { id, created_at, last_seen_at, expires_at, user_agent });

/// Stores a new account with the notifications that are on by default.
pub async fn insert_user(scope: &mut Scope<System>, user: &UserRow) -> Result<(), sqlx::Error> {
    on_both!(scope.connection(), conn => query(
        "INSERT INTO users (id, email, name, password_hash, time_zone, language, created_at, updated_at, email_verified_at,
             notifications_offered_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8, $7)")
        .bind(user.id).bind(&user.email).bind(&user.name).bind(&user.password_hash).bind(&user.time_zone)
        .bind(&user.language).bind(user.created_at).bind(user.email_verified_at)
        .execute(conn).await.map(drop))?;
    let [first, second, third] = Topic::ON_BY_DEFAULT.map(Topic::as_str);
    on_both!(scope.connection(), conn => query(
        "INSERT INTO notification_choices (user_id, topic, on_page, in_browser, by_mail)
         VALUES ($1, $2, 1, 0, 0), ($1, $3, 1, 0, 0), ($1, $4, 1, 0, 0)")
        .bind(user.id).bind(first).bind(second).bind(third).execute(conn).await.map(drop))
}

/// The account with this email address, which is [`comparable`](tallyboard_model::input::comparable). Older versions stored
/// addresses in the form in which they came, so the decomposed one is looked for, too.
pub async fn find_by_email(scope: &mut Scope<System>, email: &str) -> Result<Option<UserRow>> {
    Ok(on_both!(scope.connection(), conn => query_as(
        concat!("SELECT ", user_columns!(), " FROM users WHERE lower(email) IN ($1, $2) ORDER BY lower(email) <> $1 LIMIT 1"))
        .bind(email).bind(decomposed(email)).fetch_optional(conn).await)?)
}

pub async fn find_by_id(scope: &mut Scope<System>, user: UserId) -> Result<Option<UserRow>> {
    Ok(on_both!(scope.connection(), conn => query_as(
        concat!("SELECT ", user_columns!(), " FROM users WHERE id = $1"))
        .bind(user).fetch_optional(conn).await)?)
}

pub async fn insert_session(
    scope: &mut Scope<System>,
    session: SessionId,
    user: UserId,
    now: DateTime<Utc>,
    expires: DateTime<Utc>,
    user_agent: Option<&str>,
) -> Result<()> {
    on_both!(scope.connection(), conn => query(
        "INSERT INTO sessions (id, user_id, created_at, last_seen_at, expires_at, user_agent)
         VALUES ($1, $2, $3, $3, $4, $5)")
        .bind(session).bind(user).bind(now).bind(expires).bind(user_agent)
        .execute(conn).await.map(drop))?;
    Ok(())
}

/// The addresses that a user has signed in from, as far as the audit log goes back; not more than 1,000.
pub async fn sign_in_addresses(scope: &mut Scope<System>, user: UserId) -> Result<Vec<String>> {
    Ok(on_both!(scope.connection(), conn => query_scalar(
        "SELECT DISTINCT ip FROM audit_log WHERE user_id = $1 AND action = 'auth.signed_in' AND ip IS NOT NULL LIMIT 1000")
        .bind(user).fetch_all(conn).await)?)
}

pub async fn find_session(scope: &mut Scope<System>, session: SessionId) -> Result<Option<SessionUserRow>> {
    Ok(on_both!(scope.connection(), conn => query_as(
        "SELECT s.user_id, u.name, u.email, u.time_zone, u.language, s.last_seen_at, s.created_at, s.expires_at,
                u.notifications_offered_at IS NULL AS offers_notifications,
                u.email_verified_at IS NOT NULL AS email_verified
         FROM sessions s JOIN users u ON u.id = s.user_id
         WHERE s.id = $1 AND s.revoked_at IS NULL AND u.disabled_at IS NULL")
        .bind(session).fetch_optional(conn).await)?)
}

pub async fn update_last_seen(scope: &mut Scope<System>, session: SessionId, now: DateTime<Utc>) -> Result<()> {
    on_both!(scope.connection(), conn => query("UPDATE sessions SET last_seen_at = $2 WHERE id = $1")
        .bind(session).bind(now).execute(conn).await.map(drop))?;
    Ok(())
}

pub async fn me(scope: &mut Scope) -> Result<Option<UserRow>> {
    let me = scope.user_id();
    Ok(on_both!(scope.connection(), conn => query_as(
        concat!("SELECT ", user_columns!(), " FROM users WHERE id = $1"))
        .bind(me).fetch_optional(conn).await)?)
}

/// Stores the user's profile, but for the address and the password.
pub async fn update_me(scope: &mut Scope, user: &UserRow, now: DateTime<Utc>) -> Result<()> {
    let me = scope.user_id();
    on_both!(scope.connection(), conn => query(
        "UPDATE users SET name = $2, time_zone = $3, language = $4, updated_at = $5 WHERE id = $1")
        .bind(me).bind(&user.name).bind(&user.time_zone).bind(&user.language).bind(now).execute(conn).await.map(drop))?;
    Ok(())
}

/// The user's sessions that are valid at `now`.
pub async fn sessions(
    scope: &mut Scope,
    now: DateTime<Utc>,
    current: SessionId,
    page: &PageRequest,
) -> Result<Vec<Session>> {
    let me = scope.user_id();
    let rows: Vec<SessionRow> = on_both!(scope.connection(), conn => query_as(
        "SELECT id, created_at, last_seen_at, expires_at, user_agent FROM sessions
         WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > $2 AND (created_at, id) < ($3, $4)
         ORDER BY created_at DESC, id DESC LIMIT $5")
        .bind(me).bind(now).bind(page.after.key).bind(page.after.id).bind(page.rows()).fetch_all(conn).await)?;
    let session = |row: SessionRow| Session {
        id: row.id,
        created_at: row.created_at,
        last_seen_at: row.last_seen_at,
        expires_at: row.expires_at,
        user_agent: row.user_agent,
        current: row.id == current,
    };
    Ok(rows.into_iter().map(session).collect())
}

/// Which of these sessions are valid at `now`.
pub async fn valid_sessions(
    scope: &mut Scope<System>,
    sessions: &[SessionId],
    now: DateTime<Utc>,
) -> Result<HashSet<SessionId>> {
    let ids: Vec<_> = sessions.iter().map(|session| RowId(session.0)).collect();
    let valid = valid_ids(scope, "SELECT id FROM sessions", &ids, now).await?;
    Ok(valid.into_iter().map(|id| SessionId(id.0)).collect())
}

/// Which of these rows were not revoked and have not expired at `now`; `select` names their table.
pub(super) async fn valid_ids(
    scope: &mut Scope<System>,
    select: &'static str,
    ids: &[RowId],
    now: DateTime<Utc>,
) -> Result<Vec<RowId>> {
    let mut valid = Vec::new();
    // SQLite accepts 32,766 parameters in one statement.
    for some in ids.chunks(5000) {
        let found: Vec<RowId> = on_both!(scope.connection(), conn => {
            let mut query = QueryBuilder::new(select);
            query.push(" WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ").push_bind(now);
            query.push(") AND id IN ");
            push_ids(&mut query, some);
            query.build_query_scalar().fetch_all(conn).await
        })?;
        valid.extend(found);
    }
    Ok(valid)
}

/// Ends a session of the user; `false` when there is no such session.
pub async fn revoke_session(scope: &mut Scope, session: SessionId, now: DateTime<Utc>) -> Result<bool> {
    let me = scope.user_id();
    let done = on_both!(scope.connection(), conn => query(
        "UPDATE sessions SET revoked_at = $3 WHERE id = $1 AND user_id = $2 AND revoked_at IS NULL")
        .bind(session).bind(me).bind(now).execute(conn).await.map(|done| done.rows_affected()))?;
    Ok(done > 0)
}

/// All sessions of a user, valid or not: they are evicted from the cache when the account is deleted.
pub async fn session_ids(scope: &mut Scope<System>, user: UserId) -> Result<Vec<SessionId>> {
    Ok(on_both!(scope.connection(), conn => query_scalar("SELECT id FROM sessions WHERE user_id = $1")
        .bind(user).fetch_all(conn).await)?)
}

pub async fn owned_teams(scope: &mut Scope<System>, user: UserId) -> Result<Vec<TeamId>> {
    Ok(on_both!(scope.connection(), conn => query_scalar("SELECT id FROM teams WHERE owner_id = $1")
        .bind(user).fetch_all(conn).await)?)
}

/// The teams of a user, each with all its members.
pub async fn teams_of(scope: &mut Scope<System>, user: UserId) -> Result<BTreeMap<TeamId, Vec<UserId>>> {
    let rows: Vec<(TeamId, UserId)> = on_both!(scope.connection(), conn => query_as(
        "SELECT team_id, user_id FROM team_members
         WHERE team_id IN (SELECT team_id FROM team_members WHERE user_id = $1)")
        .bind(user).fetch_all(conn).await)?;
    let mut teams = BTreeMap::<_, Vec<_>>::new();
    for (team, member) in rows {
        teams.entry(team).or_default().push(member);
    }
    Ok(teams)
}

/// The next owner of a team: the longest-standing admin, else member.
pub async fn successor(scope: &mut Scope<System>, team: TeamId) -> Result<Option<UserId>> {
    Ok(on_both!(scope.connection(), conn => query_scalar(
        "SELECT user_id FROM team_members WHERE team_id = $1 AND role IN ('admin', 'member')
         ORDER BY CASE role WHEN 'admin' THEN 0 ELSE 1 END, created_at, id LIMIT 1")
        .bind(team).fetch_optional(conn).await)?)
}

/// Makes another member the owner. The old owner's membership is deleted first: a team has one owner at any time.
pub async fn transfer_team(
    scope: &mut Scope<System>,
    team: TeamId,
    from: UserId,
    to: UserId,
    now: DateTime<Utc>,
) -> Result<()> {
    on_both!(scope.connection(), conn => query("DELETE FROM team_members WHERE team_id = $1 AND user_id = $2")
        .bind(team).bind(from).execute(conn).await.map(drop))?;
    on_both!(scope.connection(), conn => query("UPDATE team_members SET role = 'owner' WHERE team_id = $1 AND user_id = $2")
        .bind(team).bind(to).execute(conn).await.map(drop))?;
    on_both!(scope.connection(), conn => query("UPDATE teams SET owner_id = $2, updated_at = $3 WHERE id = $1")
        .bind(team).bind(to).bind(now).execute(conn).await.map(drop))?;
    Ok(())
}

/// The users whose number of shared tasks includes tasks of this user.
pub async fn share_recipients(scope: &mut Scope<System>, user: UserId) -> Result<Vec<UserId>> {
    Ok(on_both!(scope.connection(), conn => query_scalar(
        "SELECT DISTINCT s.shared_with_user_id FROM task_shares s JOIN tasks t ON t.id = s.task_id WHERE t.user_id = $1
         UNION SELECT shared_with_user_id FROM task_shares WHERE shared_by_user_id = $1")
        .bind(user).fetch_all(conn).await)?)
}

pub async fn delete_user(scope: &mut Scope<System>, user: UserId) -> Result<()> {
    on_both!(scope.connection(), conn => query("DELETE FROM users WHERE id = $1")
        .bind(user).execute(conn).await.map(drop))?;
    Ok(())
}

/// The account with exactly this email address, which is confirmed.
pub async fn find_person(scope: &mut Scope, email: &str) -> Result<Option<UserId>> {
    // PostgreSQL's policies hide other accounts; this function answers the id and nothing more.
    let sql = match scope.connection() {
        Connection::Sqlite(_) => {
            "SELECT COALESCE((SELECT id FROM users WHERE lower(email) = $1 AND email_verified_at IS NOT NULL),
                             (SELECT id FROM users WHERE lower(email) = $2 AND email_verified_at IS NOT NULL))"
        }
        Connection::Postgres(_) => "SELECT COALESCE(app_find_user($1), app_find_user($2))",
    };
    let older = decomposed(email);
    Ok(on_both!(scope.connection(), conn => query_scalar(sql).bind(email).bind(&older).fetch_one(conn).await)?)
}

/// Whether an account has this id.
pub async fn person_exists(scope: &mut Scope, id: UserId) -> Result<bool> {
    let sql = match scope.connection() {
        Connection::Sqlite(_) => "SELECT EXISTS (SELECT 1 FROM users WHERE id = $1)",
        Connection::Postgres(_) => "SELECT app_user_exists($1)",
    };
    Ok(on_both!(scope.connection(), conn => query_scalar(sql).bind(id).fetch_one(conn).await)?)
}

/// Whether a person has blocked the user.
pub async fn is_blocked_by(scope: &mut Scope, person: UserId) -> Result<bool> {
    let me = scope.user_id();
    // PostgreSQL's policies hide other people's blocks.
    Ok(match scope.connection() {
        Connection::Sqlite(conn) => {
            query_scalar("SELECT EXISTS (SELECT 1 FROM blocks WHERE user_id = $1 AND blocked_user_id = $2)")
                .bind(person)
                .bind(me)
                .fetch_one(conn)
                .await?
        }
        Connection::Postgres(conn) => query_scalar("SELECT app_is_blocked_by($1)").bind(person).fetch_one(conn).await?,
    })
}

/// The name of a person who shares a team or a task with the user.
pub async fn acquaintance_name(scope: &mut Scope, person: UserId) -> Result<Option<String>> {
    let me = scope.user_id();
    Ok(on_both!(scope.connection(), conn => query_scalar(
        "SELECT name FROM people WHERE id = $2
           AND (EXISTS (SELECT 1 FROM team_members mine JOIN team_members theirs ON theirs.team_id = mine.team_id
                        WHERE mine.user_id = $1 AND theirs.user_id = $2)
             OR EXISTS (SELECT 1 FROM task_shares s JOIN tasks t ON t.id = s.task_id
                        WHERE s.shared_with_user_id = $1 AND (s.shared_by_user_id = $2 OR t.user_id = $2)
                           OR s.shared_with_user_id = $2 AND (s.shared_by_user_id = $1 OR t.user_id = $1)))")
        .bind(me).bind(person).fetch_optional(conn).await)?)
}

/// The hashes of a user's secrets: they are evicted from the cache when the account is deleted.
pub async fn secret_hashes(scope: &mut Scope<System>, user: UserId) -> Result<Vec<String>> {
    Ok(on_both!(scope.connection(), conn => query_scalar("SELECT secret_hash FROM access_tokens WHERE user_id = $1")
        .bind(user).fetch_all(conn).await)?)
}
