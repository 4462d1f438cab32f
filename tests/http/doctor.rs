//! `tallyboard doctor`: a finding for each thing that can be wrong.

use std::{fs, os::unix::fs::PermissionsExt};

use serde_json::Value;

use crate::{
    identities::{CLIENT, Provider},
    mail::PUBLIC_URL,
    support::{Kind, Place, binary, filled, sql},
};

/// The level of each check.
fn examine(place: &Place, variables: &[(&str, &str)]) -> (bool, Vec<Value>) {
    let output = place.command(&["doctor", "--json"]).envs(variables.iter().copied()).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    (output.status.success(), text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

#[track_caller]
fn expect(findings: &[Value], check: &str, level: &str, said: &str) {
    let found =
        findings.iter().find(|finding| finding["check"] == check).unwrap_or_else(|| panic!("{check}: {findings:#?}"));
    assert_eq!(found["level"], level, "{found}");
    assert!(found["message"].as_str().unwrap().contains(said), "{found}");
    assert_eq!(found["advice"].is_string(), level != "ok", "{found}");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_finds_what_is_wrong_with_sqlite() {
    let (server, _) = filled(Kind::Sqlite).await;
    let place = Place::of(server).await;
    let data = place.folder.path().join("data");
    fs::set_permissions(&data, fs::Permissions::from_mode(0o750)).unwrap();
    fs::create_dir_all(place.folder.path().join("site/pkg")).unwrap();
    let site = ("TALLYBOARD_SERVER_SITE_ROOT", "site");
    place.backup();
    let (is_good, findings) = examine(&place, &[site]);
    assert!(is_good, "{findings:#?}");
    for check in [
        "public_url",
        "data folder",
        "signing key",
        "scripts and styles",
        "backups",
        "database",
        "integrity",
        "clock",
        "migrations",
        "counters",
    ] {
        expect(&findings, check, "ok", "");
    }

    let (_, findings) = examine(&place, &[("TALLYBOARD_SERVER_ADDRESS", "0.0.0.0:3000")]);
    expect(&findings, "public_url", "warning", "without TLS");
    let (_, findings) = examine(&place, &[("TALLYBOARD_SERVER_PUBLIC_URL", "https://tasks.example.org")]);
    expect(&findings, "public_url", "ok", "Secure");
    expect(&findings, "trusted_proxies", "warning", "none is trusted");
    let (_, findings) = examine(&place, &[("TALLYBOARD_BACKUP_FOLDER", "elsewhere")]);
    expect(&findings, "backups", "warning", "there are none");
    expect(&findings, "scripts and styles", "error", "there are none");

    fs::write(data.join("signing.key"), "x".repeat(64)).unwrap();
    fs::set_permissions(data.join("signing.key"), fs::Permissions::from_mode(0o644)).unwrap();
    sql(&place.url, "UPDATE user_counters SET pending = pending + 1; UPDATE counter_changes SET pending = pending + 1")
        .await;
    let (is_good, findings) = examine(&place, &[site]);
    assert!(!is_good);
    expect(&findings, "signing key", "error", "can be read by other users");
    expect(&findings, "counters", "error", "are wrong");
    sql(&place.url, "PRAGMA foreign_keys = OFF; DELETE FROM users").await;
    expect(&examine(&place, &[]).1, "integrity", "error", "rows that do not exist");
    sql(
        &place.url,
        "UPDATE _sqlx_migrations SET version = 9999 WHERE version = (SELECT max(version) FROM _sqlx_migrations)",
    )
    .await;
    expect(&examine(&place, &[]).1, "migrations", "error", "schema 9999");
    let nowhere = Place::new(Kind::Sqlite).await;
    let (is_good, findings) = examine(&nowhere, &[]);
    assert!(!is_good);
    expect(&findings, "database", "error", "cannot be opened");
    assert!(!nowhere.folder.path().join("test.db").exists(), "it makes nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_finds_what_is_wrong_with_postgresql() {
    let (server, _) = filled(Kind::Postgres).await;
    let place = Place::of(server).await;
    let (_, findings) = examine(&place, &[]);
    for check in
        ["database", "clock", "database TLS", "row-level security", "database role", "migrations", "counters", "LISTEN"]
    {
        expect(&findings, check, "ok", "");
    }
    sql(&place.url, "ALTER TABLE tasks NO FORCE ROW LEVEL SECURITY").await;
    let as_superuser = place.url.replace("tallyboard@", "postgres@");
    let (is_good, findings) = examine(&place, &[("DATABASE_URL", as_superuser.as_str())]);
    assert!(!is_good);
    expect(&findings, "row-level security", "error", "tasks");
    expect(&findings, "database role", "warning", "SUPERUSER");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_asks_the_provider() {
    let provider = Provider::start().await;
    let server = provider.server(Kind::Sqlite, &[]).await;
    let doctor = |issuer: &str| {
        let mut command = binary(&server.folder);
        command.args(["doctor", "--json"]).env("DATABASE_URL", &server.url).env("TALLYBOARD_OIDC_ISSUER", issuer);
        command.env("TALLYBOARD_OIDC_CLIENT_ID", CLIENT).env("TALLYBOARD_SERVER_PUBLIC_URL", PUBLIC_URL);
        let said = String::from_utf8(command.output().unwrap().stdout).unwrap();
        let findings = said.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        findings.into_iter().find(|finding| finding["check"] == "sign-in").unwrap()
    };
    assert_eq!(doctor(&provider.issuer)["level"], "ok");
    // The provider has another issuer name; nothing listens at the address.
    for (issuer, why) in
        [(format!("{}/", provider.issuer), "unexpected issuer"), ("http://127.0.0.1:1".to_owned(), "refused")]
    {
        let finding = doctor(&issuer);
        assert!(finding["level"] == "error" && finding["message"].as_str().unwrap().contains(why), "{finding}");
    }
    assert_eq!(doctor("")["level"], "ok");
}
