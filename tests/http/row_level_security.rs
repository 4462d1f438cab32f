//! PostgreSQL's own wall: what the app's role sees when the SQL forgets its WHERE.

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use crate::support::{Client, Kind, Server, app_role};

const TABLES: [&str; 25] = [
    "users",
    "sessions",
    "tasks",
    "teams",
    "team_members",
    "task_shares",
    "conversations",
    "messages",
    "answers",
    "assistant_usage",
    "connected_apps",
    "team_invitations",
    "team_invitation_uses",
    "user_goals",
    "saved_filters",
    "notification_choices",
    "notifications",
    "idempotency_keys",
    "access_tokens",
    "passkeys",
    "blocks",
    "received_invitations",
    "trash",
    "resource_subscriptions",
    "audit_log",
];

/// What a stranger's statement without a WHERE would change.
pub const CHANGES: [&str; 25] = [
    "UPDATE tasks SET title = 'x'",
    "DELETE FROM tasks",
    "UPDATE teams SET name = 'x'",
    "DELETE FROM teams",
    "UPDATE team_members SET role = 'admin'",
    "DELETE FROM team_members",
    "UPDATE task_shares SET permission = 'edit'",
    "DELETE FROM task_shares",
    "DELETE FROM conversations",
    "DELETE FROM messages",
    "UPDATE answers SET content = 'x'",
    "DELETE FROM answers",
    "DELETE FROM assistant_usage",
    "UPDATE team_invitations SET max_uses = NULL",
    "UPDATE user_goals SET daily = 1",
    "UPDATE saved_filters SET name = 'x'",
    "DELETE FROM saved_filters",
    "DELETE FROM notification_choices",
    "UPDATE notification_choices SET on_page = 0",
    "UPDATE notifications SET read_at = now()",
    "DELETE FROM idempotency_keys",
    "DELETE FROM passkeys",
    "DELETE FROM blocks",
    "DELETE FROM received_invitations",
    "DELETE FROM trash",
];

/// What nobody may do, not even with their own rows.
pub const WITHHELD: [&str; 18] = [
    "DELETE FROM user_counters",
    "UPDATE user_days SET total = 1",
    "SELECT count(*) FROM task_search",
    "SELECT count(*) FROM password_links",
    "SELECT count(*) FROM outbox",
    "SELECT count(*) FROM two_step",
    "SELECT count(*) FROM recovery_codes",
    "SELECT count(*) FROM identities",
    "UPDATE passkeys SET credential = '{}'",
    "UPDATE blocks SET name = 'x'",
    "UPDATE received_invitations SET access = 'edit'",
    "UPDATE trash SET content = 'x'",
    "DELETE FROM outbox",
    "UPDATE notifications SET subject = 'x'",
    "DELETE FROM notifications",
    "DELETE FROM team_invitations",
    "DELETE FROM team_invitation_uses",
    "DELETE FROM user_goals",
];

/// A connection in the app's role that runs any SQL.
pub struct AppConnection(PgConnection, String);

impl AppConnection {
    pub async fn connect(server: &Server) -> Self {
        Self(PgConnection::connect(&server.url).await.unwrap(), app_role(&server.url).await.unwrap())
    }

    /// Begins a transaction as the app does, for this user or for none.
    pub async fn begin(&mut self, user: Option<&Client>) {
        let user = user.map(|user| format!("; SET LOCAL app.user_id = '{}'", user.id)).unwrap_or_default();
        let begin = format!("ROLLBACK; BEGIN; SET LOCAL ROLE {}{user}", self.1);
        self.0.execute(AssertSqlSafe(begin)).await.unwrap();
    }

    pub async fn count(&mut self, sql: &str) -> i64 {
        sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(&mut self.0).await.unwrap()
    }

