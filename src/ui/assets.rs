//! The built scripts and styles, as the pages name them. Read once, when the server starts: a build that runs
//! meanwhile changes the names, and a page must not name a file of another build.

use std::{env, fs, path::PathBuf, sync::Arc};

use leptos::{
    WasmSplitManifest,
    config::LeptosOptions,
    nonce::{provide_nonce, use_nonce},
    prelude::*,
    tachys::html::InertElement,
};

/// The names of the built files. Cheap to clone.
#[derive(Clone)]
pub struct Assets(Arc<Inner>);

struct Inner {
    options: LeptosOptions,
    stylesheet: String,
    /// The tags that load the islands, with `placeholder` where each answer has its own nonce.
    scripts: String,
    placeholder: String,
    /// Which parts of the split WASM each island needs.
    split: Option<WasmSplitManifest>,
}

impl Assets {
    /// Reads what cargo-leptos built into the folder `site_root`.
    pub fn load(site_root: &str) -> Self {
        let hashes = hash_file().and_then(|path| fs::read_to_string(path).ok());
        let options = LeptosOptions::builder()
            .output_name("tallyboard")
            .site_root(site_root.to_owned())
            .hash_files(hashes.is_some())
            .build();
        let css_hash = hashes.as_deref().and_then(|hashes| hashes.lines().find_map(|line| line.strip_prefix("css:")));
        let css_hash = css_hash.map(|hash| format!(".{}", hash.trim())).unwrap_or_default();
        let stylesheet = format!("/{}/{}{css_hash}.css", options.site_pkg_dir, options.output_name);
        // Rendered once: `HydrationScripts` reads the file of hashes at every call.
        let (scripts, placeholder, split) = Owner::new().with(|| {
            provide_nonce();
            let placeholder = use_nonce().map(|nonce| nonce.to_string()).unwrap_or_default();
            let scripts = view! { <HydrationScripts options=options.clone() islands=true /> }.to_html();
            (scripts, placeholder, use_context::<WasmSplitManifest>())
        });
        Self(Arc::new(Inner { options, stylesheet, scripts, placeholder, split }))
    }

    /// What leptos needs to render a page.
    pub fn options(&self) -> LeptosOptions {
        self.0.options.clone()
    }

    /// The folder with the built files.
    pub fn site_root(&self) -> PathBuf {
        PathBuf::from(self.0.options.site_root.as_ref())
    }

    /// The address of the stylesheet.
    pub fn stylesheet(&self) -> String {
        self.0.stylesheet.clone()
    }

    /// The tags that load the islands of a page, for the `<head>` of the page that is being rendered.
    pub fn scripts(&self, nonce: &str) -> AnyView {
        if let Some(split) = &self.0.split {
            provide_context(split.clone());
        }
        // As `HydrationScripts` does: only islands are hydrated, not the page around them.
        if let Some(context) = Owner::current_shared_context() {
            context.set_is_hydrating(false);
        }
        InertElement::new(self.0.scripts.replace(&self.0.placeholder, nonce)).into_any()
    }
}

/// cargo-leptos writes the hashes of what it built beside the binary.
fn hash_file() -> Option<PathBuf> {
    Some(env::current_exe().ok()?.parent()?.join("hash.txt"))
}
