//! Checks each room's store functions against PostgreSQL's row-level policies.
//!
//! A store function names whose rows it wants in its WHERE. Here it names Ada's while the transaction is
//! Eve's, who has nothing to do with them: the same as a WHERE that was forgotten. The function must read
//! nothing and change nothing. To prove that the check means something, it must also do its work when the
//! transaction is Ada's.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::{
    fs,
    sync::atomic::{AtomicU32, Ordering},
};

use futures::future::BoxFuture;
use sqlx::{AssertSqlSafe, Connection as _, Executor, PgConnection, query_scalar};

use super::{Changes, Connection, Database, Migration, Scope, role, scope::begin, transaction::Mode};
use tallyboard_base::config::DatabaseConfig;
use tallyboard_model::{
    error::Result,
    id::{
        ConversationId, FilterId, InvitationId, MessageId, NotificationId, PasskeyId, ReceivedInvitationId, RowId,
        SessionId, TaskId, TeamId, TokenId, UserId,
    },
};

/// A database with Ada's rows, Grace's (in her team, with a share), and Eve, a stranger.
pub struct IsolationTest {
    db: Database,
    pub ada: UserId,
    pub grace: UserId,
    pub eve: UserId,
    pub team: TeamId,
    /// Ada's, in no team, shared with Grace.
    pub task: TaskId,
    /// Ada's, in the team, shared with Grace.
    pub team_task: TaskId,
    /// Grace's, in the team, shared with Ada.
    pub graces_task: TaskId,
    /// Ada's, in no team, deleted.
    pub trashed: TaskId,
    /// Grace's, in the team, deleted.
    pub graces_trashed: TaskId,
    pub session: SessionId,
    /// Ada's, as `session`.
    pub token: TokenId,
    /// Ada's.
    pub passkey: PasskeyId,
    pub conversation: ConversationId,
    /// Ada's question in the conversation, and the id of the answer that is being written.
    pub message: MessageId,
    /// Ada's.
    pub connected_app: RowId,
    /// To the team, created by Ada; Grace has joined by it.
    pub invitation: InvitationId,
    /// Sent to Ada by somebody she doesn't know.
    pub received_invitation: ReceivedInvitationId,
    /// Ada's.
    pub filter: FilterId,
    /// Ada's.
    pub notification: NotificationId,
}

const TABLES: [&str; 35] = [
    "users",
    "password_links",
    "sessions",
    "tasks",
    "teams",
    "user_goals",
    "saved_filters",
    "notification_choices",
    "notifications",
    "outbox",
    "two_step",
    "recovery_codes",
    "identities",
    "passkeys",
    "blocks",
    "received_invitations",
    "team_members",
    "team_invitations",
    "team_invitation_uses",
    "task_shares",
    "trash",
    "conversations",
    "messages",
    "answers",
    "assistant_usage",
    "connected_apps",
    "oauth_records",
    "idempotency_keys",
    "counter_changes",
    "user_counters",
    "team_counters",
    "user_days",
    "access_tokens",
    "resource_subscriptions",
    "audit_log",
];

impl IsolationTest {
    /// Creates a database and fills it.
    pub async fn start() -> Self {
        let db = database(&postgres_url().await).await;
        db.migrate(Migration::Up).await.unwrap();
        let test = Self {
            db,
            ada: UserId::new(),
            grace: UserId::new(),
            eve: UserId::new(),
            team: TeamId::new(),
            task: TaskId::new(),
            team_task: TaskId::new(),
            graces_task: TaskId::new(),
            trashed: TaskId::new(),
            graces_trashed: TaskId::new(),
            session: SessionId::new(),
            token: TokenId::new(),
            passkey: PasskeyId::new(),
            conversation: ConversationId::new(),
            message: MessageId::new(),
            connected_app: RowId::new(),
            invitation: InvitationId::new(),
            received_invitation: ReceivedInvitationId::new(),
            filter: FilterId::new(),
            notification: NotificationId::new(),
        };
        test.fill().await;
        test
    }

