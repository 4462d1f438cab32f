use sqlx::{Connection, Row};
use tempfile::TempDir;

use crate::support::{Kind, app_role, binary, database_url};

/// Everything that a migration can make, in one text.
async fn schema(url: &str) -> String {
    if url.starts_with("sqlite") {
        let mut connection = sqlx::SqliteConnection::connect(url).await.unwrap();
        let rows = sqlx::query(
            "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE '_sqlx%' AND name NOT LIKE 'sqlite_%' ORDER BY 1, 2",
        );
        let rows = rows.fetch_all(&mut connection).await.unwrap();
        return rows.iter().map(|row| format!("{} {}\n", row.get::<String, _>(1), row.get::<String, _>(2))).collect();
    }
    let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
    let mut text = String::new();
    for sql in [
        "SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || ' ' || coalesce(column_default, '')
         FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '\\_sqlx%' ORDER BY 1",
        "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename NOT LIKE '\\_sqlx%' ORDER BY 1",
        "SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
         WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text NOT LIKE '\\_sqlx%' ORDER BY 1",
        "SELECT tablename || ' ' || policyname || ' ' || cmd || ' ' || coalesce(qual, '') || ' ' || coalesce(with_check, '')
         FROM pg_policies ORDER BY 1",
        "SELECT relname || ' ' || relrowsecurity || ' ' || relforcerowsecurity || ' ' || coalesce(relacl::text, '') FROM pg_class
         WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname NOT LIKE '\\_sqlx%' ORDER BY 1",
        "SELECT viewname || ' ' || definition || ' ' || coalesce(relacl::text, '') || ' ' || coalesce(reloptions::text, '')
         FROM pg_views JOIN pg_class ON relname = viewname WHERE schemaname = 'public' ORDER BY 1",
        "SELECT proname || ' ' || prosrc || ' ' || coalesce(proacl::text, '') FROM pg_proc p WHERE pronamespace = 'public'::regnamespace
            AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = p.oid AND deptype = 'e') ORDER BY 1",
    ] {
        let rows: Vec<String> = sqlx::query_scalar(sql).fetch_all(&mut connection).await.unwrap();
        text += &rows.join("\n");
        text += "\n";
    }
    // Each database has its own role.
    match app_role(url).await {
        Some(role) => text.replace(&role, "app_role"),
        None => text,
    }
}

