//! The library compiled to WASM, cut into the parts that pages load when they need them, with their JavaScript.

use std::{fs, path::{Path, PathBuf}, process::Command};

use anyhow::{Context, Result, anyhow};
use wasm_bindgen_cli_support::Bindgen;
use wasm_split_cli_support::Options;

use crate::{
    Files,
    command::{cargo, for_each, run, run_visibly, timed},
    names::{LOADER, MANIFEST},
    project::Project,
    publish::Cache,
    read_folder,
};

const TARGET: &str = "wasm32-unknown-unknown";

/// Compiles the library; returns its WASM.
pub fn compile(project: &Project) -> Result<PathBuf> {
    // The dev profile shares what it compiles for the host (macros, build scripts) with the server.
    let (profile, folder) = if project.is_release { (project.release_profile.as_str(), project.release_profile.as_str()) } else { ("dev", "debug") };
    let mut command = cargo();
    command
        .args(["rustc", "--package", &project.package, "--lib", "--crate-type", "cdylib", "--target", TARGET])
        .args(["--no-default-features", "--features", &project.features, "--profile", profile])
        // What uses what decides where the library is cut.
        .args(["--", "-Clink-args=--emit-relocs"])
        .args((!project.is_release).then_some("-Cdebuginfo=0"))
        .envs(project.variables.iter().map(|(name, value)| (name, value)));
    timed("compile for the browser", || run_visibly(&mut command, "compiling for the browser"))?;
    let file = format!("{}.wasm", project.package.replace('-', "_"));
    Ok(project.target.join(TARGET).join(folder).join(file))
}

/// The files of the browser's part from the library's WASM, under their names without hashes.
pub fn build(project: &Project, wasm: &Path) -> Result<Files> {
    let input = fs::read(wasm).with_context(|| format!("cannot read {}", wasm.display()))?;
    let cache = Cache::new(&project.staging.join("browser"), [input.as_slice()])?;
    if !cache.is_current() {
        let pkg = cache.folder();
        let split = timed("split the WASM by page", || split(project, &input, pkg))?;
        let main = timed("write its JavaScript", || bind(project, pkg))?;
        if project.is_release {
            timed("optimise the WASM", || for_each(split.iter().chain([&main]), |file| optimise(file)))?;
            timed("minify the JavaScript", || minify(&pkg.join(format!("{}.js", project.output_name))))?;
        }
        cache.finish()?;
    }
    read_folder(cache.folder())
}

/// Cuts the parts off; returns their files.
fn split(project: &Project, input: &[u8], pkg: &Path) -> Result<Vec<PathBuf>> {
    let (main, module, loader) = (main_wasm(project), format!("./{}.js", project.output_name), format!("./{LOADER}"));
    let mut options = Options::new(input);
    options.output_dir = pkg;
    options.main_out_path = &main;
    options.main_module = &module;
    options.link_name = &loader;
    let parts = wasm_split_cli_support::transform(options).map_err(|error| anyhow!("splitting the WASM: {error:#}"))?;
    fs::write(pkg.join(MANIFEST), serde_json::to_string_pretty(&parts.prefetch_map)?)?;
    Ok(parts.split_modules)
}

/// What is left after cutting.
fn main_wasm(project: &Project) -> PathBuf {
    project.staging.join(format!("{}_split.wasm", project.output_name))
}

/// Writes the JavaScript between the WASM and the browser; returns the WASM's file.
fn bind(project: &Project, pkg: &Path) -> Result<PathBuf> {
    let name = &project.output_name;
    Bindgen::new()
        .input_path(main_wasm(project))
        .web(true)
        .map(|bindgen| bindgen.out_name(name).keep_lld_exports(true).demangle(false))
        .and_then(|bindgen| bindgen.omit_default_module_path(false).typescript(false).generate(pkg))
        .context("wasm-bindgen failed")?;
    // leptos' scripts load it under this name.
    let wasm = pkg.join(format!("{name}.wasm"));
    fs::rename(pkg.join(format!("{name}_bg.wasm")), &wasm)?;
    Ok(wasm)
}

fn optimise(file: &Path) -> Result<()> {
    let options = ["-Oz", "--enable-bulk-memory", "--enable-nontrapping-float-to-int"];
    run(Command::new("wasm-opt").args(options).arg(file).arg("-o").arg(file)).map(drop)
}

fn minify(file: &Path) -> Result<()> {
    let output = run(Command::new("esbuild").args(["--minify", "--format=esm", "--target=es2022"]).arg(file))?;
    Ok(fs::write(file, output.stdout)?)
}