    async fn fill(&self) {
        let Self {
            ada,
            grace,
            eve,
            team,
            task,
            team_task,
            graces_task,
            trashed,
            graces_trashed,
            session,
            token,
            passkey,
            conversation,
            message,
            connected_app,
            invitation,
            received_invitation,
            filter,
            notification,
            ..
        } = self;
        let [a, b, c, d, e, f, stranger] = [(); 7].map(|()| RowId::new());
        let content = r#"{"title":"Deleted","description":null,"status":"pending","due_at":null,"completed_at":null,
            "created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-01T00:00:00Z"}"#;
        let sql = format!(
            "INSERT INTO users (id, email, name, password_hash, created_at, updated_at) VALUES
                 ('{ada}', 'ada@example.org', 'Ada', 'x', now(), now()),
                 ('{grace}', 'grace@example.org', 'Grace', 'x', now(), now()),
                 ('{eve}', 'eve@example.org', 'Eve', 'x', now(), now()),
                 ('{stranger}', 'kay@example.org', 'Kay', 'x', now(), now());
             INSERT INTO sessions (id, user_id, created_at, last_seen_at, expires_at)
                 VALUES ('{session}', '{ada}', now(), now(), now() + interval '1 day');
             INSERT INTO teams (id, name, owner_id, created_at, updated_at) VALUES ('{team}', 'Team', '{ada}', now(), now());
             INSERT INTO team_members (id, team_id, user_id, role, created_at) VALUES
                 ('{a}', '{team}', '{ada}', 'owner', now()), ('{b}', '{team}', '{grace}', 'member', now());
             INSERT INTO team_invitations (id, team_id, created_by, role, secret_hash, uses, created_at, expires_at)
                 VALUES ('{invitation}', '{team}', '{ada}', 'member', repeat('b', 64), 1, now(), now() + interval '1 day');
             INSERT INTO team_invitation_uses (invitation_id, user_id, created_at) VALUES ('{invitation}', '{grace}', now());
             INSERT INTO access_tokens (id, user_id, name, secret_hash, prefix, scope, created_at)
                 VALUES ('{token}', '{ada}', 'Claude', repeat('a', 64), 'tallyboard_abcd', 'write', now());
             INSERT INTO access_tokens (id, user_id, name, secret_hash, prefix, scope, created_at, only_calendar)
                 VALUES ('{f}', '{ada}', 'Calendar', repeat('c', 64), 'tallyboard_efgh', 'read', now(), 1);
             INSERT INTO passkeys (id, user_id, credential_id, name, credential, last_challenge_at, created_at)
                 VALUES ('{passkey}', '{ada}', 'YWRh', 'Phone', '{{}}', now(), now());
             INSERT INTO blocks (user_id, blocked_user_id, name, created_at) VALUES
                 ('{ada}', '{grace}', 'Grace', now()), ('{grace}', '{ada}', 'Ada', now());
             INSERT INTO audit_log (id, at, user_id, team_id, action) VALUES
                 ('{session}', '2026-01-01', '{ada}', NULL, 'auth.signed_in'),
                 ('{token}', '2026-01-01', '{grace}', '{team}', 'task.created');
             INSERT INTO resource_subscriptions (user_id, credential_id, uri, created_at)
                 VALUES ('{ada}', '{session}', 'tallyboard://dashboard', now());
             INSERT INTO saved_filters (id, user_id, name, query, created_at)
                 VALUES ('{filter}', '{ada}', 'Late', 'due=overdue', now());
             INSERT INTO notification_choices (user_id, topic, on_page, in_browser, by_mail)
                 VALUES ('{ada}', 'due_today', 1, 0, 0), ('{grace}', 'shared_with_me', 1, 0, 1);
             INSERT INTO notifications (id, user_id, event, subject, on_page, in_browser, mail_waits, created_at)
                 VALUES ('{notification}', '{ada}', 'tasks_due', '1 due today', 1, 0, 1, now());
             INSERT INTO user_goals (user_id, daily, days_off) VALUES ('{ada}', 5, 64);
             INSERT INTO tasks (id, user_id, team_id, title, due_at, created_at, updated_at) VALUES
                 ('{task}', '{ada}', NULL, 'Own', '2026-01-02', '2026-01-01', '2026-01-01'),
                 ('{team_task}', '{ada}', '{team}', 'Team', NULL, '2026-01-01', '2026-01-01'),
                 ('{graces_task}', '{grace}', '{team}', 'Grace', NULL, '2026-01-01', '2026-01-01');
             UPDATE tasks SET status = 'completed', completed_at = '2026-01-02' WHERE id = '{team_task}';
             INSERT INTO task_shares (id, task_id, shared_with_user_id, shared_by_user_id, permission, created_at) VALUES
                 ('{c}', '{task}', '{grace}', '{ada}', 'view', now()),
                 ('{d}', '{team_task}', '{grace}', '{ada}', 'view', now()),
                 ('{e}', '{graces_task}', '{ada}', '{grace}', 'view', now());
             INSERT INTO trash (id, user_id, team_id, content, deleted_at, deleted_by) VALUES
                 ('{trashed}', '{ada}', NULL, '{content}', now(), '{ada}'),
                 ('{graces_trashed}', '{grace}', '{team}', '{content}', now(), '{grace}');
             INSERT INTO received_invitations
                 (id, user_id, from_user_id, from_name, subject, task_id, access, created_at)
                 VALUES ('{received_invitation}', '{ada}', '{stranger}', 'Kay', 'Grace', '{graces_task}', 'edit', now());
             INSERT INTO conversations (id, user_id, title, created_at, updated_at)
                 VALUES ('{conversation}', '{ada}', 'Talk', now(), now());
             INSERT INTO messages (id, conversation_id, user_id, role, content, created_at)
                 VALUES ('{message}', '{conversation}', '{ada}', 'user', 'Hello', now());
             INSERT INTO answers (id, conversation_id, user_id, question_id, state, created_at, updated_at)
                 VALUES ('{message}', '{conversation}', '{ada}', '{message}', 'running', now(), now());
             INSERT INTO connected_apps (id, user_id, client_id, name, scope, created_at)
                 VALUES ('{connected_app}', '{ada}', 'x', 'X', 'read', now());
             INSERT INTO assistant_usage (user_id, quarter, input_tokens, output_tokens)
                 VALUES ('{ada}', now() - interval '1 hour', 1, 1);"
        );
        let mut transaction = begin(&self.db, Mode::Write, None).await.unwrap();
        let Connection::Postgres(conn) = transaction.connection() else { panic!("PostgreSQL alone has policies") };
        conn.execute(AssertSqlSafe(sql)).await.unwrap();
        transaction.commit(Box::new(|_| {})).await.unwrap();
    }

    /// Runs a store function with Ada's ids, once in Eve's transaction and once in Ada's. `work` answers
    /// how many rows it read.
    pub async fn check<F>(&self, name: &str, work: F)
    where
        F: for<'a> Fn(&'a mut Scope) -> BoxFuture<'a, Result<usize>>,
    {
        let (seen, changed) = self.run(self.eve, &work).await;
        assert!(!changed, "{name}: a stranger changed something");
        assert!(matches!(seen, Err(_) | Ok(0)), "{name}: a stranger saw {seen:?}");
        let (seen, changed) = self.run(self.ada, &work).await;
        let seen = seen.unwrap_or_else(|error| panic!("{name} as Ada: {error}"));
        assert!(seen > 0 || changed, "{name} does nothing for Ada either: this test would prove nothing");
    }

    /// The answer, and whether any row changed. The transaction is rolled back.
    async fn run<F>(&self, actual_user: UserId, work: &F) -> (Result<usize>, bool)
    where
        F: for<'a> Fn(&'a mut Scope) -> BoxFuture<'a, Result<usize>>,
    {
        let transaction = begin(&self.db, Mode::Write, Some(actual_user)).await.unwrap();
        let mut scope = Scope { transaction, actor: self.ada, changes: Changes::default(), audit: Vec::new() };
        let before = rows(&mut scope, actual_user).await;
        let answer = work(&mut scope).await;
        // A statement that a policy rejects ends its transaction: nothing of it was done.
        let changed = answer.is_ok() && rows(&mut scope, actual_user).await != before;
        (answer, changed)
    }
}

