//! Names that change with the content, so that browsers may keep each file for ever.
//!
//! cargo-leptos takes the hashes before it writes the new names into the files. A file that only loads another one then
//! keeps its name when that one changes, and a browser that has kept it asks for files of the build before. Here the
//! hashes are those of the files as they are served. The loader and the others name each other: its hash covers them all.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use md5::Context as Md5;

use crate::Files;

/// What loads the parts of the WASM; its place for the hash has the length of one.
pub const LOADER: &str = "__wasm_split.______________________.js";
/// Which parts belong to which island.
pub const MANIFEST: &str = "__wasm_split_manifest.json";

/// A hash of these contents in the letters of a URL, 22 long.
pub fn hash<'a>(contents: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut hash = Md5::new();
    for content in contents {
        hash.consume((content.len() as u64).to_le_bytes());
        hash.consume(content);
    }
    URL_SAFE_NO_PAD.encode(hash.finalize().0)
}

/// The files under their new names, and the text of `hash.txt`.
pub fn with_hashes(mut files: Files, output_name: &str) -> Result<(Files, String)> {
    let (js, wasm, css) = (format!("{output_name}.js"), format!("{output_name}.wasm"), format!("{output_name}.css"));
    let is_script = |name: &str| name.ends_with(".wasm") || name.ends_with(".js");
    let loader_hash = hash(files.iter().filter(|(name, _)| is_script(name)).map(|(_, content)| content.as_slice()));
    let loader = LOADER.replace("______________________", &loader_hash);

    let mut renamed = BTreeMap::new();
    let mut named = Files::new();
    let add = |old: &str, content: Vec<u8>, named: &mut Files, renamed: &mut BTreeMap<String, String>| {
        let hash = hash([content.as_slice()]);
        let (stem, extension) = old.rsplit_once('.').with_context(|| format!("{old} has no extension"))?;
        let new = format!("{stem}.{hash}.{extension}");
        named.insert(new.clone(), content);
        renamed.insert(old.to_owned(), new);
        anyhow::Ok(hash)
    };
    let mut take = |name: &str| files.remove(name).with_context(|| format!("the build has no {name}"));

    let (script, load, manifest) = (text(take(&js)?)?, text(take(LOADER)?)?, text(take(MANIFEST)?)?);
    let css_hash = add(&css, take(&css)?, &mut named, &mut renamed)?;
    let mut wasm_hash = String::new();
    for (name, mut content) in files {
        if name.starts_with("snippets/") {
            // JavaScript from inside crates: wasm-bindgen has put a hash into the name of the folder.
            named.insert(name, content);
            continue;
        }
        replace_bytes(&mut content, LOADER.as_bytes(), loader.as_bytes());
        let hash = add(&name, content, &mut named, &mut renamed)?;
        if name == wasm {
            wasm_hash = hash;
        }
    }
    let script = with_names(script, &renamed).replace(LOADER, &loader);
    let js_hash = add(&js, script.into_bytes(), &mut named, &mut renamed)?;
    named.insert(loader, with_names(load, &renamed).into_bytes());
    let manifest = with_stems(&manifest, &renamed)?;
    let manifest_hash = add(MANIFEST, manifest.into_bytes(), &mut named, &mut renamed)?;
    let lines =
        format!("js: {js_hash}\nwasm: {wasm_hash}\ncss: {css_hash}\nmanifest: {manifest_hash}\nsplit: {loader_hash}\n");
    Ok((named, lines))
}

fn text(content: Vec<u8>) -> Result<String> {
    Ok(String::from_utf8(content)?)
}

/// Names in quotes or after a slash, so that none is replaced inside another.
fn with_names(mut text: String, renamed: &BTreeMap<String, String>) -> String {
    for (old, new) in renamed {
        for before in ["/", "\"", "'"] {
            text = text.replace(&format!("{before}{old}"), &format!("{before}{new}"));
        }
    }
    text
}

/// The manifest names the parts without `.wasm`.
fn with_stems(manifest: &str, renamed: &BTreeMap<String, String>) -> Result<String> {
    let mut manifest: BTreeMap<String, Vec<String>> = serde_json::from_str(manifest)?;
    for part in manifest.values_mut().flatten() {
        let new = renamed.get(&format!("{part}.wasm")).with_context(|| format!("the build has no {part}.wasm"))?;
        *part = new.trim_end_matches(".wasm").to_owned();
    }
    Ok(serde_json::to_string(&manifest)?)
}

/// Both have the same length.
fn replace_bytes(content: &mut [u8], old: &[u8], new: &[u8]) {
    let first = old[0];
    let mut at = 0;
    while let Some(next) = content[at..].iter().position(|byte| *byte == first) {
        at += next;
        if content[at..].starts_with(old) {
            content[at..at + old.len()].copy_from_slice(new);
        }
        at += 1;
    }
}