    /// The number of rows that a statement changes. The change is rolled back.
    pub async fn rows_affected(&mut self, sql: String) -> Result<u64, String> {
        self.0.execute("SAVEPOINT before").await.unwrap();
        let done = self.0.execute(AssertSqlSafe(sql)).await.map(|done| done.rows_affected());
        self.0.execute("ROLLBACK TO before").await.unwrap();
        done.map_err(|error| error.to_string())
    }
}

/// Creates Ada, who has a row in every table; Grace, a member of her team; and Eve, who shares nothing with either.
pub async fn populate(server: &Server) -> (Client, Client, Client) {
    let (ada, grace, eve) = (server.user("Ada").await, server.user("Grace").await, server.user("Eve").await);
    // Those of new accounts: Eve is to have no row that could be changed.
    server.sql("DELETE FROM notification_choices".to_owned()).await;
    let team = server.team(&ada, &[(&grace, "member")]).await;
    let task = ada.task("Mine").await;
    ada.post_with(
        "/api/tasks",
        serde_json::json!({ "title": "In the team", "team_id": team }),
        ("idempotency-key", "k"),
    )
    .await
    .expect(201);
    server.share(&task, &ada, &grace, "view").await;
    let (conversation, message) = (uuid::Uuid::now_v7(), uuid::Uuid::now_v7());
    server
        .sql(format!(
            "INSERT INTO conversations (id, user_id, created_at, updated_at) VALUES ('{conversation}', '{0}', now(), now());
             INSERT INTO messages (id, conversation_id, user_id, role, content, created_at)
                 VALUES ('{message}', '{conversation}', '{0}', 'user', 'hello', now());
             INSERT INTO answers (id, conversation_id, user_id, question_id, state, created_at, updated_at)
                 VALUES ('{message}', '{conversation}', '{0}', '{message}', 'done', now(), now());
             INSERT INTO connected_apps (id, user_id, client_id, name, scope, created_at)
                 VALUES ('{message}', '{0}', 'x', 'X', 'read', now());
             INSERT INTO team_invitations (id, team_id, created_by, role, secret_hash, created_at, expires_at)
                 VALUES ('{message}', '{team}', '{0}', 'member', repeat('b', 64), now(), now());
             INSERT INTO team_invitation_uses (invitation_id, user_id, created_at) VALUES ('{message}', '{0}', now());
             INSERT INTO saved_filters (id, user_id, name, query, created_at) VALUES ('{message}', '{0}', 'Late', '', now());
             INSERT INTO notification_choices (user_id, topic, on_page, in_browser, by_mail) VALUES ('{0}', 'task_changed', 1, 0, 1);
             INSERT INTO notifications (id, user_id, event, subject, on_page, in_browser, mail_waits, created_at)
                 VALUES ('{message}', '{0}', 'tasks_due', '1 due today', 1, 0, 0, now());
             INSERT INTO user_goals (user_id, daily, days_off) VALUES ('{0}', 5, 0);
             INSERT INTO assistant_usage (user_id, quarter, input_tokens, output_tokens) VALUES ('{0}', now(), 1, 1);
             INSERT INTO access_tokens (id, user_id, name, secret_hash, prefix, scope, created_at)
                 VALUES ('{message}', '{0}', 'Claude', repeat('a', 64), 'tallyboard_abcd', 'write', now());
             INSERT INTO passkeys (id, user_id, credential_id, name, credential, last_challenge_at, created_at)
                 VALUES ('{message}', '{0}', 'YWRh', 'Phone', '{{}}', now(), now());
             INSERT INTO blocks (user_id, blocked_user_id, created_at) VALUES ('{0}', '{1}', now());
             INSERT INTO received_invitations
                 (id, user_id, from_user_id, from_name, subject, team_id, access, created_at)
                 VALUES ('{message}', '{0}', '{1}', 'Grace', 'x', '{team}', 'member', now());
             INSERT INTO trash (id, user_id, content, deleted_at) VALUES ('{message}', '{0}', '{{}}', now());
             INSERT INTO resource_subscriptions (user_id, credential_id, uri, created_at)
                 VALUES ('{0}', '{message}', 'tallyboard://dashboard', now());",
            ada.id, grace.id
        ))
        .await;
    (ada, grace, eve)
}

