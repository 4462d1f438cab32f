//! Reads the names of the built scripts and styles. Once, when the server starts: a build that runs
//! meanwhile changes the names, and a page must not name a file of another build.

use std::{
    env, fs,
    io::{self, Read},
    path::{Path, PathBuf},
};

use leptos::{
    config::LeptosOptions,
    nonce::{provide_nonce, use_nonce},
    prelude::*,
};

use tallyboard_base::release::Site;
use tallyboard_core::assets::{AssetNames, Assets};

/// Reads the names of the files: those in the folder `site_root`, or when it is empty those inside the program.
///
/// # Errors
/// The names are inside the program, and `data_dir` cannot be written to.
pub fn load(site_root: &str, data_dir: &Path) -> io::Result<Assets> {
    let site = Site::find(site_root);
    match &site {
        Site::Folder(folder) => {
            let hashes = hash_file(folder);
            Ok(read(site.clone(), folder, hashes.as_deref()))
        }
        Site::Embedded(archive) => {
            // leptos reads names from files only.
            let folder = data_dir.join(format!(".site-{}", std::process::id()));
            let is_name = |path: &Path| path.ends_with("hash.txt") || path.display().to_string().contains("manifest.");
            unpack(archive, &folder, is_name)?;
            let assets = read(site.clone(), &folder, Some(&fs::canonicalize(folder.join("hash.txt"))?));
            fs::remove_dir_all(&folder)?;
            Ok(assets)
        }
    }
}

fn read(site: Site, folder: &Path, hash_file: Option<&Path>) -> Assets {
    let hashes = hash_file.and_then(|path| fs::read_to_string(path).ok());
    let options = LeptosOptions::builder()
        .output_name("tallyboard")
        .site_root(folder.display().to_string())
        .hash_files(hashes.is_some());
    let options = match hash_file {
        Some(path) => options.hash_file(path.display().to_string().into()).build(),
        None => options.build(),
    };
    let css_hash = hashes.as_deref().and_then(|hashes| hashes.lines().find_map(|line| line.strip_prefix("css:")));
    let css_hash = css_hash.map(|hash| format!(".{}", hash.trim())).unwrap_or_default();
    let stylesheet = format!("/{}/{}{css_hash}.css", options.site_pkg_dir, options.output_name);
    // Rendered once: `HydrationScripts` reads the file of hashes at every call.
    let (scripts, placeholder) = Owner::new().with(|| {
        provide_nonce();
        let placeholder = use_nonce().map(|nonce| nonce.to_string()).unwrap_or_default();
        let scripts = view! { <HydrationScripts options=options islands=true /> }.to_html();
        (scripts, placeholder)
    });
    Assets::new(AssetNames { site, stylesheet, scripts, placeholder })
}

/// The file that names the built ones. Our own build writes it into the site; cargo-leptos beside the server, where the
/// next build of another site would replace it.
fn hash_file(site: &Path) -> Option<PathBuf> {
    let beside = || Some(env::current_exe().ok()?.parent()?.join("hash.txt"));
    // leptos looks for a relative path beside the server.
    fs::canonicalize(site.join("hash.txt")).ok().or_else(|| beside().filter(|path| path.exists()))
}

/// Writes some files of a tar archive into a folder.
fn unpack(archive: &[u8], folder: &Path, is_wanted: impl Fn(&Path) -> bool) -> io::Result<()> {
    for entry in tar::Archive::new(archive).entries()? {
        let mut entry = entry?;
        let path = entry.path()?.into_owned();
        // The archive is our own; compressed twins are not read.
        if !is_wanted(&path) || path.extension().is_some_and(|extension| extension == "br" || extension == "gz") {
            continue;
        }
        let to = folder.join(path);
        fs::create_dir_all(to.parent().unwrap_or(folder))?;
        let mut content = Vec::new();
        entry.read_to_end(&mut content)?;
        fs::write(to, content)?;
    }
    Ok(())
}
