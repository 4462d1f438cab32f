//! What is built from where to where: `[package.metadata.leptos]` in Cargo.toml, which cargo-leptos reads, too.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::command::{cargo, run};

/// The file that names the others, in the root of a site.
pub const HASHES: &str = "hash.txt";

/// The output of `cargo metadata`.
#[derive(Deserialize)]
struct Workspace {
    packages: Vec<Package>,
    target_directory: PathBuf,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    metadata: Option<Metadata>,
}

#[derive(Deserialize)]
struct Metadata {
    leptos: Option<Leptos>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Leptos {
    output_name: String,
    site_root: PathBuf,
    site_pkg_dir: String,
    site_addr: String,
    reload_port: u16,
    tailwind_input_file: PathBuf,
    assets_dir: PathBuf,
    lib_features: Vec<String>,
    lib_profile_release: String,
}

pub struct Project {
    pub is_release: bool,
    pub package: String,
    pub features: String,
    pub release_profile: String,
    pub output_name: String,
    /// The folder of the built files inside the site.
    pub pkg: String,
    /// Copied as it is.
    pub assets: PathBuf,
    pub css: PathBuf,
    /// Cargo's output folder.
    pub target: PathBuf,
    /// The intermediate files.
    pub staging: PathBuf,
    /// Where servers look for the site.
    pub site: PathBuf,
    /// The variables that cargo-leptos sets while compiling.
    pub variables: Vec<(&'static str, String)>,
}

impl Project {
    /// Reads the settings in the working directory.
    pub fn read(is_release: bool) -> Result<Self> {
        let metadata = run(cargo().args(["metadata", "--format-version", "1", "--no-deps", "--offline"]))?;
        let workspace: Workspace = serde_json::from_slice(&metadata.stdout)
            .context("[package.metadata.leptos] in Cargo.toml is not complete")?;
        let leptos = |package: Package| Some((package.name, package.metadata?.leptos?));
        let (package, leptos) = workspace
            .packages
            .into_iter()
            .find_map(leptos)
            .context("no package of this workspace has [package.metadata.leptos]")?;
        let target = workspace.target_directory;
        let variables = vec![
            ("LEPTOS_OUTPUT_NAME", leptos.output_name.clone()),
            ("LEPTOS_SITE_ROOT", leptos.site_root.display().to_string()),
            ("LEPTOS_SITE_PKG_DIR", leptos.site_pkg_dir.clone()),
            ("LEPTOS_SITE_ADDR", leptos.site_addr),
            ("LEPTOS_RELOAD_PORT", leptos.reload_port.to_string()),
            ("LEPTOS_LIB_DIR", ".".to_owned()),
            ("LEPTOS_BIN_DIR", ".".to_owned()),
            ("LEPTOS_JS_MINIFY", is_release.to_string()),
            ("LEPTOS_HASH_FILES", "true".to_owned()),
            ("LEPTOS_HASH_FILE_NAME", HASHES.to_owned()),
        ];
        let site = if is_release { with_suffix(&leptos.site_root, "-release") } else { leptos.site_root };
        Ok(Self {
            is_release,
            package,
            features: leptos.lib_features.join(","),
            release_profile: leptos.lib_profile_release,
            output_name: leptos.output_name,
            pkg: leptos.site_pkg_dir,
            assets: leptos.assets_dir,
            css: leptos.tailwind_input_file,
            staging: target.join("site-build").join(if is_release { "release" } else { "dev" }),
            target,
            site,
            variables,
        })
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
