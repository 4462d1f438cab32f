//! Decides whether a text is the address of a page on this site.

use url::{Position, Url};

use tallyboard_model::paths;

/// Any origin will do: what counts is whether the text stays on the origin that it is resolved against.
const BASE: &str = "http://this-site.invalid/";

/// The path, query and fragment of `text`, if a browser that follows it from one of our pages stays on this
/// site. It is parsed as browsers parse addresses (WHATWG URL), so the answer is also a valid header value:
/// control characters are removed and other characters are percent-encoded.
pub fn local_path(text: &str) -> Option<String> {
    let base = Url::parse(BASE).ok()?;
    let url = base.join(text).ok()?;
    let path = &url[Position::BeforePath..];
    // A valid path can begin with two slashes ("/.//host"); as an address that names another host.
    (url.origin() == base.origin() && !text.trim().is_empty() && !path.starts_with("//")).then(|| path.to_owned())
}

/// The page that somebody wanted to open before they signed in, or the dashboard.
pub fn local_path_or_dashboard(wanted: Option<String>) -> String {
    wanted.and_then(|wanted| local_path(&wanted)).unwrap_or_else(|| paths::DASHBOARD.to_owned())
}

#[cfg(test)]
mod tests {
    use super::local_path;

    #[test]
    fn a_path_stays_on_this_site() {
        for (text, path) in [
            ("/dashboard", "/dashboard"),
            ("/tasks?status=pending&q=a%20b#task-1", "/tasks?status=pending&q=a%20b#task-1"),
            ("tasks", "/tasks"),
            ("/a/../tasks", "/tasks"),
            ("/tasks?next=//evil.example", "/tasks?next=//evil.example"),
            ("/ü", "/%C3%BC"),
            ("/da\nsh\tboard\r\n", "/dashboard"),
            ("?limit=1", "/?limit=1"),
        ] {
            assert_eq!(local_path(text).as_deref(), Some(path), "{text:?}");
        }
    }

    #[test]
    fn an_address_of_another_site_is_refused() {
        for text in [
            "",
            " ",
            "https://evil.example/",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "/\r\n/evil.example",
            "\t//evil.example",
            " //evil.example",
            "/.//evil.example",
            "/..//evil.example",
            "/a/..//evil.example",
            "/%2e//evil.example",
            "http:/\\evil.example",
            "https:evil.example",
            "javascript:alert(1)",
            "data:text/html,x",
            "mailto:someone@evil.example",
            "http://this-site.invalid:81/",
            "//user@evil.example",
        ] {
            assert_eq!(local_path(text), None, "{text:?}");
        }
    }
}
