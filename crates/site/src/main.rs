//! Builds what the browser gets, as `cargo leptos build --split --frontend-only` does, with the same libraries and from the
//! same settings, but without the quarter of an hour that installing cargo-leptos takes.
//!
//! `tallyboard-site build` builds the site for run and test in `target/site`, `build --release` the optimised one in
//! `target/site-release`. In each, `hash.txt` names the files. `target/site-build/{dev,release}` has the steps in between;
//! `site` there is the site without the files of the build before. `tallyboard-site bindgen` is what cargo-leptos needs of
//! wasm-bindgen's own program.

mod browser;
mod command;
mod names;
mod project;
mod publish;
mod style;

use std::{collections::BTreeMap, env, fs, path::Path, process::ExitCode, thread};

use anyhow::{Context, Result, anyhow};

use crate::{command::timed, project::Project};

/// Files by their path inside a folder.
type Files = BTreeMap<String, Vec<u8>>;

fn main() -> ExitCode {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let result = match arguments[..] {
        ["build"] => build(false),
        ["build", "--release"] => build(true),
        ["bindgen", ref options @ ..] => browser::bind_for_cargo_leptos(options),
        _ => Err(anyhow!("usage: tallyboard-site build [--release], in the folder with Cargo.toml")),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tallyboard-site: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn build(is_release: bool) -> Result<()> {
    let project = Project::read(is_release)?;
    // Tailwind takes a second, which compiling hides.
    let (wasm, css) = thread::scope(|scope| {
        let css = scope.spawn(|| style::build(&project));
        let wasm = browser::compile(&project);
        (wasm, css.join().map_err(|_| anyhow!("building the CSS panicked")))
    });
    let (wasm, css) = (wasm?, css??);
    let mut files = browser::build(&project, &wasm)?;
    files.insert(format!("{}.css", project.output_name), css);
    let (pkg, hashes) = names::with_hashes(files, &project.output_name)?;

    let mut site: Files = read_folder(&project.assets)?;
    site.extend(pkg.into_iter().map(|(name, content)| (format!("{}/{name}", project.pkg), content)));
    site.insert(project::HASHES.to_owned(), hashes.into_bytes());
    if publish::is_current(&project, &site)? {
        println!("{:>7}  {} is up to date", "", project.site.display());
        return Ok(());
    }
    timed("compress", || publish::stage(&project, &site))?;
    publish::publish(&project)?;
    println!("{:>7}  the site is in {}", "", project.site.display());
    Ok(())
}

/// All files below a folder.
fn read_folder(folder: &Path) -> Result<Files> {
    fn read(folder: &Path, prefix: &str, files: &mut Files) -> Result<()> {
        for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
            let entry = entry?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.file_type()?.is_dir() {
                read(&entry.path(), &format!("{name}/"), files)?;
            } else {
                files.insert(name, fs::read(entry.path())?);
            }
        }
        Ok(())
    }
    let mut files = Files::new();
    read(folder, "", &mut files)?;
    Ok(files)
}
