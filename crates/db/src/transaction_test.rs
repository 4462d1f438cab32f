//! A connection whose transaction failed is never used again in an unknown state: an error at every step
//! of a write, on both databases, and the next write works.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::disallowed_methods, missing_docs)]

use std::{sync::Arc, time::Duration};

use futures::future::{BoxFuture, FutureExt};
use sqlx::{AssertSqlSafe, Connection as _, Executor, SqliteConnection, query_scalar};

use super::{
    Connection, Database, Scope, System,
    isolation_test::{database, postgres_url},
    on_both,
};
use tallyboard_model::error::{Error, Result};

/// The table `item`, with triggers and constraints that fail on request:
/// `statement` makes an INSERT fail, `rollback` makes SQLite also roll back by itself, as it does when the
/// disk is full; `commit` is accepted by the INSERT and rejected by the COMMIT.
const SQLITE: &str = "
    CREATE TABLE parent (id TEXT PRIMARY KEY);
    CREATE TABLE item (name TEXT NOT NULL, parent TEXT REFERENCES parent DEFERRABLE INITIALLY DEFERRED);
    CREATE TRIGGER fail BEFORE INSERT ON item WHEN NEW.name = 'statement' BEGIN SELECT RAISE(ABORT, 'injected'); END;
    CREATE TRIGGER roll_back BEFORE INSERT ON item WHEN NEW.name = 'rollback' BEGIN SELECT RAISE(ROLLBACK, 'injected'); END;";
const POSTGRES: &str = "
    CREATE TABLE parent (id TEXT PRIMARY KEY);
    CREATE TABLE item (name TEXT NOT NULL CHECK (name NOT IN ('statement', 'rollback')),
                       parent TEXT REFERENCES parent DEFERRABLE INITIALLY DEFERRED);";

async fn execute(scope: &mut Scope<System>, sql: String) -> Result<()> {
    Ok(on_both!(scope.connection(), conn => conn.execute(AssertSqlSafe(sql)).await.map(drop))?)
}

async fn insert(scope: &mut Scope<System>, name: &str) -> Result<()> {
    let parent = if name == "commit" { "'missing'" } else { "NULL" };
    execute(scope, format!("INSERT INTO item (name, parent) VALUES ('{name}', {parent})")).await
}

async fn write<F>(db: &Database, work: F) -> Result<()>
where
    F: for<'a> Fn(&'a mut Scope<System>) -> BoxFuture<'a, Result<()>> + Sync,
{
    db.system_scopes().write(work).await
}

async fn select_names(scope: &mut Scope<System>) -> Result<Vec<String>> {
    let sql = "SELECT name FROM item ORDER BY name";
    Ok(on_both!(scope.connection(), conn => query_scalar(sql).fetch_all(conn).await)?)
}

async fn names(db: &Database) -> Vec<String> {
    db.system_scopes().read(|scope| select_names(scope).boxed()).await.unwrap()
}

async fn every_failure_leaves_a_usable_pool(db: &Database, schema: &'static str) {
    write(db, |scope| execute(scope, schema.to_owned()).boxed()).await.unwrap();
    // More failures than the pool has connections.
    for step in ["statement", "rollback", "commit"].into_iter().cycle().take(12) {
        let failed = write(db, |scope| {
            async move {
                insert(scope, "before the failure").await?;
                insert(scope, step).await
            }
            .boxed()
        });
        assert!(failed.await.is_err(), "{step}");
        write(db, |scope| insert(scope, "written").boxed()).await.unwrap();
    }
    // A service's own error, after it has written.
    let failed = write(db, |scope| {
        async move {
            insert(scope, "before the failure").await?;
            Err(Error::not_found("Item"))
        }
        .boxed()
    });
    assert!(failed.await.is_err());
    // The request goes away while it waits inside its transaction.
    for _ in 0..4 {
        let endless = write(db, |scope| {
            async move {
                insert(scope, "before the failure").await?;
                std::future::pending().await
            }
            .boxed()
        });
        assert!(tokio::time::timeout(Duration::from_millis(50), endless).await.is_err());
    }
    write(db, |scope| insert(scope, "written").boxed()).await.unwrap();
    assert_eq!(names(db).await, vec!["written"; 13]);
}

