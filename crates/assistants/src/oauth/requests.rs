//! What a client asks for, read the way clients in the field write it: scopes, the audience, loopback redirects.

use oauth_as::scope::ScopeSet;
use serde_json::{Map, Value};
use url::{Position, Url};

use super::{all_scopes, resource};

/// The scopes of ours among those that a client asks for, or `None` when it names none of them and the person has to choose.
/// Clients ask every server for `offline_access` or `openid`; refusing those would lock them out, so they are left out.
pub fn narrow(asked: Option<&str>, may_write: bool) -> Option<ScopeSet> {
    let known = asked
        .unwrap_or_default()
        .split_whitespace()
        .filter(|scope| *scope == "read" || (may_write && *scope == "write"));
    ScopeSet::from_tokens(known).ok().filter(|scopes| !scopes.is_empty())
}

/// The scopes that a person grants: `write` includes `read`.
pub fn scopes(can_write: bool) -> ScopeSet {
    if can_write { all_scopes() } else { ScopeSet::parse("read").unwrap_or_else(|_| ScopeSet::empty()) }
}

/// Narrows the `scope` of a client's metadata. A client that names none of ours may ask for any.
pub fn narrow_metadata(metadata: &mut Map<String, Value>) {
    match narrow(metadata.get("scope").and_then(Value::as_str), true) {
        Some(scopes) => metadata.insert("scope".to_owned(), Value::from(scopes.to_string())),
        None => metadata.remove("scope"),
    };
}

/// Whether a resource indicator means this server's only audience, `/mcp`. Scheme and host in upper case, the default port, a
/// slash at the end and the origin alone mean it, too: clients derive the indicator from what a person has typed.
fn is_ours(indicator: &str, issuer: &str) -> bool {
    let (Ok(asked), Ok(ours)) = (Url::parse(indicator), Url::parse(&resource(issuer))) else { return false };
    let origin = |url: &Url| url[..Position::BeforePath].to_owned();
    let base = Url::parse(issuer).map(|url| url.path().trim_end_matches('/').to_owned()).unwrap_or_default();
    let path = asked.path().strip_suffix('/').unwrap_or(asked.path());
    // Parsing has lowered the case and dropped the default port. The part before the path includes a user name.
    origin(&asked) == origin(&ours)
        && (path == ours.path() || path == base)
        && asked.query().is_none()
        && asked.fragment().is_none()
}

/// The resource indicators of a request: ours once when every one means it. Anything else stays as it is and is refused.
pub fn resources<'a>(asked: impl Iterator<Item = &'a str>, issuer: &str) -> Vec<String> {
    let mut found: Vec<String> = asked
        .map(|indicator| if is_ours(indicator, issuer) { resource(issuer) } else { indicator.to_owned() })
        .collect();
    found.dedup();
    found
}

