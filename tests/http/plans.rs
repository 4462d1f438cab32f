use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Row, SqliteConnection};
use tallyboard::statistics::service::STATEMENTS;

use crate::support::{Kind, Server};

/// How the statement's parameters look when written out.
fn written_out(sql: &str, user: &str) -> String {
    let mut text = sql.replace("$1", &format!("'{user}'"));
    for (number, time) in [(2, "2026-11-20"), (3, "2026-11-21"), (4, "2026-11-16"), (5, "2026-11-23")] {
        text = text.replace(&format!("${number}"), &format!("'{time}T00:00:00+00:00'"));
    }
    text
}

fn seed(server: &Server) {
    let seeded = crate::support::binary(&server.folder).arg("seed").env("DATABASE_URL", &server.url).status();
    assert!(seeded.unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn on_sqlite_no_number_scans_a_table() {
    let server = Server::start(Kind::Sqlite, &[]).await;
    seed(&server);
    let mut connection = SqliteConnection::connect(&server.url).await.unwrap();
    connection.execute("ANALYZE").await.unwrap();
    for (name, sql) in STATEMENTS {
        let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {}", written_out(sql, "x")));
        let plan = sqlx::query(explain).fetch_all(&mut connection).await.unwrap();
        let steps: Vec<String> = plan.iter().map(|row| row.get("detail")).collect();
        assert!(steps.iter().any(|step| step.starts_with("SEARCH")), "{name}: {steps:?}");
        for step in &steps {
            let scan = step.starts_with("SCAN") && step != "SCAN CONSTANT ROW";
            assert!(!scan, "{name}: {step}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgres_no_number_scans_a_table_even_under_its_policies() {
    let server = Server::start(Kind::Postgres, &[]).await;
    let ada = server.user("Ada").await;
    let mut connection = PgConnection::connect(&server.url).await.unwrap();
    // Enough rows of other people for a scan to be the wrong plan.
    connection.execute("SET app.system = 'on'").await.unwrap();
    connection
        .execute(
            "INSERT INTO users (id, email, name, password_hash, created_at, updated_at)
                 SELECT gen_random_uuid(), 'u' || n || '@example.org', 'U', '', now(), now() FROM generate_series(1, 500) n;
             INSERT INTO tasks (id, user_id, title, created_at, updated_at)
                 SELECT gen_random_uuid(), u.id, 'T', now(), now() FROM users u, generate_series(1, 40);
             INSERT INTO teams (id, name, owner_id, created_at, updated_at) SELECT gen_random_uuid(), 'T', id, now(), now() FROM users;
             INSERT INTO team_members (id, team_id, user_id, role, created_at) SELECT gen_random_uuid(), id, owner_id, 'owner', now() FROM teams;
             UPDATE tasks t SET team_id = m.team_id FROM team_members m WHERE m.user_id = t.user_id;
             INSERT INTO task_shares (id, task_id, shared_with_user_id, shared_by_user_id, created_at)
                 SELECT gen_random_uuid(), t.id, u.id, t.user_id, now() FROM tasks t, LATERAL
                     (SELECT id FROM users WHERE id <> t.user_id ORDER BY id LIMIT 1) u;",
        )
        .await
        .unwrap();
    connection.execute("ANALYZE").await.unwrap();
    let begin = format!("BEGIN; SET LOCAL ROLE tallyboard_app; SET LOCAL app.user_id = '{}'", ada.id);
    connection.execute(AssertSqlSafe(begin)).await.unwrap();
    for (name, sql) in STATEMENTS {
        let explain = AssertSqlSafe(format!("EXPLAIN {}", written_out(sql, &ada.id)));
        let plan: Vec<String> = sqlx::query_scalar(explain).fetch_all(&mut connection).await.unwrap();
        assert!(plan.iter().any(|step| step.contains("Index")), "{name}: {plan:#?}");
        assert!(!plan.iter().any(|step| step.contains("Seq Scan")), "{name}: {plan:#?}");
    }
}
