//! The files embedded in a release. A development build has none.

use std::{path::PathBuf, sync::OnceLock};

/// The data that `scripts/release.sh` compiles into `src/main.rs`.
#[derive(Debug)]
pub struct Release {
    /// The scripts and styles, as a tar archive.
    pub site: &'static [u8],
    /// The commit that it was built from.
    pub commit: &'static str,
}

static RELEASE: OnceLock<Release> = OnceLock::new();

/// Says what this program has inside.
pub fn set(release: Release) {
    let _ = RELEASE.set(release);
}

/// This program's embedded files; `None` for a build that isn't a release.
pub fn get() -> Option<&'static Release> {
    RELEASE.get()
}

/// The version, and of a release its commit.
pub fn version() -> String {
    let version = env!("CARGO_PKG_VERSION");
    get().map_or_else(|| version.to_owned(), |release| format!("{version} ({})", release.commit))
}

/// Where a build without a site inside looks for one.
pub const DEFAULT_SITE_ROOT: &str = "target/site";

/// Where the built files are.
#[derive(Clone, Debug)]
pub enum Site {
    /// In a folder.
    Folder(PathBuf),
    /// In a tar archive inside the program.
    Embedded(&'static [u8]),
}

impl Site {
    /// The folder of the settings, else what is inside the program, else what a build leaves in the working directory.
    pub fn find(site_root: &str) -> Self {
        match get() {
            Some(release) if site_root.is_empty() => Self::Embedded(release.site),
            None if site_root.is_empty() => Self::Folder(PathBuf::from(DEFAULT_SITE_ROOT)),
            _ => Self::Folder(PathBuf::from(site_root)),
        }
    }

    /// Where the files come from, as a sentence; `None` when there are none.
    pub fn origin(&self) -> Option<String> {
        match self {
            Self::Embedded(_) => Some("inside the program".to_owned()),
            Self::Folder(folder) => folder.join("pkg").is_dir().then(|| format!("in {}", folder.display())),
        }
    }
}
