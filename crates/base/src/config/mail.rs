//! The settings of the SMTP server that mails are sent by.

use lettre::message::Mailbox;
use serde::Deserialize;
use url::Url;

use super::empty_is_none;

/// The SMTP server that mails are sent by.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailConfig {
    /// `smtps://host` or `smtp://host`, with `?tls=required` for STARTTLS.
    pub server: String,
    /// The user name for signing in to the server.
    #[serde(deserialize_with = "empty_is_none")]
    pub user: Option<String>,
    /// The password of that user.
    #[serde(deserialize_with = "empty_is_none")]
    pub password: Option<String>,
    /// The sender of mails: an address, or `Name <address>`.
    pub from: String,
}

/// Whether the connection to the SMTP server is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encryption {
    /// Always, or nothing is sent.
    Required,
    /// When the server offers it; an attacker on the path can strip that offer.
    Opportunistic,
    /// Never.
    None,
}

impl MailConfig {
    /// Whether mails are sent.
    pub fn is_on(&self) -> bool {
        !self.server.is_empty()
    }

    /// How the connection to the server is encrypted, and its host.
    ///
    /// # Errors
    /// The problem with `server`.
    pub fn encryption(&self) -> Result<(Encryption, String), &'static str> {
        const FORM: &str =
            "has to be like smtps://smtp.example.org, smtp://smtp.example.org?tls=required, or smtp://127.0.0.1:25";
        let url = Url::parse(&self.server).map_err(|_| FORM)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err("can't contain a user: set mail.user and mail.password");
        }
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or(FORM)?.to_owned();
        let encryption = match (url.scheme(), url.query()) {
            ("smtps", None) | ("smtp", Some("tls=required")) => Encryption::Required,
            ("smtp", Some("tls=opportunistic")) => Encryption::Opportunistic,
            ("smtp", None) => Encryption::None,
            _ => return Err(FORM),
        };
        Ok((encryption, host))
    }

    /// The setting that cannot be used, and why.
    pub(super) fn check(&self, public_url: &str) -> Result<(), (&'static str, &'static str)> {
        if !self.is_on() {
            return Ok(());
        }
        let (encryption, host) = self.encryption().map_err(|why| ("mail.server", why))?;
        if self.password.is_some() && encryption != Encryption::Required && !is_this_machine(&host) {
            return Err(("mail.server", "would send mail.password unencrypted: use smtps:// or ?tls=required"));
        }
        if self.user.is_some() != self.password.is_some() {
            return Err(("mail.user", "and mail.password belong together"));
        }
        if self.from.parse::<Mailbox>().is_err() {
            return Err(("mail.from", "has to be an address, or like Tallyboard <tasks@example.org>"));
        }
        if public_url.is_empty() {
            return Err(("server.public_url", "is needed with mail.server: the links in mails lead there"));
        }
        Ok(())
    }
}

/// Whether a host is this machine: traffic over loopback can't be intercepted.
pub fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.trim_matches(['[', ']']).parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(server: &str, credentials: Option<&str>) -> Result<(), (&'static str, &'static str)> {
        let credentials = credentials.map(str::to_owned);
        let from = "Tallyboard <tasks@example.org>".to_owned();
        let config = MailConfig { server: server.to_owned(), user: credentials.clone(), password: credentials, from };
        config.check("https://tasks.example.org")
    }

    #[test]
    fn a_password_needs_an_encrypted_way() {
        for server in ["smtps://smtp.example.org", "smtp://smtp.example.org:2587?tls=required", "smtp://127.0.0.1:25"] {
            assert_eq!(check(server, Some("x")), Ok(()), "{server}");
        }
        assert_eq!(check("smtp://relay:25", None), Ok(()));
        for server in ["smtp://relay:25", "smtp://relay?tls=opportunistic"] {
            assert!(check(server, Some("x")).is_err_and(|(_, why)| why.contains("unencrypted")), "{server}");
        }
    }

    #[test]
    fn missing_or_wrong_settings_are_named() {
        for server in ["relay", "http://relay", "smtp://relay?tls=sometimes", "smtps://"] {
            assert!(check(server, None).is_err_and(|(key, _)| key == "mail.server"), "{server}");
        }
        assert!(check("smtps://me:secret@relay", None).is_err_and(|(_, why)| why.contains("can't contain a user")));
        let config = |user: Option<&str>, from: &str| MailConfig {
            server: "smtps://relay".to_owned(),
            user: user.map(str::to_owned),
            password: None,
            from: from.to_owned(),
        };
        let key = |config: MailConfig, url: &str| config.check(url).err().map(|(key, _)| key);
        assert_eq!(key(config(Some("me"), "a@example.org"), "https://x"), Some("mail.user"));
        assert_eq!(key(config(None, "nobody"), "https://x"), Some("mail.from"));
        assert_eq!(key(config(None, "a@example.org"), ""), Some("server.public_url"));
        let off = MailConfig { server: String::new(), ..config(Some("me"), "") };
        assert_eq!(key(off, ""), None);
    }
}
