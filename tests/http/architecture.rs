//! Rules of the architecture that the compiler cannot check, checked by reading the source.

use std::{fs, path::Path};

pub fn sources(folder: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut folders = vec![root.join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root).unwrap().display().to_string();
                found.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    assert!(!found.is_empty());
    found
}

/// The sources of the product: the app and the crates under it, without the tool that builds the site.
pub fn product() -> Vec<(String, String)> {
    let crates = sources("crates").into_iter().filter(|(name, _)| !name.starts_with("crates/site/"));
    sources("src").into_iter().chain(crates).filter(|(name, _)| !name.ends_with("build.rs")).collect()
}

#[test]
fn sql_is_only_in_stores_db_and_ops() {
    const OTHERS: [&str; 8] = [
        "crates/core/src/statistics/counters.rs",
        "crates/core/src/statistics/counters_test.rs",
        "crates/core/src/tasks/query.rs",
        "crates/core/src/tasks/search.rs",
        "crates/core/src/ops/idempotency.rs",
        // How ids are stored.
        "crates/model/src/id/stored.rs",
        // Both name sqlx's error type, to convert it into ours.
        "crates/model/src/error/response.rs",
        "crates/core/src/auth/service.rs",
    ];
    for (name, text) in product() {
        let allowed = name.starts_with("crates/db/")
            || name.starts_with("crates/ops/")
            || name.ends_with("/store.rs")
            || OTHERS.contains(&name.as_str());
        assert!(allowed || !text.contains("sqlx"), "{name} uses sqlx");
    }
}

#[test]
fn cfg_is_only_where_a_room_is_put_together() {
    for (name, text) in product() {
        // In the model a room is a file.
        let in_model = name.strip_prefix("crates/model/src/").is_some_and(|file| !file.contains('/'));
        let allowed = in_model || name.ends_with("/mod.rs") || name == "src/lib.rs" || name == "src/main.rs";
        assert!(allowed || !text.contains("cfg(feature"), "{name} has a cfg");
    }
}

#[test]
fn files_stay_small_enough_to_hold_in_the_head() {
    for (name, text) in product().into_iter().chain(sources("tests")) {
        assert!(text.lines().count() <= 420, "{name} has {} lines", text.lines().count());
    }
}

#[test]
fn every_setting_is_explained() {
    let settings = include_str!("../../Leptos.toml");
    let lines: Vec<_> = settings.lines().collect();
    for (number, line) in lines.iter().enumerate() {
        if line.contains(" = ") && !line.starts_with('#') {
            assert!(lines[number - 1].starts_with('#'), "{line} has no comment above it");
        }
    }
}

/// The files that may open a transaction without proof: clippy.toml forbids it everywhere else.
#[test]
fn only_auth_oauth_and_ops_open_scopes_without_an_authenticated_user() {
    let allowed = [
        "crates/core/src/auth/credentials.rs",
        "crates/core/src/auth/identity.rs",
        "crates/core/src/auth/personal_tokens/mod.rs",
        "crates/core/src/auth/service.rs",
        "crates/db/src/scope.rs",
        "crates/db/src/transaction_test.rs",
        "crates/core/src/invitations/service.rs",
        "crates/core/src/mail/delivery.rs",
        "crates/core/src/notifications/schedule.rs",
        "crates/core/src/received_invitations/service.rs",
        "crates/assistants/src/oauth/records.rs",
        "crates/core/src/ops/audit.rs",
        "crates/ops/src/lib.rs",
        "crates/core/src/statistics/counters_test.rs",
    ];
    let exceptions = product().into_iter().filter(|(_, text)| text.contains("disallowed_methods"));
    for (name, _) in exceptions {
        assert!(allowed.contains(&name.as_str()), "{name} makes an exception from clippy.toml");
    }
}

/// A `VerifiedUser` opens scopes: only what `auth` has checked is one.
#[test]
fn only_auth_says_who_is_verified() {
    let with_one = product().into_iter().filter(|(_, text)| text.contains("VerifiedUser for"));
    let names: Vec<_> = with_one.map(|(name, _)| name).collect();
    assert_eq!(names, ["crates/core/src/auth/identity.rs"]);
}
