//! Programs of other people that tests run when the machine has them.

use std::{
    env,
    io::Write,
    path::{Path, PathBuf},
};

/// The folder into which scripts/setup.sh unpacks programs.
const TOOLS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/tools/usr");

/// Where a program is. When it's missing the test is left out, and says so past the test runner, which shows nothing of tests
/// that pass.
pub fn program(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let system = ["/usr/sbin", "/sbin"].into_iter().map(PathBuf::from);
    let tools = ["sbin", "bin"].into_iter().map(|folder| Path::new(TOOLS).join(folder));
    let found = env::split_paths(&path).chain(system).chain(tools).map(|folder| folder.join(name));
    let found = found.into_iter().find(|file| file.is_file());
    if found.is_none() {
        left_out(name);
    }
    found
}

/// The folder with the Python packages that scripts/setup.sh unpacks.
pub fn python_packages() -> PathBuf {
    Path::new(TOOLS).join("lib/python3/dist-packages")
}

/// Says that a test was left out.
pub fn left_out(what: &str) {
    let _ = writeln!(std::io::stderr(), "\nNOT TESTED: {what} is missing; `scripts/setup.sh test` brings it\n");
}