/// Whether two redirect addresses are on this computer and the same but for the port, and for `/` or no path (RFC 8252, section
/// 7.3). Compared as they are written, so that different spellings of one path stay different.
pub fn is_same_loopback(registered: &str, asked: &str) -> bool {
    let parts = |text: &str| {
        let rest = text.strip_prefix("http://")?;
        let (authority, path) = rest.split_at(rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len()));
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => (host, Some(port)),
            _ => (authority, None),
        };
        let host = host.to_ascii_lowercase();
        let is_loopback = ["127.0.0.1", "[::1]", "localhost"].contains(&host.as_str());
        let has_port =
            port.is_none_or(|port| port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok());
        (is_loopback && has_port && !path.contains('#'))
            .then(|| (host, path.strip_prefix('/').unwrap_or(path).to_owned()))
    };
    parts(registered).is_some_and(|registered| parts(asked) == Some(registered))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_narrowed_to_ours() {
        let narrowed = |asked, may_write| narrow(asked, may_write).map(|scopes| scopes.to_string());
        for (asked, may_write, expected) in [
            (Some("read write"), true, Some("read write")),
            (Some("offline_access write openid profile"), true, Some("write")),
            (Some("read write"), false, Some("read")),
            (Some("read  read"), true, Some("read")),
            (Some("\"read\""), true, None),
            (Some("write"), false, None),
            (Some("openid"), true, None),
            (Some(""), true, None),
            (None, true, None),
        ] {
            assert_eq!(narrowed(asked, may_write).as_deref(), expected, "{asked:?}");
        }
        for (scope, expected) in [(Some("openid read"), Some("read")), (Some("openid"), None), (None, None)] {
            let mut metadata = Map::new();
            metadata.extend(scope.map(|scope| ("scope".to_owned(), Value::from(scope))));
            narrow_metadata(&mut metadata);
            assert_eq!(metadata.get("scope").and_then(Value::as_str), expected);
        }
    }

    #[test]
    fn a_resource_is_ours_in_every_spelling_and_no_other() {
        let ours = |indicator| is_ours(indicator, "https://tasks.example.org");
        for indicator in [
            "https://tasks.example.org/mcp",
            "https://tasks.example.org/mcp/",
            "https://tasks.example.org",
            "https://tasks.example.org/",
            "HTTPS://Tasks.Example.ORG/mcp",
            "https://tasks.example.org:443/mcp",
        ] {
            assert!(ours(indicator), "{indicator}");
        }
        for indicator in [
            "http://tasks.example.org/mcp",
            "https://tasks.example.org:8443/mcp",
            "https://tasks.example.org/MCP",
            "https://tasks.example.org/mcp//",
            "https://tasks.example.org/mcp/x",
            "https://tasks.example.org/mcp?x=1",
            "https://tasks.example.org/mcp#x",
            "https://tasks.example.org/api",
            "https://user@tasks.example.org/mcp",
            "https://tasks.example.org.evil.example/mcp",
            "https://evil.example/mcp",
            "//tasks.example.org/mcp",
            "/mcp",
            "",
        ] {
            assert!(!ours(indicator), "{indicator}");
        }
        assert!(is_ours("http://localhost:8080", "http://localhost:8080"));
        assert!(is_ours("http://localhost/mcp", "http://localhost:80"));
    }

    #[test]
    fn loopback_addresses_match_with_any_port_and_nothing_else() {
        for (registered, asked, expected) in [
            ("http://127.0.0.1/callback", "http://127.0.0.1:49152/callback", true),
            ("http://127.0.0.1:3000/callback", "http://127.0.0.1/callback", true),
            ("http://[::1]/callback", "http://[::1]:49152/callback", true),
            ("http://localhost:1/callback?x=1", "http://localhost:2/callback?x=1", true),
            ("http://LOCALHOST/callback", "http://localhost:2/callback", true),
            ("http://127.0.0.1", "http://127.0.0.1:49152/", true),
            ("http://localhost:3000/", "http://localhost:49152", true),
            ("http://127.0.0.1/callback", "http://localhost/callback", false),
            ("http://127.0.0.1/callback", "https://127.0.0.1/callback", false),
            ("http://127.0.0.1/callback", "http://127.0.0.1/callback/", false),
            ("http://127.0.0.1/callback", "http://127.0.0.1/x/../callback", false),
            ("http://127.0.0.1/callback", "http://127.0.0.1/Callback", false),
            ("http://127.0.0.1/callback", "http://127.0.0.1:1/callback?x=1", false),
            ("http://127.0.0.1/callback", "http://127.0.0.1:1/callback#x", false),
            ("http://127.0.0.1/callback", "http://127.0.0.1:x/callback", false),
            ("http://127.0.0.1/callback", "http://127.0.0.1:65536/callback", false),
            ("http://127.0.0.1/callback", "http://127.0.0.1@evil.example/callback", false),
            ("http://127.0.0.1/callback", "http://127.0.0.1:1@evil.example/callback", false),
            ("http://127.0.0.1/callback", "http://127.0.0.1.evil.example/callback", false),
            ("http://127.0.0.1", "http://127.0.0.1:1\\@evil.example", false),
            ("http://example.org/callback", "http://example.org:1/callback", false),
        ] {
            assert_eq!(is_same_loopback(registered, asked), expected, "{registered} {asked}");
        }
    }
}
