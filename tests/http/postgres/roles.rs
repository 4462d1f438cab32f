//! Each database has its own role, for an ordinary owner with CREATEROLE.

use std::time::Duration;

use sqlx::{Connection, Executor, PgConnection};

use super::{as_admin, database_of_new_owner, doctor, serve};
use crate::support::{Server, app_role, scalar, until};

/// What a user does first.
async fn users_work(server: &Server, name: &str) {
    let user = server.user(name).await;
    user.task("First").await;
    assert_eq!(user.numbers().await, [1, 1, 0, 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_with_createrole_gets_a_role_for_its_database() {
    let url = database_of_new_owner("CREATEROLE", "").await;
    let server = serve(&url, &[]);
    users_work(&server, "Ada").await;
    let database = url.rsplit_once('/').unwrap().1;
    assert_eq!(app_role(&url).await.unwrap(), format!("tallyboard_app_{database}"));
    assert_eq!(doctor(&url, &[], "app role").0, "ok");
    // Without its mark a SECURITY DEFINER function sees nothing: CONTRIBUTING.md says what a new one needs.
    let unmarked = "SELECT COUNT(*) FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef
                    AND NOT 'search_path=public, tallyboard_system, pg_temp' = ANY (coalesce(proconfig, '{}'))";
    assert_eq!(scalar(&url, unmarked).await, 0);
    assert_eq!(server.anybody().get("/readyz").await.status, 200);
}

/// Databases of versions before name the role `tallyboard_app`, which the owner of PostgreSQL 16 and later may not set.
#[tokio::test(flavor = "multi_thread")]
async fn a_database_with_the_shared_role_gets_its_own_at_the_next_start() {
    let url = database_of_new_owner("CREATEROLE", "").await;
    let server = serve(&url, &[]);
    let ada = server.user("Ada").await;
    ada.task("Kept").await;
    drop(server);
    let own = app_role(&url).await.unwrap();
    let create = "DO $$ BEGIN CREATE ROLE tallyboard_app NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$";
    as_admin(None, &[create.to_owned()]).await;
    let back = format!(
        "DO $$ DECLARE policy record; BEGIN
             FOR policy IN SELECT * FROM pg_policies WHERE '{own}' = ANY (roles) LOOP
                 EXECUTE format('ALTER POLICY %I ON %I TO tallyboard_app', policy.policyname, policy.tablename);
             END LOOP;
         END $$;
         GRANT SELECT ON ALL TABLES IN SCHEMA public TO tallyboard_app;
         GRANT USAGE ON SCHEMA public TO tallyboard_app;
         DROP OWNED BY {own};
         DROP ROLE {own}"
    );
    as_admin(Some(&url), &[back]).await;
    assert_eq!(app_role(&url).await.unwrap(), "tallyboard_app");

    let server = serve(&url, &[]);
    let ada = ada.with_base(&server.base);
    assert_eq!(ada.numbers().await, [1, 1, 0, 0]);
    ada.task("And another").await;
    users_work(&server, "Grace").await;
    assert_eq!(app_role(&url).await.unwrap(), own);
    let rights = "SELECT COUNT(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace
                  AND has_table_privilege('tallyboard_app', oid, 'SELECT')";
    assert_eq!(scalar(&url, rights).await, 0);
}

/// What `role.sql` grants is what the migrations grant.
#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_takes_over_has_the_rights_of_the_first() {
    let rights = "SELECT string_agg(object || ':' || privilege_type, ' ' ORDER BY object, privilege_type) FROM (
                      SELECT relname::text, relacl FROM pg_class UNION ALL
                      SELECT oid::regprocedure::text, proacl FROM pg_proc UNION ALL
                      SELECT attrelid::regclass || '.' || attname, attacl FROM pg_attribute UNION ALL
                      SELECT nspname, nspacl FROM pg_namespace) AS granted (object, acl)
                  CROSS JOIN LATERAL aclexplode(acl) WHERE grantee::regrole::text = $1";
    let read = async |url: &str| {
        let mut connection = PgConnection::connect(url).await.unwrap();
        let role = app_role(url).await.unwrap();
        sqlx::query_scalar::<_, String>(rights).bind(role).fetch_one(&mut connection).await.unwrap()
    };
    let url = database_of_new_owner("CREATEROLE", "").await;
    drop(serve(&url, &[]));
    let first = read(&url).await;
    let (server, database) = url.rsplit_once('/').unwrap();
    let renamed = format!("{server}/{database}_renamed");
    until(
        Duration::from_secs(10),
        async || {
            let mut admin = PgConnection::connect(&super::admin_url()).await.unwrap();
            admin
                .execute(sqlx::AssertSqlSafe(format!("ALTER DATABASE {database} RENAME TO {database}_renamed")))
                .await
                .is_ok()
        },
        |done| *done,
    )
    .await;
    let before = app_role(&renamed).await.unwrap();
    let server = serve(&renamed, &[]);
    users_work(&server, "Ada").await;
    assert_ne!(app_role(&renamed).await.unwrap(), before);
    assert_eq!(read(&renamed).await, first);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_of_another_database_can_neither_set_its_role_nor_connect() {
    let (url, other) = (database_of_new_owner("CREATEROLE", "").await, database_of_new_owner("CREATEROLE", "").await);
    let (server, second) = (serve(&url, &[]), serve(&other, &[]));
    users_work(&server, "Ada").await;
    users_work(&second, "Ada").await;
    let role = app_role(&url).await.unwrap();
    assert_ne!(role, app_role(&other).await.unwrap());
    let mut connection = PgConnection::connect(&other).await.unwrap();
    let refused = connection.execute(sqlx::AssertSqlSafe(format!("SET ROLE {role}"))).await.unwrap_err();
    assert!(refused.to_string().contains("permission denied to set role"), "{refused}");
    let (place, _) = other.rsplit_once('/').unwrap();
    let refused = PgConnection::connect(&format!("{place}/{}", url.rsplit_once('/').unwrap().1)).await.unwrap_err();
    assert!(refused.to_string().contains("permission denied for database"), "{refused}");
}

/// A transaction that fails to begin must not stay on its connection.
#[tokio::test(flavor = "multi_thread")]
async fn every_read_works_again_once_the_role_can_be_set_again() {
    let url = database_of_new_owner("CREATEROLE", "").await;
    let server = serve(&url, &[("TALLYBOARD_LOG_LEVEL", "off")]);
    let ada = server.user("Ada").await;
    let (role, owner) = (app_role(&url).await.unwrap(), url.rsplit_once('/').unwrap().1.to_owned());
    let options = if super::is_at_least_16(&url).await { "WITH INHERIT FALSE, SET TRUE" } else { "" };
    as_admin(None, &[format!("REVOKE {role} FROM {owner} CASCADE")]).await;
    for _ in 0..20 {
        ada.get("/api/tasks").await.expect_error(500, "INTERNAL_ERROR");
    }
    let readiness = server.anybody().get("/readyz").await;
    assert!(readiness.status == 503 && readiness.text.contains("tallyboard doctor"), "{}", readiness.text);
    let (level, said) = doctor(&url, &[], "app role");
    assert!(level == "error" && said.contains("SET ROLE"), "{said}");
    as_admin(None, &[format!("GRANT {role} TO {owner} {options}")]).await;
    for _ in 0..100 {
        ada.get("/api/tasks").await.expect(200);
    }
    assert_eq!(server.anybody().get("/readyz").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_clients_give_up_leave_no_transaction_open() {
    let url = database_of_new_owner("CREATEROLE", "").await;
    let server = serve(&url, &[]);
    let ada = server.user("Ada").await;
    for round in 0..150 {
        let requests: Vec<_> = (0..4)
            .map(|_| {
                let ada = ada.clone();
                tokio::spawn(async move { ada.get("/api/tasks").await })
            })
            .collect();
        // At another moment of the request each time; dropping the client's future closes its connection.
        tokio::time::sleep(Duration::from_micros(150 * (round % 30))).await;
        for request in requests {
            request.abort();
        }
    }
    let open = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'";
    until(Duration::from_secs(5), async || scalar(&url, open).await, |count| *count == 0).await;
    for _ in 0..50 {
        ada.get("/api/tasks").await.expect(200);
    }
}
