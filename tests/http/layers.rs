//! The layers of the source: no file uses one of a higher layer, and no files use each other in a circle.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use crate::architecture::product;

/// The layers inside the crates that have rooms, lowest first; rooms in one line do not use each other. What may use which crate,
/// the compiler guards. docs/ARCHITECTURE.md explains them.
const LAYERS: [(&str, &[&[&str]]); 2] = [
    (
        "tallyboard_core",
        &[
            &["assets", "model"],
            &["mail"],
            &["apps"],
            &["auth"],
            &["membership", "notifications"],
            &["tasks"],
            &["shares"],
            &["teams"],
            &["blocks", "invitations", "received_invitations"],
            &["audit", "chat", "mcp", "statistics"],
            &["transfer"],
            &["live"],
            &["ops"],
            &["app"],
            // What answers requests, see HANDLERS; a room's own handlers are above every room's rules.
            &["auth handlers"],
            &["notifications handlers", "ops handlers"],
            &["mail handlers"],
            &["transfer handlers"],
        ],
    ),
    (
        "tallyboard",
        &[
            &["json", "scripts"],
            &["live"],
            &["ui"],
            &["auth"],
            &["audit", "chat", "notifications", "shares", "statistics"],
            &["blocks"],
            &["invitations", "received_invitations"],
            &["tasks", "teams"],
            &["transfer"],
            &["assistant"],
            &["oauth"],
            &["openapi", "server_fn"],
            &["server"],
            &["cli"],
            &["main"],
        ],
    ),
];

/// The files of a room of the core that know the server's state.
const HANDLERS: [&str; 8] =
    ["attempts", "browser_state", "delivery", "export", "extract", "idempotency", "import", "schedule"];

/// `crates/core/src/tasks/store.rs` is the module `tallyboard_core::tasks::store`. Files for one of the two targets share a module.
fn module_of(file: &str) -> Vec<String> {
    let (name, path) = match file.strip_prefix("crates/").and_then(|path| path.split_once("/src/")) {
        Some((name, path)) => (format!("tallyboard_{name}"), path),
        None => ("tallyboard".to_owned(), file.trim_start_matches("src/")),
    };
    let path = path.trim_end_matches(".rs").trim_end_matches("_stub");
    let mut module: Vec<_> = std::iter::once(name).chain(path.split('/').map(str::to_owned)).collect();
    if matches!(module.last().map(String::as_str), Some("mod" | "lib")) {
        module.pop();
    }
    if module[1..] == ["ui", "polling"] && file.ends_with("polling_stub.rs") {
        module[2] = "polling_loop".to_owned();
    }
    module
}

/// The layer of a file in its crate; none: the crate has no layers.
fn layer_of(file: &str) -> Option<usize> {
    let module = module_of(file);
    let (_, layers) = LAYERS.iter().find(|(name, _)| *name == module[0])?;
    let room = module.get(1)?;
    let is_handler = module[0] == "tallyboard_core"
        && module.len() > 2
        && module[2..].iter().any(|part| HANDLERS.contains(&part.as_str()));
    let name = if is_handler { format!("{room} handlers") } else { room.clone() };
    let layer = layers.iter().position(|layer| layer.contains(&name.as_str()));
    Some(layer.unwrap_or_else(|| panic!("{name} is in no layer of {}", module[0])))
}

/// The paths of a use tree: `a::{b, c::d}` is `a::b` and `a::c::d`.
fn expand(tree: &str) -> Vec<String> {
    let tree = tree.trim();
    let Some(open) = tree.find('{') else {
        return vec![tree.split(" as ").next().unwrap().trim().to_owned()];
    };
    let (prefix, inner) = (tree[..open].trim_end_matches("::"), &tree[open + 1..tree.rfind('}').unwrap()]);
    let (mut depth, mut start, mut parts) = (0, 0, Vec::new());
    for (index, character) in inner.char_indices() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&inner[start..index]);
                start = index + 1;
            }
            _ => {}
        }
    }
    parts.push(&inner[start..]);
    let join = |path: String| if prefix.is_empty() { path } else { format!("{prefix}::{path}") };
    parts.into_iter().filter(|part| !part.trim().is_empty()).flat_map(expand).map(join).collect()
}

/// The source without comments and unit tests.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap();
    text.lines().map(|line| line.split("//").next().unwrap()).collect::<Vec<_>>().join("\n")
}