async fn up_down_up(kind: Kind) {
    let folder = TempDir::new().unwrap();
    let url = database_url(kind, &folder).await;
    let migrate = |arguments: &[&str]| {
        let done = binary(&folder).arg("migrate").args(arguments).env("DATABASE_URL", &url).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8_lossy(&done.stdout).into_owned()
    };
    let nothing = {
        migrate(&["status"]);
        schema(&url).await
    };
    migrate(&["up"]);
    let first = schema(&url).await;
    assert!(first.contains("tasks") && first.len() > 2000, "{first}");
    assert!(migrate(&["down"]).contains("pending"));
    assert!(!migrate(&["down", "--all"]).contains("applied"));
    assert_eq!(schema(&url).await.trim(), nothing.trim());
    assert!(!migrate(&["up"]).contains("pending"));
    assert_eq!(schema(&url).await, first);
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_goes_up_down_to_nothing_and_up_to_the_same() {
    up_down_up(Kind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_goes_up_down_to_nothing_and_up_to_the_same() {
    up_down_up(Kind::Postgres).await;
}

/// The same numbers, so that "migration 7" means one thing.
#[test]
fn both_databases_have_the_same_migrations_each_with_its_way_back() {
    let names = |database: &str| {
        let folder = format!("{}/migrations/{database}", env!("CARGO_MANIFEST_DIR"));
        let mut names: Vec<_> =
            std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    assert_eq!(names("sqlite"), names("postgres"));
    let ups = names("sqlite").iter().filter(|name| name.ends_with(".up.sql")).count();
    assert_eq!(ups * 2, names("sqlite").len());
}

/// The role that the policies need belongs to the whole cluster: first migrations of several databases must not
/// collide on it. In its own cluster, because every other test's cluster has the role already.
#[test]
fn first_migrations_at_the_same_moment_do_not_collide() {
    let root = env!("CARGO_MANIFEST_DIR");
    let script = r#"
        for number in 1 2 3 4 5 6; do psql -q "$TEST_DATABASE_URL" -c "CREATE DATABASE first_$number"; done
        cd "$(mktemp -d)"
        for number in 1 2 3 4 5 6; do
            DATABASE_URL=${TEST_DATABASE_URL%/*}/first_$number "$PROGRAM" migrate up >/dev/null 2>"error-$number" &
        done
        failed=0
        for job in $(jobs -p); do wait "$job" || failed=$((failed + 1)); done
        cat error-*
        exit $failed
    "#;
    let output = std::process::Command::new(format!("{root}/scripts/with-postgres.sh"))
        .args(["bash", "-c", script])
        .env_remove("TEST_DATABASE_URL")
        .env("PROGRAM", env!("CARGO_BIN_EXE_tallyboard"))
        .env("TALLYBOARD_LOG_LEVEL", "error")
        .current_dir(root)
        .output()
        .unwrap();
    if String::from_utf8_lossy(&output.stderr).contains("PostgreSQL is missing") {
        eprintln!("skipped: no PostgreSQL is installed here, only TEST_DATABASE_URL");
        return;
    }
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

/// What `migrate status` says has been applied.
fn applied(folder: &TempDir, url: &str) -> usize {
    let done = binary(folder).args(["migrate", "status"]).env("DATABASE_URL", url).output().unwrap();
    String::from_utf8_lossy(&done.stdout).lines().filter(|line| line.ends_with(" applied")).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_first_starts_at_the_same_instant_both_succeed() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let folder = TempDir::new().unwrap();
        let url = database_url(kind, &folder).await;
        let starts: Vec<_> = (0..4)
            .map(|_| binary(&folder).args(["migrate", "up"]).env("DATABASE_URL", &url).spawn().unwrap())
            .collect();
        for mut start in starts {
            assert!(start.wait().unwrap().success(), "{kind:?}");
        }
        assert!(applied(&folder, &url) >= 9);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_start_is_continued_by_the_next() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let folder = TempDir::new().unwrap();
        let whole = database_url(kind, &TempDir::new().unwrap()).await;
        let whole_folder = TempDir::new().unwrap();
        let whole = if kind == Kind::Sqlite { database_url(kind, &whole_folder).await } else { whole };
        assert!(binary(&folder).args(["migrate", "up"]).env("DATABASE_URL", &whole).status().unwrap().success());
        for pause in (0..120).step_by(12) {
            let folder = TempDir::new().unwrap();
            let url = database_url(kind, &folder).await;
            let mut start = binary(&folder).args(["migrate", "up"]).env("DATABASE_URL", &url).spawn().unwrap();
            tokio::time::sleep(std::time::Duration::from_millis(pause)).await;
            let _ = start.kill();
            let _ = start.wait();
            let next = binary(&folder).args(["migrate", "up"]).env("DATABASE_URL", &url).output().unwrap();
            assert!(next.status.success(), "{kind:?} after {pause} ms: {}", String::from_utf8_lossy(&next.stderr));
            assert_eq!(schema(&url).await, schema(&whole).await, "{kind:?} after {pause} ms");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_schema_is_refused_and_left_alone() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let folder = TempDir::new().unwrap();
        let url = database_url(kind, &folder).await;
        assert!(binary(&folder).args(["migrate", "up"]).env("DATABASE_URL", &url).status().unwrap().success());
        let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
                     VALUES (9999, 'of a later version', true, CAST('x' AS BYTES), 1)";
        let bytes = if kind == Kind::Sqlite { "BLOB" } else { "bytea" };
        crate::support::sql(&url, &newer.replace("BYTES", bytes)).await;
        for command in [&["serve"][..], &["migrate", "up"], &["migrate", "down"], &["seed"]] {
            let refused = binary(&folder).args(command).env("DATABASE_URL", &url).output().unwrap();
            let why = String::from_utf8_lossy(&refused.stderr).into_owned();
            assert!(!refused.status.success() && why.contains("has schema 9999"), "{kind:?} {command:?}: {why}");
            assert!(why.contains("or a later one"), "{why}");
        }
    }
}
