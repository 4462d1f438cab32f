//! The CSS: Tailwind's, then what older browsers need.

use std::{fs, path::Path, process::Command};

use anyhow::{Context, Result};

use crate::{
    command::{run, timed},
    project::Project,
    publish::Cache,
    read_folder,
};

const LIGHTNING: &str = include_str!("lightning.mjs");

/// The CSS of all pages.
pub fn build(project: &Project) -> Result<Vec<u8>> {
    // Tailwind reads no source (`source(none)`), so that these files are all that it depends on.
    let folder = project.css.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
    let mut inputs: Vec<_> = read_folder(folder)?.into_values().collect();
    inputs.push(fs::read("package-lock.json").context("cannot read package-lock.json")?);
    inputs.push(LIGHTNING.into());
    let cache = Cache::new(&project.staging.join("style"), inputs.iter().map(Vec::as_slice))?;
    let css = cache.folder().join("tailwind.css");
    if !cache.is_current() {
        timed("write the CSS", || {
            let minify = project.is_release.then_some("--minify");
            run(Command::new("tailwindcss").arg("--input").arg(&project.css).arg("--output").arg(&css).args(minify))?;
            let script = ["--input-type=module", "--eval", LIGHTNING];
            run(Command::new("node").args(script).arg(&css).arg(project.is_release.to_string()))
        })?;
        cache.finish()?;
    }
    Ok(fs::read(css)?)
}
