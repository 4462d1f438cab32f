//! The build: what is compiled once must not be compiled twice.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
};

/// The packages of the server with their features, as cargo resolves them for these kinds of dependencies.
fn packages(kinds: &str) -> BTreeSet<String> {
    tree(&["--package", "tallyboard", "--features", "ssr", "--edges", kinds])
}

fn tree(options: &[&str]) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--locked", "--prefix", "none", "--format", "{p} {f}"])
        .args(options)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| line.trim_end_matches(" (*)").to_owned()).collect()
}

/// A dev-dependency that turns on a feature of a shared dependency would have cargo compile that dependency, and
/// everything above it, once for `cargo leptos build` and once more for `cargo test`.
#[test]
fn dev_dependencies_change_no_dependency_of_the_server() {
    let (server, with_tests) = (packages("normal,build"), packages("normal,build,dev"));
    assert!(server.len() > 300, "{}", server.len());
    let changed: Vec<_> = server.difference(&with_tests).collect();
    assert!(changed.is_empty(), "name the features of these packages in [dependencies], too: {changed:#?}");
}

/// What the tool in crates/site shares with the server is compiled once, but for what takes less than two seconds.
#[test]
fn the_site_tool_shares_its_large_dependencies_with_the_server() {
    let by_package = |packages: BTreeSet<String>| {
        let mut features: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for line in packages {
            let line = line.replace("(proc-macro) ", "");
            let (package, found) = line.rsplit_once(' ').unwrap();
            features.entry(package.to_owned()).or_default().insert(found.to_owned());
        }
        features
    };
    let server = by_package(packages("normal,build"));
    let tool = by_package(tree(&["--package", "tallyboard-site", "--edges", "normal,build"]));
    for name in ["memchr", "proc-macro2", "quote", "regex-automata", "serde", "serde_core", "serde_json", "syn"] {
        let of_tool = tool.iter().filter(|(package, _)| package.starts_with(&format!("{name} v")));
        for (package, features) in of_tool {
            let of_server = &server[package];
            assert!(features.is_subset(of_server), "{package}: turn on these in crates/site/Cargo.toml: {of_server:?}");
        }
    }
}

/// Packages that the server has in two generations or more, with the one that holds the oldest. Take a name off when it's
/// there once; before you add one, look for a feature or a version that saves it.
const TWICE: [(&str, &str); 33] = [
    ("base64", "webauthn-rs"),
    ("block-buffer", "digest"),
    ("const-oid", "digest"),
    ("convert_case", "config, of leptos"),
    ("cpufeatures", "argon2, of webauthn-rs"),
    ("crypto-common", "digest"),
    ("darling", "zxcvbn"),
    ("darling_core", "zxcvbn"),
    ("darling_macro", "zxcvbn"),
    ("der", "rsa, of openidconnect"),
    ("digest", "argon2, of webauthn-rs; sqlx-core against sqlx-postgres"),
    ("getrandom", "ring"),
    ("hashbrown", "sqlx-core"),
    ("hmac", "openidconnect against sqlx-postgres"),
    ("nom", "webauthn-rs"),
    ("pem-rfc7468", "rsa, of openidconnect"),
    ("phf", "chrono-tz"),
    ("phf_shared", "chrono-tz"),
    ("pkcs1", "rsa, of openidconnect"),
    ("pkcs8", "rsa, of openidconnect"),
    ("proc-macro2-diagnostics", "maud"),
    ("rand", "openidconnect"),
    ("rand_chacha", "openidconnect"),
    ("rand_core", "openidconnect"),
    ("rsa", "openidconnect"),
    ("sha1", "axum"),
    ("sha2", "sqlx-core against sqlx-postgres"),
    ("signature", "rsa, of openidconnect"),
    ("spki", "rsa, of openidconnect"),
    ("syn", "macros of many"),
    ("synstructure", "webauthn-rs"),
    ("thiserror", "openidconnect, webauthn-rs"),
    ("thiserror-impl", "openidconnect, webauthn-rs"),
];

#[test]
fn the_server_has_no_more_packages_in_two_generations() {
    let mut versions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let packages = packages("normal,build");
    for line in &packages {
        let mut words = line.split(' ');
        let (name, version) = (words.next().unwrap().to_owned(), words.next().unwrap().to_owned());
        versions.entry(name).or_default().insert(version);
    }
    let twice: Vec<_> =
        versions.iter().filter(|(_, versions)| versions.len() > 1).map(|(name, _)| name.as_str()).collect();
    assert_eq!(twice, TWICE.map(|(name, _)| name));
    let others = versions.iter().filter(|(name, _)| !name.starts_with("tallyboard"));
    let count: usize = others.map(|(_, versions)| versions.len()).sum();
    assert!(count <= 545, "{count} packages; every one is compiled by everybody who builds from source");
}

/// The same for tools: flags that only one of them uses would compile everything again.
#[test]
fn all_tools_build_with_the_same_flags() {
    let manifest: toml::Table = include_str!("../../Cargo.toml").parse().unwrap();
    let leptos = &manifest["package"]["metadata"]["leptos"];
    assert_eq!(leptos["disable-erase-components"].as_bool(), Some(true), "a flag of cargo-leptos alone");
    // leptos reads LEPTOS_WATCH while it compiles.
    assert_eq!(leptos["bin-cargo-command"].as_str(), Some("env -u LEPTOS_WATCH cargo"));
    let config: toml::Table = include_str!("../../.cargo/config.toml").parse().unwrap();
    assert_eq!(config["env"]["LEPTOS_OUTPUT_NAME"], leptos["output-name"]);
}

/// What was just built for these tests is up to date: otherwise every command would compile our crates again.
#[test]
fn a_second_build_compiles_nothing() {
    let mut command = Command::new(env!("CARGO"));
    // What cargo tells a test about itself; build scripts would take it for a change.
    let of_this_test = std::env::vars_os().map(|(name, _)| name).filter(|name| {
        name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_"))
    });
    for name in of_this_test {
        command.env_remove(name);
    }
    let output = command
        .args(["build", "--offline", "--locked", "--package", "tallyboard", "--bin", "tallyboard", "--features", "ssr"])
        .args(["--message-format", "json"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let messages = String::from_utf8(output.stdout).unwrap();
    let artifacts: Vec<serde_json::Value> = messages
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|message: &serde_json::Value| message["reason"] == "compiler-artifact")
        .collect();
    assert!(artifacts.len() > 300, "{}", artifacts.len());
    let compiled = artifacts.iter().filter(|artifact| artifact["fresh"] == false);
    let compiled: Vec<_> = compiled.map(|artifact| artifact["package_id"].to_string()).collect();
    assert!(compiled.is_empty(), "compiled again: {compiled:?}");
}