/// Every row of every table, read as the system from inside the transaction.
async fn rows(scope: &mut Scope, actual_user: UserId) -> String {
    let Connection::Postgres(conn) = scope.connection() else { panic!("PostgreSQL alone has policies") };
    conn.execute("RESET ROLE; SET LOCAL app.system = 'on'").await.unwrap();
    let mut all = String::new();
    for table in TABLES {
        let sql = format!("SELECT coalesce(string_agg(t::text, '\n' ORDER BY t::text), '') FROM {table} t");
        let text: String = query_scalar(AssertSqlSafe(sql)).fetch_one(&mut *conn).await.unwrap();
        all += &text;
    }
    let role = role::current(conn).await.unwrap().unwrap();
    let back = format!("SET LOCAL app.system = ''; {}", role.identity(actual_user));
    conn.execute(AssertSqlSafe(back)).await.unwrap();
    all
}

/// Asserts that the room's `store_test.rs` names every function of its store that takes a user's scope.
pub fn assert_covers_every_function(manifest_dir: &str, room: &str) {
    let read = |file: &str| fs::read_to_string(format!("{manifest_dir}/src/{room}/{file}")).unwrap();
    let (store, test) = (read("store.rs"), read("store_test.rs"));
    let functions = store.split("pub async fn ").skip(1).filter(|text| {
        let parameters = text.split_once(')').map_or("", |(parameters, _)| parameters);
        parameters.contains("&mut Scope") && !parameters.contains("&mut Scope<System>")
    });
    let mut count = 0;
    for name in functions.map(|text| text.split(['(', '<']).next().unwrap()) {
        assert!(test.contains(&format!("\"{name}\"")), "src/{room}/store_test.rs does not check {name}");
        count += 1;
    }
    assert!(count > 0, "{room}");
}

/// The URL of a new, empty PostgreSQL database.
pub async fn postgres_url() -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let admin = std::env::var("TEST_DATABASE_URL").expect("TEST_DATABASE_URL: run the tests with `make test-rust`");
    let name = format!("unit_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    let mut connection = PgConnection::connect(&admin).await.unwrap();
    connection.execute(AssertSqlSafe(format!("CREATE DATABASE {name} TEMPLATE template0"))).await.unwrap();
    format!("{}/{name}", admin.rsplit_once('/').unwrap().0)
}

/// Connects to the database of this URL.
pub async fn database(url: &str) -> Database {
    let settings = format!(
        "url = '{url}'\ndirect_url = ''\nmax_connections = 2\nmax_readers = 1\nacquire_timeout_seconds = 10\nkeep_awake = true"
    );
    let config: DatabaseConfig = toml::from_str(&settings).unwrap();
    Database::connect(&config).await.unwrap()
}
