use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Row, SqliteConnection};
use tallyboard_core::{statistics::service::STATEMENTS, tasks::service::written_out_lists};
use tallyboard_model::id::{TeamId, UserId};

use crate::support::{Kind, Server, app_role, best_times};

/// How a statement's parameters look when written out: the user, and quarters of an hour or times.
fn written_out(name: &str, sql: &str, user: &str) -> String {
    let [from, to] = if name == "due" { ["'2026-01-01'", "'2026-01-02'"] } else { ["1990000", "1990500"] };
    sql.replace("$1", &format!("'{user}'")).replace("$2", from).replace("$3", to)
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
        let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {}", written_out(name, sql, "x")));
        let plan = sqlx::query(explain).fetch_all(&mut connection).await.unwrap();
        let steps: Vec<String> = plan.iter().map(|row| row.get("detail")).collect();
        assert!(steps.iter().any(|step| step.starts_with("SEARCH")), "{name}: {steps:?}");
        for step in &steps {
            // Three are subqueries, of 64 and of 100 rows at most; counter_changes never has more than 64.
            let small = ["SCAN CONSTANT ROW", "SCAN counted", "SCAN late", "SCAN near", "SCAN counter_changes"];
            let scan = step.starts_with("SCAN") && !small.contains(&step.as_str());
            assert!(!scan, "{name}: {step}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn on_sqlite_lists_are_read_in_an_indexs_order() {
    let server = Server::start(Kind::Sqlite, &[]).await;
    seed(&server);
    let mut connection = SqliteConnection::connect(&server.url).await.unwrap();
    // ANALYZE does not run on a small server: the plans must be good without statistics.
    for (name, is_ordered, sql) in written_out_lists(UserId::new(), TeamId::new(), false).unwrap() {
        let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"));
        let plan = sqlx::query(explain).fetch_all(&mut connection).await.unwrap();
        let steps: Vec<String> = plan.iter().map(|row| row.get("detail")).collect();
        for (place, step) in steps.iter().enumerate() {
            // A branch of a union is a separate list, cut to a page: only that page is scanned and sorted.
            let is_page = |step: &str| step.starts_with("SCAN branch");
            assert!(!step.starts_with("SCAN") || is_page(step), "{name}: {steps:#?}\n{sql}");
            let sorts = step.contains("TEMP B-TREE") && !is_page(&steps[place - 1]);
            assert!(!is_ordered || !sorts, "{name}: {steps:#?}\n{sql}");
        }
    }
}

/// 100,000 tasks in one account, a tenth of them shared with another: a page, wherever it is in the list,
/// takes at most three times as long as the page of somebody who has only these 50 tasks.
#[tokio::test(flavor = "multi_thread")]
async fn on_sqlite_a_page_of_a_long_list_takes_as_long_as_one_of_a_short_list() {
    let server = Server::start(Kind::Sqlite, &[]).await;
    let eve = server.user("Eve").await;
    for number in 0..50 {
        eve.task(&format!("Task {number}")).await;
    }
    let (ada, grace) = (server.user("Ada").await, server.user("Grace").await);
    let team = server.team(&ada, &[]).await;
    let id = "lower(printf('%08x-0000-7000-8000-%012x', n, n))";
    let time = "strftime('%Y-%m-%dT%H:%M:%f+00:00', '2026-01-01', '+' || n || ' minutes')";
    server
        .sql(format!(
            "INSERT INTO tasks (id, user_id, team_id, title, status, completed_at, created_at, updated_at)
                 WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 100000)
                 SELECT {id}, '{0}', iif(n % 2, '{team}', NULL), 'Task ' || n, iif(n % 3, 'pending', 'completed'),
                     iif(n % 3, NULL, {time}), {time}, {time} FROM numbers;
             INSERT INTO task_shares (id, task_id, shared_with_user_id, shared_by_user_id, permission, created_at)
                 SELECT id, id, '{1}', '{0}', 'view', created_at FROM tasks WHERE rowid % 10 = 0 AND user_id = '{0}'",
            ada.id, grace.id
        ))
        .await;
    assert_eq!((ada.numbers().await[0], grace.numbers().await[3]), (100_000, 10_000));
    let lists = [
        (&ada, "/api/tasks?limit=50".to_owned()),
        (&ada, "/api/tasks?limit=50&status=completed".to_owned()),
        (&ada, format!("/api/tasks?limit=50&team_id={team}")),
        (&ada, format!("/api/tasks?limit=50&team_id={team}&status=pending")),
        (&grace, "/api/tasks?limit=50&shared=with_me".to_owned()),
        (&grace, "/api/tasks?limit=50&shared=with_me&status=pending".to_owned()),
    ];
    for (who, path) in lists {
        let mut page = who.get(&path).await.expect(200);
        // A page near the end of the list.
        let middle = BASE64_URL_SAFE_NO_PAD
            .encode(format!("2026-01-02T00:00:00.000000Z {}", page["items"][49]["id"].as_str().unwrap()));
        for cursor in [page["next_cursor"].take().as_str().unwrap().to_owned(), middle] {
            let path = format!("{path}&cursor={cursor}");
            let [best, short] = best_times(20, [(who, &path, 50), (&eve, "/api/tasks?limit=50", 50)]).await;
            println!("{path}: {best:?}, short list {short:?}");
            assert!(best < short * 3, "{path}: {best:?}, short list {short:?}");
        }
    }
    crate::search::is_fast(&server, &ada).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgres_no_number_scans_a_table_even_under_its_policies() {
    let server = Server::start(Kind::Postgres, &[]).await;
    let ada = server.user("Ada").await;
    let mut connection = PgConnection::connect(&server.url).await.unwrap();
    // Enough rows of other users to make a scan the wrong plan.
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
                 SELECT gen_random_uuid(), t.id, u.id, t.user_id, now()
                 FROM (SELECT id, user_id, row_number() OVER () AS n FROM tasks) t
                 JOIN (SELECT id, row_number() OVER () AS n FROM users) u ON u.n = t.n % 499 + 1 WHERE u.id <> t.user_id;",
        )
        .await
        .unwrap();
    connection.execute("ANALYZE").await.unwrap();
    let role = app_role(&server.url).await.unwrap();
    let begin = format!("BEGIN; SET LOCAL ROLE {role}; SET LOCAL app.user_id = '{}'", ada.id);
    connection.execute(AssertSqlSafe(begin)).await.unwrap();
    for (name, sql) in STATEMENTS {
        let explain = AssertSqlSafe(format!("EXPLAIN {}", written_out(name, sql, &ada.id)));
        let plan: Vec<String> = sqlx::query_scalar(explain).fetch_all(&mut connection).await.unwrap();
        assert!(plan.iter().any(|step| step.contains("Index")), "{name}: {plan:#?}");
        assert!(!plan.iter().any(|step| step.contains("Seq Scan")), "{name}: {plan:#?}");
    }
    for (name, _, sql) in written_out_lists(ada.id.parse().unwrap(), TeamId::new(), true).unwrap() {
        let explain = AssertSqlSafe(format!("EXPLAIN {sql}"));
        let plan: Vec<String> = sqlx::query_scalar(explain).fetch_all(&mut connection).await.unwrap();
        assert!(!plan.iter().any(|step| step.contains("Seq Scan on tasks")), "{name}: {plan:#?}");
        assert!(!plan.iter().any(|step| step.contains("Seq Scan on task_shares")), "{name}: {plan:#?}");
    }
}
