//! The scripts of pages name elements, fields and events of the Rust code: what they name exists, and each key has one owner.
//! `make check-scripts` checks their types.

use std::{collections::BTreeSet, fs, path::Path};

use tallyboard_base::script::compact;

use crate::architecture::sources;

/// The scripts of pages and of the installed app, without comments.
fn scripts() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let entries = ["src/scripts", "public"].into_iter().flat_map(|folder| fs::read_dir(root.join(folder)).unwrap());
    let paths = entries.map(|entry| entry.unwrap().path());
    let paths = paths.filter(|path| path.extension().is_some_and(|extension| extension == "js"));
    let read = |path: &Path| {
        let (name, text) = (path.strip_prefix(root).unwrap().display().to_string(), fs::read_to_string(path).unwrap());
        assert!(text.starts_with("// @ts-check\n"), "{name} is not checked in an editor");
        (name, compact(&text))
    };
    let found: Vec<_> = paths.map(|path| read(&path)).collect();
    assert!(found.len() > 10);
    found
}

fn source(file: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap()
}

/// The first argument of each call of these functions, where it's a string.
fn arguments(code: &str, functions: &[&str]) -> Vec<String> {
    let calls = functions.iter().flat_map(|function| code.split(&format!("{function}('")).skip(1).collect::<Vec<_>>());
    calls.map(|rest| rest.split('\'').next().unwrap().to_owned()).collect()
}

/// What comes after each occurrence of `mark`, as long as its letters are those of a name.
fn names(text: &str, mark: &str) -> Vec<String> {
    let is_of_name = |letter: &char| letter.is_ascii_alphanumeric() || "-_[]".contains(*letter);
    let found = text.split(mark).skip(1).map(|rest| rest.chars().take_while(is_of_name).collect::<String>());
    found.filter(|name| !name.is_empty()).collect()
}

/// `fooBar` is the attribute `data-foo-bar`.
fn attribute(key: &str) -> String {
    key.chars().fold("data-".to_owned(), |name, letter| match letter {
        'A'..='Z' => format!("{name}-{}", letter.to_ascii_lowercase()),
        _ => format!("{name}{letter}"),
    })
}

const FIND: [&str; 6] = ["element", "elements", "querySelector", "querySelectorAll", "closest", "matches"];

#[test]
fn scripts_name_elements_that_the_pages_have() {
    let rust: String = sources("src").into_iter().map(|(_, text)| text).collect();
    let parts = sources("src").into_iter().filter(|(name, _)| name.ends_with("/part.rs"));
    let ids_of_parts: String = parts.map(|(_, text)| text).collect();
    let mut checked = 0;
    for (script, code) in scripts() {
        for selector in arguments(&code, &FIND) {
            for id in names(&selector, "#") {
                let exists = rust.contains(&format!("id=\"{id}\"")) || ids_of_parts.contains(&format!("= \"{id}\";"));
                assert!(exists, "{script}: no page has an element #{id}");
                checked += 1;
            }
            for name in names(&selector.replace('"', ""), "[name=") {
                let name = name.strip_suffix(']').unwrap();
                assert!(rust.contains(&format!("\"{name}\"")), "{script}: no page has a field {name}");
                checked += 1;
            }
            for attribute in names(&selector, "[data-") {
                let attribute = attribute.trim_end_matches(']');
                assert!(rust.contains(&format!("data-{attribute}")), "{script}: no page has data-{attribute}");
                checked += 1;
            }
        }
        assert!(!code.contains("getElementById"), "{script}: this test reads selectors");
        for key in names(&code, "dataset.") {
            let attribute = attribute(&key);
            assert!(rust.contains(&attribute), "{script}: no page has {attribute}");
            checked += 1;
        }
    }
    assert!(checked > 30, "only {checked} names were found");
}