#[tokio::test]
async fn sqlite_is_usable_after_every_failure() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("test.db").display());
    let db = database(&url).await;
    every_failure_leaves_a_usable_pool(&db, SQLITE).await;
    // BEGIN waits for another process's lock until it times out.
    let mut other = SqliteConnection::connect(&url).await.unwrap();
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    assert!(write(&db, |scope| insert(scope, "before the failure").boxed()).await.is_err());
    other.execute("ROLLBACK").await.unwrap();
    write(&db, |scope| insert(scope, "written").boxed()).await.unwrap();
    assert_eq!(names(&db).await, vec!["written"; 14]);
}

/// Writes these at the same time: all but the first wait until it is done, and are committed with it. `endless` goes away in the
/// middle of its work. Answers whether each was acknowledged.
async fn write_together<const N: usize>(db: &Database, names: [&'static str; N]) -> [bool; N] {
    let all_wait = Arc::new(tokio::sync::Semaphore::new(0));
    let writes = names.map(|name| {
        let all_wait = all_wait.clone();
        async move {
            let written = write(db, |scope| {
                let all_wait = all_wait.clone();
                async move {
                    insert(scope, name).await?;
                    match name {
                        "first" => drop(all_wait.acquire().await),
                        "endless" => std::future::pending().await,
                        "panic" => panic!("injected"),
                        _ => {}
                    }
                    Ok(())
                }
                .boxed()
            });
            let patience = Duration::from_millis(if name == "endless" { 200 } else { 10_000 });
            let written = std::panic::AssertUnwindSafe(tokio::time::timeout(patience, written));
            matches!(written.catch_unwind().await, Ok(Ok(Ok(()))))
        }
    });
    // Polls every write once, in order, before it lets the first go on.
    let (acknowledged, ()) = tokio::join!(futures::future::join_all(writes), async { all_wait.add_permits(1) });
    acknowledged.try_into().unwrap()
}

#[tokio::test]
async fn sqlite_commits_together_what_waits_together_and_no_failure_touches_another() {
    let folder = tempfile::tempdir().unwrap();
    let db = database(&format!("sqlite://{}", folder.path().join("test.db").display())).await;
    write(&db, |scope| execute(scope, SQLITE.to_owned()).boxed()).await.unwrap();
    let answers = write_together(&db, ["first", "second", "statement", "panic", "endless", "last"]).await;
    assert_eq!(answers, [true, true, false, false, false, true]);
    assert_eq!(names(&db).await, ["first", "last", "second"]);
    // When SQLite itself rolls back, the whole group is lost, and every member gets an error.
    let answers = write_together(&db, ["first", "second", "rollback"]).await;
    assert_eq!(answers, [false; 3]);
    assert_eq!(names(&db).await, ["first", "last", "second"]);
    write(&db, |scope| insert(scope, "written").boxed()).await.unwrap();
    assert_eq!(names(&db).await, ["first", "last", "second", "written"]);
}

#[tokio::test]
async fn postgres_is_usable_after_every_failure() {
    let db = database(&postgres_url().await).await;
    every_failure_leaves_a_usable_pool(&db, POSTGRES).await;
    // The server ends the session in the middle of a transaction.
    let failed = write(&db, |scope| {
        async move {
            insert(scope, "before the failure").await?;
            let Connection::Postgres(conn) = scope.connection() else { panic!() };
            conn.execute("SELECT pg_terminate_backend(pg_backend_pid())").await?;
            Ok(())
        }
        .boxed()
    });
    assert!(failed.await.is_err());
    write(&db, |scope| insert(scope, "written").boxed()).await.unwrap();
    assert_eq!(names(&db).await, vec!["written"; 14]);
}
