//! The address of the client: the peer of the connection, or what proxies in between say.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, header::FORWARDED};
use ipnet::IpNet;

/// The rightmost address in `X-Forwarded-For` (or, without it, in `Forwarded`) that isn't a trusted proxy. Everything to
/// the left of it was written by the client, and means nothing. So do both headers when the peer itself is not trusted.
pub fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let peer = peer.to_canonical();
    let is_trusted = |address: &IpAddr| trusted.iter().any(|network| network.contains(address));
    if !is_trusted(&peer) {
        return peer;
    }
    let mut client = peer;
    for address in forwarded(headers).into_iter().rev() {
        // A proxy that hides the address behind it: the proxy's own is all that is known.
        let Some(address) = address else { break };
        client = address;
        if !is_trusted(&address) {
            break;
        }
    }
    client
}

/// The addresses of the header, from the client to the last proxy; `None` for anything else.
fn forwarded(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    let lists =
        |name| headers.get_all(name).into_iter().flat_map(|value| value.to_str().unwrap_or_default().split(','));
    if headers.contains_key("x-forwarded-for") {
        return lists("x-forwarded-for").map(address).collect();
    }
    // RFC 7239: for=192.0.2.43;proto=https, for="[2001:db8::17]:4711"
    lists(FORWARDED.as_str())
        .map(|element| {
            let pairs = element.split(';').filter_map(|pair| pair.split_once('='));
            pairs
                .into_iter()
                .find(|(name, _)| name.trim().eq_ignore_ascii_case("for"))
                .and_then(|(_, node)| address(node))
        })
        .collect()
}

/// An address, with or without a port, quotes and brackets.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim().trim_matches('"');
    let parsed = text.parse::<SocketAddr>().map(|address| address.ip());
    let parsed = parsed.or_else(|_| text.trim_matches(['[', ']']).parse());
    parsed.ok().map(|address| address.to_canonical())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn seen(peer: &str, headers: &[(&'static str, &'static str)]) -> String {
        let trusted = ["10.0.0.0/8", "2001:db8:1::/48"].map(|network| network.parse().unwrap());
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        client_address(peer.parse().unwrap(), &map, &trusted).to_string()
    }

    #[test]
    fn it_is_the_rightmost_address_that_is_no_trusted_proxy() {
        let header = "x-forwarded-for";
        assert_eq!(seen("192.0.2.1", &[(header, "198.51.100.7")]), "192.0.2.1", "the peer is not trusted");
        assert_eq!(seen("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(seen("10.0.0.1", &[(header, "1.1.1.1, 198.51.100.7, 10.2.3.4")]), "198.51.100.7");
        assert_eq!(seen("10.0.0.1", &[(header, "1.1.1.1, 198.51.100.7"), (header, "10.2.3.4")]), "198.51.100.7");
        assert_eq!(seen("10.0.0.1", &[(header, "10.9.9.9, 10.2.3.4")]), "10.9.9.9", "only proxies");
        assert_eq!(seen("::ffff:10.0.0.1", &[(header, "198.51.100.7:5555")]), "198.51.100.7");
        assert_eq!(seen("10.0.0.1", &[(header, "198.51.100.7, nonsense, 10.2.3.4")]), "10.2.3.4");
        assert_eq!(seen("10.0.0.1", &[(header, "2001:db8:9::1")]), "2001:db8:9::1");
        assert_eq!(
            seen("10.0.0.1", &[("forwarded", "for=198.51.100.7;proto=https, For=\"[2001:db8:1::5]:44\"")]),
            "198.51.100.7"
        );
        assert_eq!(seen("10.0.0.1", &[("forwarded", "for=unknown")]), "10.0.0.1");
        assert_eq!(seen("10.0.0.1", &[("forwarded", "for=1.1.1.1"), (header, "198.51.100.7")]), "198.51.100.7");
    }
}
