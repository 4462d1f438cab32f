//! The build: what is compiled once must not be compiled twice.

use std::{collections::BTreeSet, process::Command};

/// The packages of the server with their features, as cargo resolves them for these kinds of dependencies.
fn packages(kinds: &str) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--locked", "--features", "ssr", "--prefix", "none", "--format", "{p} {f}"])
        .args(["--edges", kinds])
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

/// The same for tools: flags that only one of them uses would compile everything again.
#[test]
fn all_tools_build_with_the_same_flags() {
    let manifest: toml::Table = include_str!("../../Cargo.toml").parse().unwrap();
    let leptos = &manifest["package"]["metadata"]["leptos"];
    assert_eq!(leptos["disable-erase-components"].as_bool(), Some(true), "a flag of cargo-leptos alone");
    let config: toml::Table = include_str!("../../.cargo/config.toml").parse().unwrap();
    assert_eq!(config["env"]["LEPTOS_OUTPUT_NAME"], leptos["output-name"]);
}
