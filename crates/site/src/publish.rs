//! Turns build output into the served site.

use std::{
    collections::BTreeSet,
    env, fs, io,
    path::{Path, PathBuf},
    process::Command,
    time::UNIX_EPOCH,
};

use anyhow::{Context, Result};

use crate::{
    Files,
    command::{for_each, run},
    names::hash,
    project::{HASHES, Project},
    read_folder,
};

/// A folder that was made from certain inputs, and need not be made again from the same.
pub struct Cache {
    folder: PathBuf,
    stamp: PathBuf,
    key: String,
    is_current: bool,
}

impl Cache {
    /// Empties the folder unless it was made from these inputs by this program.
    pub fn new<'a>(folder: &Path, inputs: impl IntoIterator<Item = &'a [u8]>) -> Result<Self> {
        let program = fs::metadata(env::current_exe()?)?;
        let changed = program.modified()?.duration_since(UNIX_EPOCH)?.as_nanos();
        let key = format!("{} by {} of {changed}\n", hash(inputs), program.len());
        let stamp = folder.with_extension("stamp");
        let is_current = fs::read_to_string(&stamp).is_ok_and(|known| known == key);
        if !is_current {
            // Without its stamp a folder that is left half made is not taken for a whole one.
            remove(fs::remove_file(&stamp))?;
            remove(fs::remove_dir_all(folder))?;
            fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        }
        Ok(Self { folder: folder.to_owned(), stamp, key, is_current })
    }

    pub fn is_current(&self) -> bool {
        self.is_current
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder is complete.
    pub fn finish(&self) -> Result<()> {
        Ok(fs::write(&self.stamp, &self.key)?)
    }
}

/// Missing files needn't be removed.
fn remove(result: io::Result<()>) -> io::Result<()> {
    result.or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })
}

/// Whether exactly this site was staged, and is published still.
pub fn is_current(project: &Project, site: &Files) -> Result<bool> {
    let (staged, published) = (staged(project), &project.site);
    let same = |folder: &Path, name: &str, content: &[u8]| fs::read(folder.join(name)).is_ok_and(|old| old == content);
    let is_complete = published.join(HASHES).exists() && staged.join(HASHES).exists();
    Ok(is_complete
        && plain_names(&staged)? == site.keys().cloned().collect()
        && site.iter().all(|(name, content)| same(&staged, name, content) && same(published, name, content)))
}

fn staged(project: &Project) -> PathBuf {
    project.staging.join("site")
}

/// The names without those of compressed twins.
fn plain_names(folder: &Path) -> Result<BTreeSet<String>> {
    Ok(names(folder)?.into_iter().filter(|name| !is_twin(name)).collect())
}

fn is_twin(name: &str) -> bool {
    name.ends_with(".gz") || name.ends_with(".br")
}

fn names(folder: &Path) -> Result<BTreeSet<String>> {
    if folder.is_dir() { Ok(read_folder(folder)?.into_keys().collect()) } else { Ok(BTreeSet::new()) }
}

/// Writes the site and its compressed twins into its own folder. Twins of files that did not change are kept.
pub fn stage(project: &Project, site: &Files) -> Result<()> {
    let (folder, next) = (staged(project), project.staging.join("site.new"));
    remove(fs::remove_dir_all(&next))?;
    for_each(site, |(name, content)| {
        let file = next.join(name);
        if let Some(parent) = file.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(&file, content)?;
        if ![".js", ".wasm", ".css", ".svg", ".json"].iter().any(|extension| name.ends_with(extension)) {
            return Ok(());
        }
        let old = folder.join(name);
        let is_known = fs::read(&old).is_ok_and(|old| old == *content);
        for twin in ["gz", "br"] {
            if !is_known || fs::copy(with_extension(&old, twin), with_extension(&file, twin)).is_err() {
                compress(&file, twin, project.is_release)?;
            }
        }
        Ok(())
    })?;
    remove(fs::remove_dir_all(&folder))?;
    Ok(fs::rename(&next, &folder)?)
}

fn with_extension(file: &Path, extension: &str) -> PathBuf {
    PathBuf::from(format!("{}.{extension}", file.display()))
}

/// Compressed once, here, and not for every request; a release as small as it gets.
fn compress(file: &Path, twin: &str, best: bool) -> Result<()> {
    let (program, level) = match (twin, best) {
        ("gz", true) => ("gzip", "-9"),
        ("gz", false) => ("gzip", "-1"),
        (_, true) => ("brotli", "--best"),
        (_, false) => ("brotli", "-1"),
    };
    run(Command::new(program).args([level, "--keep", "--force"]).arg(file)).map(drop)
}

/// Adds what was staged to what is served. A running server names the files of the build that it was started with: they
/// stay until the build after the next.
pub fn publish(project: &Project) -> Result<()> {
    let (from, to, list) = (staged(project), &project.site, project.staging.join("published"));
    let new = names(&from)?;
    // Last, what names the others.
    for name in new.iter().filter(|name| *name != HASHES).chain([&HASHES.to_owned()]) {
        let file = to.join(name);
        if let Some(parent) = file.parent() {
            fs::create_dir_all(parent)?;
        }
        let temporary = with_extension(&file, "new");
        fs::copy(from.join(name), &temporary)?;
        fs::rename(temporary, file)?;
    }
    let known = fs::read_to_string(&list).unwrap_or_default();
    let old: BTreeSet<String> = known.lines().map(str::to_owned).collect();
    if old != new {
        for name in names(to)?.iter().filter(|name| !new.contains(*name) && !old.contains(*name)) {
            fs::remove_file(to.join(name))?;
        }
        fs::write(list, new.into_iter().collect::<Vec<_>>().join("\n"))?;
    }
    Ok(())
}
