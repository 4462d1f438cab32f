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

#[test]
fn sql_is_only_in_stores_db_and_ops() {
    for (name, text) in sources("src") {
        let allowed = name.starts_with("src/db/") || name.starts_with("src/ops/") || name.ends_with("/store.rs")
            || ["src/statistics/counters.rs", "src/statistics/counters_test.rs", "src/tasks/query.rs", "src/tasks/search.rs"].contains(&name.as_str())
            // Both name sqlx's error type, to convert it into ours.
            || name == "src/error/response.rs" || name == "src/auth/service.rs";
        assert!(allowed || !text.contains("sqlx"), "{name} uses sqlx");
    }
}

#[test]
fn cfg_is_only_where_a_room_is_put_together() {
    for (name, text) in sources("src") {
        let allowed = name.ends_with("/mod.rs") || name == "src/lib.rs" || name == "src/main.rs";
        assert!(allowed || !text.contains("cfg(feature"), "{name} has a cfg");
    }
}

#[test]
fn files_stay_small_enough_to_hold_in_the_head() {
    for (name, text) in sources("src").into_iter().chain(sources("tests")) {
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

/// Who may open a transaction without proof: clippy.toml forbids it, and only these files may say otherwise.
#[test]
fn only_auth_oauth_and_ops_open_scopes_without_an_authenticated_user() {
    let allowed = [
        "src/auth/credentials.rs",
        "src/auth/identity.rs",
        "src/auth/personal_tokens/mod.rs",
        "src/auth/service.rs",
        "src/db/transaction_test.rs",
        "src/invitations/service.rs",
        "src/mail/delivery.rs",
        "src/notifications/schedule.rs",
        "src/oauth/records.rs",
        "src/ops/mod.rs",
        "src/statistics/counters_test.rs",
    ];
    let exceptions = sources("src").into_iter().filter(|(_, text)| text.contains("disallowed_methods"));
    for (name, _) in exceptions {
        assert!(allowed.contains(&name.as_str()), "{name} makes an exception from clippy.toml");
    }
}
