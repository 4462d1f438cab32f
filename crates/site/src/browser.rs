//! The library compiled to WASM, cut into the parts that pages load when they need them, with their JavaScript.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

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
    let release = project.release_profile.as_str();
    let (profile, folder) = if project.is_release { (release, release) } else { ("dev", "debug") };
    let mut command = cargo();
    command
        .args(["rustc", "--package", &project.package, "--lib", "--target", TARGET])
        .args(["--no-default-features", "--features", &project.features, "--profile", profile])
        // A release is compiled as cargo-leptos does it, an rlib beside it; with that cargo does no link-time optimisation.
        .args(if project.is_release { &[][..] } else { &["--crate-type", "cdylib"] })
        // Dependencies decide where the library is split.
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

/// The part that's left after splitting.
fn main_wasm(project: &Project) -> PathBuf {
    project.staging.join(format!("{}_split.wasm", project.output_name))
}

/// Writes the JavaScript between the WASM and the browser; returns the WASM's file.
fn bind(project: &Project, pkg: &Path) -> Result<PathBuf> {
    let name = &project.output_name;
    bindgen(&main_wasm(project), name, pkg, true)?;
    // leptos' scripts load it under this name.
    let wasm = pkg.join(format!("{name}.wasm"));
    fs::rename(pkg.join(format!("{name}_bg.wasm")), &wasm)?;
    Ok(wasm)
}

fn bindgen(wasm: &Path, name: &str, folder: &Path, is_split: bool) -> Result<()> {
    Bindgen::new()
        .input_path(wasm)
        .web(true)
        .map(|bindgen| bindgen.out_name(name).keep_lld_exports(is_split).demangle(!is_split))
        .and_then(|bindgen| bindgen.omit_default_module_path(false).typescript(false).generate(folder))
        .context("wasm-bindgen failed")
}

/// Does what cargo-leptos asks of wasm-bindgen's program, which takes three minutes to install (`scripts/cargo-leptos`).
pub fn bind_for_cargo_leptos(options: &[&str]) -> Result<()> {
    let value = |name: &str| {
        let value = options.iter().find_map(|option| option.strip_prefix(name));
        value.with_context(|| format!("cargo-leptos did not pass {name}, as version 0.3 does"))
    };
    let wasm = options.iter().find(|option| !option.starts_with("--")).context("cargo-leptos named no WASM")?;
    let is_split = options.contains(&"--keep-lld-exports");
    bindgen(Path::new(wasm), value("--out-name=")?, Path::new(value("--out-dir=")?), is_split)
}

fn optimise(file: &Path) -> Result<()> {
    let options = ["-Oz", "--enable-bulk-memory", "--enable-nontrapping-float-to-int"];
    run(Command::new("wasm-opt").args(options).arg(file).arg("-o").arg(file)).map(drop)
}

fn minify(file: &Path) -> Result<()> {
    let output = run(Command::new("esbuild").args(["--minify", "--format=esm", "--target=es2022"]).arg(file))?;
    Ok(fs::write(file, output.stdout)?)
}
