//! The names of the built scripts and styles, as the pages use them.

use std::sync::Arc;

use tallyboard_base::release::Site;

/// The names of the built files. Cheap to clone.
#[derive(Clone)]
pub struct Assets(Arc<AssetNames>);

/// The data behind [`Assets`].
pub struct AssetNames {
    /// Where the built files are.
    pub site: Site,
    /// The address of the stylesheet.
    pub stylesheet: String,
    /// The tags that load the islands, with `placeholder` where each answer has its own nonce.
    pub scripts: String,
    /// The placeholder for the nonce.
    pub placeholder: String,
}

impl Assets {
    /// The names of one build.
    pub fn new(names: AssetNames) -> Self {
        Self(Arc::new(names))
    }

    /// Where the built files are.
    pub fn site(&self) -> &Site {
        &self.0.site
    }

    /// The address of the stylesheet.
    pub fn stylesheet(&self) -> String {
        self.0.stylesheet.clone()
    }

    /// The tags that load the islands of a page, as HTML for its `<head>`.
    pub fn scripts(&self, nonce: &str) -> String {
        self.0.scripts.replace(&self.0.placeholder, nonce)
    }
}
