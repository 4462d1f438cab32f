//! The settings of the service whose accounts can sign in (OpenID Connect).

use serde::Deserialize;
use url::Url;

use super::{empty_is_none, is_this_machine};

/// The service whose accounts can sign in.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OidcConfig {
    /// Its address; its description is at `/.well-known/openid-configuration` there.
    pub issuer: String,
    /// This server's client id there.
    pub client_id: String,
    /// This server's client secret, if it has one.
    #[serde(deserialize_with = "empty_is_none")]
    pub client_secret: Option<String>,
    /// Its display name.
    pub name: String,
    /// Whether its users may create an account.
    pub allow_signup: bool,
}

impl OidcConfig {
    /// Whether its accounts can sign in.
    pub fn is_on(&self) -> bool {
        !self.issuer.is_empty()
    }

    /// The setting that cannot be used, and why.
    pub(super) fn check(&self, public_url: &str) -> Result<(), (&'static str, &'static str)> {
        if !self.is_on() {
            return Ok(());
        }
        const FORM: &str = "has to be like https://id.example.org";
        let url = Url::parse(&self.issuer).map_err(|_| ("oidc.issuer", FORM))?;
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or(("oidc.issuer", FORM))?;
        match url.scheme() {
            "https" => {}
            "http" if is_this_machine(host) => {}
            "http" => return Err(("oidc.issuer", "has to be https: an eavesdropper could sign in as anybody")),
            _ => return Err(("oidc.issuer", FORM)),
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(("oidc.issuer", FORM));
        }
        if self.client_id.is_empty() {
            return Err(("oidc.client_id", "is needed with oidc.issuer"));
        }
        if self.name.trim().is_empty() {
            return Err(("oidc.name", "may not be empty: people have to know what they sign in with"));
        }
        if public_url.is_empty() {
            return Err(("server.public_url", "is needed with oidc.issuer: the provider sends browsers back there"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_or_unsafe_settings_are_named() {
        let key = |issuer: &str, client_id: &str, name: &str, url: &str| {
            let config = OidcConfig {
                issuer: issuer.to_owned(),
                client_id: client_id.to_owned(),
                client_secret: None,
                name: name.to_owned(),
                allow_signup: true,
            };
            config.check(url).err().map(|(key, _)| key)
        };
        let (issuer, here) = ("https://id.example.org/realms/home", "https://tasks.example.org");
        assert_eq!(key(issuer, "tallyboard", "Home", here), None);
        assert_eq!(key("http://127.0.0.1:3000", "tallyboard", "Home", here), None);
        assert_eq!(key("", "", "", ""), None);
        for wrong in ["id.example.org", "http://id.example.org", "ftp://id.example.org", "https://id.example.org?a=b"] {
            assert_eq!(key(wrong, "tallyboard", "Home", here), Some("oidc.issuer"), "{wrong}");
        }
        assert_eq!(key(issuer, "", "Home", here), Some("oidc.client_id"));
        assert_eq!(key(issuer, "tallyboard", " ", here), Some("oidc.name"));
        assert_eq!(key(issuer, "tallyboard", "Home", ""), Some("server.public_url"));
    }
}
