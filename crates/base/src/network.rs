//! Where a client is, as far as its address tells.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The addresses that begin with the same bits. [`Network::of`] identifies one subscriber: an IPv4 address, or an IPv6 /64.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Network {
    first: IpAddr,
    prefix: u8,
}

impl Network {
    /// The network of one subscriber.
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            address @ IpAddr::V6(_) => Self::with_prefix(address, 64),
            address @ IpAddr::V4(_) => Self::with_prefix(address, 32),
        }
    }

    /// The larger networks of an address that one customer of a provider, or one data centre, may have: of IPv6 the /56 and the
    /// /48, of IPv4 the /24.
    pub fn wider(address: IpAddr) -> Vec<Self> {
        match address.to_canonical() {
            address @ IpAddr::V6(_) => vec![Self::with_prefix(address, 56), Self::with_prefix(address, 48)],
            address @ IpAddr::V4(_) => vec![Self::with_prefix(address, 24)],
        }
    }

    fn with_prefix(address: IpAddr, prefix: u8) -> Self {
        let first = match address {
            IpAddr::V6(address) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or_default();
                Ipv6Addr::from_bits(address.to_bits() & mask).into()
            }
            IpAddr::V4(address) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or_default();
                Ipv4Addr::from_bits(address.to_bits() & mask).into()
            }
        };
        Self { first, prefix }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_subscriber_is_one_network_however_many_addresses_they_have() {
        let of = |text: &str| Network::of(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }

    #[test]
    fn a_customer_has_larger_networks() {
        let wider = |text: &str| Network::wider(text.parse().unwrap());
        let [one, other] = ["2001:db8:1:2::1", "2001:db8:1:ff::1"].map(wider);
        assert_eq!(one, other);
        let far = wider("2001:db8:1:1ff::1");
        assert!(far[0] != one[0] && far[1] == one[1], "another /56 of the same /48");
        assert_ne!(wider("2001:db8:2::1")[1], one[1]);
        assert_ne!(one[0], wider("2001:db8:1::1")[1], "a /56 is not the /48 with the same first address");
        assert_eq!(wider("192.0.2.1"), wider("192.0.2.200"));
        assert_ne!(wider("192.0.2.1"), wider("192.0.3.1"));
    }
}