/// Every path of the crate that a file names, as absolute segments, and whether it is re-exported.
fn paths(file: &str, text: &str) -> Vec<(Vec<String>, bool)> {
    let module = module_of(file);
    let is_mod = file.ends_with("/mod.rs") || file.ends_with("/lib.rs");
    let mut found = Vec::new();
    let mut rest = String::new();
    for statement in code(text).split_inclusive(';') {
        let use_at = statement.rfind("use ").filter(|at| {
            let before = statement[..*at].trim_end();
            statement.ends_with(';')
                && (before.is_empty() || before.ends_with(['\n', '{', '}', ']', ';']) || before.ends_with("pub"))
        });
        match use_at {
            Some(at) => {
                let tree = statement[at + 4..].trim_end_matches(';');
                let is_public = statement[..at].trim_end().ends_with("pub");
                found.extend(expand(tree).into_iter().map(|path| (path, is_public)));
                rest += &statement[..at];
            }
            None => rest += statement,
        }
    }
    for start in ["crate::", "super::", "tallyboard"] {
        for (at, _) in rest.match_indices(start) {
            let is_word_before =
                rest[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_' || before == ':');
            let path: String =
                rest[at..].chars().take_while(|next| next.is_alphanumeric() || *next == '_' || *next == ':').collect();
            if !is_word_before {
                found.push((path.trim_end_matches(':').to_owned(), false));
            }
        }
    }
    let absolute = |path: String| {
        let mut segments: Vec<String> = path.split("::").map(str::to_owned).collect();
        let mut base = Vec::new();
        match segments[0].as_str() {
            "crate" => {
                segments.remove(0);
                base = module[..1].to_vec();
            }
            name if name.starts_with("tallyboard") => {}
            "super" => {
                base = module.clone();
                while segments.first().is_some_and(|segment| segment == "super") {
                    segments.remove(0);
                    base.pop();
                }
            }
            "self" => {
                segments.remove(0);
                base = module.clone();
            }
            // A path that begins with a child module.
            _ if is_mod => base = module.clone(),
            _ => return None,
        }
        Some(base.into_iter().chain(segments).collect::<Vec<_>>())
    };
    found.into_iter().filter_map(|(path, is_public)| Some((absolute(path)?, is_public))).collect()
}

struct Source {
    files: BTreeMap<String, String>,
    /// The files of each module.
    modules: BTreeMap<Vec<String>, Vec<String>>,
    /// What a module re-exports: name -> absolute path.
    reexports: BTreeMap<(Vec<String>, String), Vec<String>>,
}

impl Source {
    fn read() -> Self {
        let is_test = |name: &str| name.ends_with("_test.rs");
        let files: BTreeMap<_, _> = product().into_iter().filter(|(name, _)| !is_test(name)).collect();
        let mut modules = BTreeMap::<_, Vec<_>>::new();
        for name in files.keys() {
            modules.entry(module_of(name)).or_default().push(name.clone());
        }
        let mut reexports = BTreeMap::new();
        for (name, text) in &files {
            for (path, _) in paths(name, text) {
                if let Some(item) = path.last() {
                    reexports.insert((module_of(name), item.clone()), path.clone());
                }
            }
        }
        Self { files, modules, reexports }
    }

    /// The files in which the item of a path is defined.
    fn resolve(&self, path: &[String]) -> Vec<String> {
        for length in (0..=path.len()).rev() {
            let Some(files) = self.modules.get(&path[..length]) else { continue };
            let Some(item) = path.get(length) else { return files.clone() };
            return match self.reexports.get(&(path[..length].to_vec(), item.clone())) {
                Some(target) if target != path => self.resolve(&[target.as_slice(), &path[length + 1..]].concat()),
                _ if length == 0 => Vec::new(),
                _ => files.clone(),
            };
        }
        Vec::new()
    }

    fn edges(&self) -> BTreeMap<String, BTreeSet<String>> {
        let mut edges = BTreeMap::<_, BTreeSet<_>>::new();
        for (name, text) in &self.files {
            let module = module_of(name);
            for (path, _) in paths(name, text) {
                for target in self.resolve(&path) {
                    let target_module = module_of(&target);
                    // A mod.rs puts its children together, which is no use of them.
                    let is_own_child =
                        (name.ends_with("/mod.rs") || name.ends_with("/lib.rs")) && target_module.starts_with(&module);
                    if target_module != module && !is_own_child {
                        edges.entry(name.clone()).or_default().insert(target);
                    }
                }
            }
        }
        edges
    }
}

#[test]
fn no_file_uses_a_higher_layer() {
    let mut wrong = Vec::new();
    for (file, targets) in Source::read().edges() {
        for target in targets {
            if module_of(&file)[0] != module_of(&target)[0] {
                continue;
            }
            let (Some(from), Some(to)) = (layer_of(&file), layer_of(&target)) else { continue };
            let is_same_room = module_of(&file).get(1) == module_of(&target).get(1);
            if to > from || (to == from && !is_same_room) {
                wrong.push(format!("{file} uses {target}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn no_files_use_each_other_in_a_circle() {
    let edges = Source::read().edges();
    assert!(edges.values().map(BTreeSet::len).sum::<usize>() > 300, "the test does not find the uses");
    // A file that uses no other, or that no other uses, is in no circle; what is left after removing them is.
    let mut left = edges;
    loop {
        let used: BTreeSet<_> = left.values().flatten().cloned().collect();
        let is_in_no_circle = |file: &String, targets: &BTreeSet<String>| {
            !used.contains(file) || !targets.iter().any(|target| left.contains_key(target))
        };
        let done: Vec<_> = left
            .iter()
            .filter(|(file, targets)| is_in_no_circle(file, targets))
            .map(|(file, _)| file.clone())
            .collect();
        if done.is_empty() {
            break;
        }
        done.iter().for_each(|file| drop(left.remove(file)));
    }
    let circles: Vec<_> = left
        .iter()
        .map(|(file, targets)| {
            let in_circle: Vec<_> = targets.iter().filter(|target| left.contains_key(*target)).collect();
            format!("{file} -> {in_circle:?}")
        })
        .collect();
    assert!(circles.is_empty(), "{circles:#?}");
}

/// The list of layers is here; the page that explains them names every room.
#[test]
fn the_architecture_page_names_every_room() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/ARCHITECTURE.md")).unwrap();
    for name in LAYERS.iter().flat_map(|(_, layers)| layers.concat()).filter(|name| !name.contains(' ')) {
        assert!(
            page.contains(&format!("`{name}`"))
                || page.contains(&format!("`{name}/`"))
                || page.contains(&format!("`{name}.rs`")),
            "{name}"
        );
    }
}
