//! Fetches the document that describes a client. The client that names the address isn't trusted: nothing inside this network is
//! asked, no redirect is followed, and what comes is bounded in size and time.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::LazyLock,
    time::Duration,
};

use ipnet::IpNet;
use reqwest::{
    dns::{Addrs, Name, Resolve, Resolving},
    header,
    redirect::Policy,
};

use super::MAX_DOCUMENT_BYTES;
use tallyboard_base::http::header_text;
use tallyboard_model::error::{Error, Result};

/// The time limit for the whole fetch.
const TIMEOUT: Duration = Duration::from_secs(5);
/// How long a document is kept, whatever its headers say.
const MIN_AGE: u64 = 60;
const MAX_AGE: u64 = 24 * 3600;
/// How long it is kept when its headers say nothing.
const DEFAULT_AGE: u64 = 3600;

/// Addresses that are not of the open internet (the registries of RFC 6890).
static INNER: LazyLock<Vec<IpNet>> = LazyLock::new(|| {
    let networks = [
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "3fff::/20",
    ];
    networks.iter().filter_map(|network| network.parse().ok()).collect()
});

/// Whether an address is of the open internet.
pub fn is_global(address: IpAddr) -> bool {
    let address = match address {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(address, IpAddr::V4),
        IpAddr::V4(_) => address,
    };
    let is_in_use = match address {
        IpAddr::V4(v4) => v4 != Ipv4Addr::BROADCAST,
        // Everything that is assigned lies in 2000::/3.
        IpAddr::V6(v6) => v6 != Ipv6Addr::UNSPECIFIED && v6.segments()[0] & 0xe000 == 0x2000,
    };
    is_in_use && !INNER.iter().any(|network| network.contains(&address))
}

/// Resolves a name, and only if all of its addresses are allowed. The connection goes to exactly the addresses that were
/// checked.
struct CheckedResolver(fn(IpAddr) -> bool);

impl Resolve for CheckedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let is_allowed = self.0;
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            if found.is_empty() || !found.iter().all(|address| is_allowed(address.ip())) {
                return Err("the name leads to an address that is not asked".into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// A document, and for how many seconds it may be kept.
pub async fn document(url: &str, is_allowed: fn(IpAddr) -> bool) -> Result<(Vec<u8>, u64)> {
    let unreadable = |why: &str| Error::invalid("client_id", format!("its document could not be read: {why}"));
    let parsed = url::Url::parse(url).map_err(|_| unreadable("it isn't a URL"))?;
    // A host that is an address is not looked up.
    let literal = match parsed.host() {
        Some(url::Host::Ipv4(v4)) => Some(IpAddr::V4(v4)),
        Some(url::Host::Ipv6(v6)) => Some(IpAddr::V6(v6)),
        _ => None,
    };
    if literal.is_some_and(|address| !is_allowed(address)) {
        return Err(unreadable("this address is not asked"));
    }
    let client = reqwest::Client::builder()
        .redirect(Policy::none())
        .no_proxy()
        .timeout(TIMEOUT)
        .connect_timeout(TIMEOUT)
        .dns_resolver(std::sync::Arc::new(CheckedResolver(is_allowed)))
        .build()
        .map_err(Error::internal)?;
    let asked = client.get(parsed).header(header::ACCEPT, "application/json").send();
    let mut response = asked.await.map_err(|_| unreadable("it does not answer"))?;
    if response.status() != reqwest::StatusCode::OK {
        return Err(unreadable("the answer is not 200"));
    }
    let kind = header_text(response.headers(), header::CONTENT_TYPE).unwrap_or_default().to_ascii_lowercase();
    if !kind.starts_with("application/json") && !kind.contains("+json") {
        return Err(unreadable("it is not JSON"));
    }
    let age = age_of(header_text(response.headers(), header::CACHE_CONTROL).unwrap_or_default());
    let mut body = Vec::new();
    while let Some(part) = response.chunk().await.map_err(|_| unreadable("it came too slowly, or broke off"))? {
        body.extend_from_slice(&part);
        if body.len() > MAX_DOCUMENT_BYTES {
            return Err(unreadable("it is too long"));
        }
    }
    Ok((body, age))
}

fn age_of(cache_control: &str) -> u64 {
    let parts: Vec<_> = cache_control.split(',').map(|part| part.trim().to_ascii_lowercase()).collect();
    if parts.iter().any(|part| part == "no-store" || part == "no-cache") {
        return MIN_AGE;
    }
    let max_age = parts.iter().find_map(|part| part.strip_prefix("max-age=")?.parse().ok());
    max_age.unwrap_or(DEFAULT_AGE).clamp(MIN_AGE, MAX_AGE)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::{io::Write, net::TcpListener};

    use super::*;

    #[test]
    fn only_the_open_internet_is_asked() {
        for inner in [
            "127.0.0.1",
            "127.9.9.9",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001:db8::1",
            "2001::1",
        ] {
            assert!(!is_global(inner.parse().unwrap()), "{inner}");
        }
        for open in ["1.1.1.1", "93.184.216.34", "172.32.0.1", "2606:4700::1111", "::ffff:1.1.1.1"] {
            assert!(is_global(open.parse().unwrap()), "{open}");
        }
    }

    /// Answers one request with this text.
    fn answer(text: String) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = std::io::Read::read(&mut stream, &mut [0; 4096]);
            let _ = stream.write_all(text.as_bytes());
        });
        format!("http://localhost:{port}/client.json")
    }

    fn ok(headers: &str, body: &str) -> String {
        format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n{headers}\r\n{body}",
            body.len()
        )
    }

    #[tokio::test]
    async fn a_document_is_read_and_kept_as_long_as_it_says() {
        for (headers, age) in [
            ("", DEFAULT_AGE),
            ("cache-control: public, max-age=600\r\n", 600),
            ("cache-control: max-age=1\r\n", MIN_AGE),
            ("cache-control: no-store\r\n", MIN_AGE),
            ("cache-control: max-age=99999999\r\n", MAX_AGE),
        ] {
            let found = document(&answer(ok(headers, "{}")), |_| true).await.unwrap();
            assert_eq!(found, (b"{}".to_vec(), age), "{headers}");
        }
    }

    #[tokio::test]
    async fn internal_too_long_and_foreign_addresses_are_refused() {
        let redirect = "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n".to_owned();
        assert!(document(&answer(redirect), |_| true).await.is_err());
        assert!(document(&answer(ok("", &"x".repeat(MAX_DOCUMENT_BYTES + 1))), |_| true).await.is_err());
        let page = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 2\r\n\r\n{}".to_owned();
        assert!(document(&answer(page), |_| true).await.is_err());
        // A name that leads to this machine, and addresses in every spelling.
        assert!(document(&answer(ok("", "{}")), is_global).await.is_err());
        for url in [
            "http://127.0.0.1:1/x",
            "http://[::1]:1/x",
            "http://2130706433:1/x",
            "http://0x7f.1:1/x",
            "http://017700000001:1/x",
            "http://[::ffff:127.0.0.1]:1/x",
            "http://169.254.169.254/latest/meta-data",
            "not an address",
        ] {
            assert!(document(url, is_global).await.is_err(), "{url}");
        }
    }
}
