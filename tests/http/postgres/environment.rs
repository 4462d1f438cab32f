//! Settings of a database that Tallyboard can't work with are refused before the first table is made.

use tempfile::TempDir;

use super::{as_admin, database_of_new_owner, doctor};
use crate::support::{binary, scalar};

/// Why a start is refused; nothing has been made.
async fn refusal(url: &str) -> String {
    let folder = TempDir::new().unwrap();
    for arguments in [&["migrate", "up"][..], &["serve"]] {
        let output = binary(&folder).args(arguments).env("DATABASE_URL", url).output().unwrap();
        assert!(!output.status.success());
        let tables = "SELECT COUNT(*) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
                      WHERE relkind = 'r' AND nspname NOT IN ('pg_catalog', 'information_schema')";
        assert_eq!(scalar(url, tables).await, 0);
        if arguments == ["serve"] {
            let error = String::from_utf8(output.stderr).unwrap();
            assert_eq!(error.lines().count(), 1, "{error}");
            return error;
        }
    }
    unreachable!()
}

#[tokio::test(flavor = "multi_thread")]
async fn another_encoding_is_refused() {
    for encoding in ["LATIN1", "SQL_ASCII"] {
        let url =
            database_of_new_owner("CREATEROLE", &format!("ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C'")).await;
        let why = refusal(&url).await;
        assert!(why.contains(encoding) && why.contains("ENCODING 'UTF8'"), "{why}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_path_past_public_is_refused() {
    let url = database_of_new_owner("CREATEROLE", "").await;
    let owner = url.rsplit_once('/').unwrap().1;
    let statements =
        [format!("CREATE SCHEMA other AUTHORIZATION {owner}"), format!("ALTER ROLE {owner} SET search_path = other")];
    as_admin(Some(&url), &statements).await;
    let why = refusal(&url).await;
    assert!(why.contains("search_path is other") && why.contains("SET search_path = public"), "{why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_that_may_not_create_tables_is_refused() {
    let url = database_of_new_owner("CREATEROLE", "").await;
    let other = database_of_new_owner("", "").await;
    let owner = other.rsplit_once('/').unwrap().1;
    as_admin(None, &[format!("ALTER DATABASE {owner} OWNER TO {}", url.rsplit_once('/').unwrap().1)]).await;
    let why = refusal(&other).await;
    assert!(why.contains("GRANT CREATE ON SCHEMA public"), "{why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_only_takes_reads_is_refused() {
    let url = database_of_new_owner("CREATEROLE", "").await;
    let database = url.rsplit_once('/').unwrap().1;
    as_admin(None, &[format!("ALTER DATABASE {database} SET default_transaction_read_only = on")]).await;
    let why = refusal(&url).await;
    assert!(why.contains("default_transaction_read_only"), "{why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_reports_missing_tables_of_a_new_database() {
    let url = database_of_new_owner("CREATEROLE", "").await;
    let (level, said) = doctor(&url, &[], "migrations");
    assert!(level == "warning" && said.contains("no tables yet"), "{said}");
    let folder = TempDir::new().unwrap();
    let output = binary(&folder).args(["doctor", "--json"]).env("DATABASE_URL", &url).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(!text.contains("could not be checked") && !text.contains("does not exist"), "{text}");
}

/// Without its own role the owner's policies would be the only wall, and they don't hold such an owner.
#[tokio::test(flavor = "multi_thread")]
async fn an_owner_past_every_policy_that_may_not_create_a_role_is_refused() {
    let url = database_of_new_owner("BYPASSRLS", "").await;
    let why = refusal(&url).await;
    assert!(why.contains("BYPASSRLS") && why.contains("CREATE ROLE tallyboard_app_owner_"), "{why}");
}