fn task_of(owner: &Client) -> String {
    format!(
        "INSERT INTO tasks (id, user_id, title, created_at, updated_at) VALUES (gen_random_uuid(), '{}', 'x', now(), now())",
        owner.id
    )
}

/// Inserts that the policies must refuse to Eve, each with a description.
pub fn forbidden_inserts(ada: &Client, eve: &Client) -> Vec<(&'static str, String)> {
    vec![
        ("a task in another's name", task_of(ada)),
        (
            "a task in a team",
            format!(
                "INSERT INTO tasks (id, user_id, team_id, title, created_at, updated_at)
             SELECT gen_random_uuid(), '{}', id, 'x', now(), now() FROM (SELECT '{}'::uuid AS id) t",
                eve.id,
                uuid::Uuid::now_v7()
            ),
        ),
        (
            "an invitation in another's name",
            format!(
                "INSERT INTO received_invitations (id, user_id, from_user_id, from_name, subject, team_id, access, created_at)
             VALUES (gen_random_uuid(), '{}', '{}', 'x', 'x', gen_random_uuid(), 'admin', now())",
                eve.id, ada.id
            ),
        ),
        (
            "a deleted task in another's name",
            format!(
                "INSERT INTO trash (id, user_id, content, deleted_at) VALUES (gen_random_uuid(), '{}', '{{}}', now())",
                ada.id
            ),
        ),
        (
            "joining a team",
            format!(
                "INSERT INTO team_members (id, team_id, user_id, role, created_at)
             VALUES (gen_random_uuid(), '{}', '{}', 'admin', now())",
                uuid::Uuid::now_v7(),
                eve.id
            ),
        ),
        (
            "a mail of another's invitation",
            format!(
                "INSERT INTO outbox (id, user_id, kind, invitation_id, created_at, next_attempt_at)
             SELECT gen_random_uuid(), '{}', 'invitation', id, now(), now() FROM (SELECT '{}'::uuid AS id) t",
                eve.id,
                uuid::Uuid::now_v7()
            ),
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_user_there_is_no_row_and_a_stranger_sees_only_their_own() {
    let server = Server::start(Kind::Postgres, &[]).await;
    let (ada, _, eve) = populate(&server).await;
    let mut app = AppConnection::connect(&server).await;
    for table in TABLES {
        app.begin(None).await;
        assert_eq!(app.count(&format!("SELECT COUNT(*) FROM {table}")).await, 0, "{table} without a user");
        app.begin(Some(&ada)).await;
        assert!(app.count(&format!("SELECT COUNT(*) FROM {table}")).await > 0, "{table} as its owner");
        app.begin(Some(&eve)).await;
        // She has signed up and signed in.
        let own = match table {
            "users" | "sessions" => 1,
            "audit_log" => 2,
            _ => 0,
        };
        assert_eq!(app.count(&format!("SELECT COUNT(*) FROM {table}")).await, own, "{table} as a stranger");
        // The tables' owner sees no rows either without app.system.
        app.0.execute("ROLLBACK").await.unwrap();
        assert_eq!(app.count(&format!("SELECT COUNT(*) FROM {table}")).await, 0, "{table} as the URL's role");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_changes_nothing_even_without_a_where() {
    let server = Server::start(Kind::Postgres, &[]).await;
    let (ada, grace, eve) = populate(&server).await;
    let mut app = AppConnection::connect(&server).await;
    app.begin(Some(&eve)).await;
    for sql in CHANGES {
        assert_eq!(app.rows_affected(sql.to_owned()).await, Ok(0), "{sql}");
    }
    // Nobody's own rows either: the role may only add to the audit log.
    for sql in ["UPDATE audit_log SET action = 'x'", "DELETE FROM audit_log"] {
        assert!(app.rows_affected(sql.to_owned()).await.is_err(), "{sql}");
    }
    assert_eq!(app.rows_affected(task_of(&eve)).await, Ok(1));
    let mut inserts = forbidden_inserts(&ada, &eve);
    inserts.push((
        "being the system",
        "SET LOCAL app.system = 'on'; INSERT INTO conversations (id, user_id, created_at, updated_at)
         SELECT gen_random_uuid(), '"
            .to_owned()
            + &ada.id
            + "', now(), now()",
    ));
    for (what, sql) in inserts {
        let refused = app.rows_affected(sql).await.expect_err(what);
        assert!(refused.contains("row-level security"), "{what}: {refused}");
    }
    // Only the triggers change the numbers, and nobody reads the index of all texts or the links to choose a password.
    for statement in WITHHELD {
        app.begin(Some(&ada)).await;
        let refused = app.rows_affected(statement.to_owned()).await.expect_err(statement);
        assert!(refused.contains("permission denied"), "{statement}: {refused}");
    }
    let found = ada.get("/api/tasks?q=Mine").await.expect(200);
    let shared = found["items"][0]["id"].as_str().unwrap();
    // People are notified of their own tasks only, and only by somebody who may change the task.
    let notify = |reader: &Client, topic: &str, event: &str| {
        format!(
            "SELECT COUNT(app_notify(gen_random_uuid(), '{}', '{topic}', '{event}', id, NULL, NULL, now(), now()))
             FROM (SELECT '{shared}'::uuid AS id) AS task",
            reader.id
        )
    };
    for (who, reader, notified) in [(&eve, &ada, 0), (&ada, &eve, 0), (&grace, &ada, 0), (&ada, &ada, 1)] {
        app.begin(Some(who)).await;
        assert_eq!(
            app.count(&notify(reader, "task_changed", "task_updated")).await,
            notified,
            "{} to {}",
            who.id,
            reader.id
        );
    }
    // app.system has no effect for the app's role.
    app.begin(Some(&eve)).await;
    app.0.execute("SET LOCAL app.system = 'on'").await.unwrap();
    assert_eq!(app.count("SELECT COUNT(*) FROM tasks").await, 0);

    // A member reads the team's tasks and the shared task, changes the team's words, and can delete or move none of them.
    app.begin(Some(&grace)).await;
    assert_eq!(app.count("SELECT COUNT(*) FROM tasks").await, 2);
    assert_eq!(app.rows_affected("UPDATE tasks SET title = 'x'".to_owned()).await, Ok(1));
    assert!(app.rows_affected("UPDATE tasks SET team_id = NULL".to_owned()).await.is_err());
    app.begin(Some(&grace)).await;
    assert!(app.rows_affected(format!("UPDATE tasks SET user_id = '{}'", grace.id)).await.is_err());
    app.begin(Some(&grace)).await;
    assert_eq!(app.rows_affected("DELETE FROM tasks".to_owned()).await, Ok(0));
}

/// The app's role can't do more than the policies let it: it owns nothing, and can't sign in.
#[tokio::test(flavor = "multi_thread")]
async fn the_apps_role_owns_nothing() {
    let server = Server::start(Kind::Postgres, &[]).await;
    let mut app = AppConnection::connect(&server).await;
    let role = app.1.clone();
    let owned = format!("SELECT COUNT(*) FROM pg_class WHERE relowner = '{role}'::regrole");
    assert_eq!(app.count(&owned).await, 0);
    let powers =
        format!("SELECT COUNT(*) FROM pg_roles WHERE rolname = '{role}' AND (rolcanlogin OR rolsuper OR rolbypassrls)");
    assert_eq!(app.count(&powers).await, 0);
    let open = format!(
        "SELECT COUNT(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
                AND has_table_privilege('{role}', oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE')
                AND NOT (relrowsecurity AND relforcerowsecurity)"
    );
    assert_eq!(app.count(&open).await, 0);
}