/// Events of browsers that the scripts listen to.
const OF_BROWSERS: [&str; 26] = [
    "activate",
    "beforeinput",
    "change",
    "click",
    "dragend",
    "dragover",
    "dragstart",
    "drop",
    "fetch",
    "fullscreenchange",
    "input",
    "install",
    "focusin",
    "focusout",
    "keydown",
    "mouseleave",
    "mousemove",
    "mouseover",
    "online",
    "pagehide",
    "pageshow",
    "popstate",
    "scroll",
    "submit",
    "toggle",
    "visibilitychange",
];

#[test]
fn events_have_one_name_in_scripts_and_islands() {
    let (mut sent, mut heard) = (BTreeSet::new(), BTreeSet::new());
    for (_, code) in scripts() {
        sent.extend(arguments(&code, &["new Event", "new CustomEvent"]));
        heard.extend(arguments(&code, &["addEventListener"]));
    }
    heard.retain(|event| !OF_BROWSERS.contains(&event.as_str()));
    let constants = source("src/live/page_events.rs");
    let of_islands: BTreeSet<_> =
        constants.split(" = \"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect();
    let types = source("src/scripts/globals.d.ts");
    let map = types.split("interface WindowEventMap {").nth(1).unwrap().split('}').next().unwrap();
    let lines = map.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("/*"));
    let declared: BTreeSet<_> =
        lines.map(|line| line.split(':').next().unwrap().trim_matches('"').to_owned()).collect();

    let of_scripts: BTreeSet<_> = sent.union(&heard).cloned().collect();
    assert_eq!(of_scripts, declared, "what the scripts send or listen to, and what globals.d.ts declares");
    assert!(of_islands.is_subset(&declared), "{of_islands:?} of the islands are in {declared:?} of the scripts");
    for event in declared.difference(&of_islands) {
        assert!(sent.contains(event) && heard.contains(event), "{event} has no sender or no listener");
    }
}

#[test]
fn a_script_and_the_server_have_the_same_mark_for_plain_words() {
    assert!(source("src/scripts/quick_add.js").contains("const LITERAL = '\\u2060';"));
    assert_eq!(tallyboard_model::quick_add::LITERAL, '\u{2060}');
}

#[test]
fn each_key_has_one_owner_and_is_explained() {
    let mut owned = BTreeSet::new();
    for (script, code) in scripts() {
        for keys in code.split("onKey([").skip(1).map(|rest| rest.split(']').next().unwrap()) {
            for key in keys.split(',').map(|key| key.trim().trim_matches('\'').to_owned()) {
                assert!(owned.insert(key.clone()), "{script}: the key {key} has another owner");
            }
        }
        let listens = code.contains("addEventListener('keydown'");
        assert_eq!(listens, script == "src/scripts/keys.js", "{script}: keys.js alone listens to keys");
    }
    let list = source("src/ui/shortcuts.rs");
    let help = list.split("fn shortcuts()").nth(1).unwrap().split("];").next().unwrap();
    let explained = help.split("        (\"").skip(1).map(|rest| rest.split('"').next().unwrap());
    let explained: BTreeSet<_> = explained.flat_map(|keys| keys.split(", ")).map(str::to_owned).collect();
    // The help itself, the dashboard's button, Shift with x, and what needs no explanation.
    let others = ["?", "f", "X", "ArrowDown", "ArrowUp", "Escape"].map(str::to_owned);
    assert_eq!(owned, explained.into_iter().chain(others).collect());
}

#[test]
fn pages_have_no_script_but_those_of_the_folder() {
    let list = source("src/scripts/mod.rs");
    for (script, _) in scripts() {
        if let Some(file) = script.strip_prefix("src/scripts/") {
            assert!(list.contains(&format!("= \"{file}\";")), "{script} is on no page");
        }
    }
    for (name, text) in sources("src").into_iter().filter(|(name, _)| name != "src/scripts/mod.rs") {
        for script in text.split("inline_script(").skip(1) {
            assert!(script.starts_with("&scripts::"), "{name} has its own script");
        }
    }
}
