//! Addresses of servers in the settings, as browsers write them.

use url::{Host, Url};

/// The origin of an address as browsers send it: in lower case, an international name in ASCII, without the scheme's own port or
/// a dot at the end. The error says what the setting has to be.
pub(super) fn normalised(text: &str) -> Result<String, String> {
    let why = |what: &str| format!("{what}, like https://board.example.org");
    let mut url = Url::parse(text.trim()).map_err(|_| why("has to be the address of a server"))?;
    if !["https", "http"].contains(&url.scheme()) {
        return Err(why("has to begin with https:// or http://"));
    }
    if let Some(Host::Domain(name)) = url.host()
        && let Some(name) = name.strip_suffix('.')
    {
        let name = name.to_owned();
        url.set_host(Some(&name)).map_err(|_| why("has to name a host"))?;
    }
    let origin = url.origin().ascii_serialization();
    let has_more = !["", "/"].contains(&url.path())
        || url.query().is_some()
        || url.fragment().is_some()
        || !url.username().is_empty()
        || url.password().is_some();
    if has_more {
        return Err(format!("has to be an address without a path, a query or a user; write {origin}"));
    }
    if origin.contains('*') {
        return Err(why("has to name one host"));
    }
    Ok(origin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_becomes_what_browsers_send() {
        for (text, origin) in [
            ("https://board.example.org", "https://board.example.org"),
            ("HTTPS://Board.Example.org/", "https://board.example.org"),
            ("https://board.example.org:443", "https://board.example.org"),
            ("http://board.example.org:80/", "http://board.example.org"),
            ("https://board.example.org:8443", "https://board.example.org:8443"),
            ("https://board.example.org./", "https://board.example.org"),
            ("https://bücher.example", "https://xn--bcher-kva.example"),
            ("http://[::1]:3000", "http://[::1]:3000"),
            (" http://127.0.0.1:3000 ", "http://127.0.0.1:3000"),
        ] {
            assert_eq!(normalised(text).as_deref(), Ok(origin), "{text}");
        }
    }

    #[test]
    fn an_invalid_origin_is_refused_with_the_right_spelling() {
        for (text, why) in [
            ("https://example.org/board", "write https://example.org"),
            ("https://example.org/?a=1", "write https://example.org"),
            ("https://ada:secret@example.org", "write https://example.org"),
            ("https://example.org/#x", "write https://example.org"),
            ("board.example.org", "like https://board.example.org"),
            ("ftp://example.org", "has to begin with https:// or http://"),
            ("https://*", "like https://board.example.org"),
            ("https://", "like https://board.example.org"),
            ("*", "like https://board.example.org"),
        ] {
            let error = normalised(text).err().unwrap_or_default();
            assert!(error.contains(why), "{text}: {error}");
        }
    }
}
