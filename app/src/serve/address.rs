//! Where tablets find the server.

use std::io::{IsTerminal, stdout};
use std::net::IpAddr;

use if_addrs::get_if_addrs;
use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;

/// The addresses at which a server that listens at `host` is reached: those that tablets can use
/// first, by IPv4 before IPv6.
pub fn reached_at(host: IpAddr) -> Vec<IpAddr> {
    if !host.is_unspecified() {
        return vec![host];
    }
    let found = get_if_addrs().unwrap_or_default();
    let all = found.into_iter().map(|interface| interface.addr.ip());
    // Addresses of one link only work with the name of an interface, which is another one there.
    let usable = |ip: &IpAddr| match ip {
        IpAddr::V4(ip) => !ip.is_link_local(),
        IpAddr::V6(ip) => host.is_ipv6() && !ip.is_unicast_link_local(),
    };
    let mut usable: Vec<IpAddr> = all.filter(usable).collect();
    usable.sort_by_key(|ip| (ip.is_loopback(), ip.is_ipv6()));
    usable.dedup();
    usable
}

/// An address as a QR code of half blocks, light on the dark of most terminals.
pub fn qr(url: &str) -> String {
    let Ok(code) = QrCode::new(url) else { return String::new() };
    let drawn =
        code.render::<Dense1x2>().dark_color(Dense1x2::Light).light_color(Dense1x2::Dark).build();
    // Where the terminal's own colours are others, they are set.
    let colours = stdout().is_terminal();
    let line = |line: &str| match colours {
        true => format!("\x1b[97;40m{line}\x1b[0m\n"),
        false => format!("{line}\n"),
    };
    drawn.lines().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{Ipv4Addr, Ipv6Addr};

    #[test]
    fn a_named_address_is_the_only_one() {
        let host = IpAddr::V4(Ipv4Addr::LOCALHOST);
        assert_eq!(reached_at(host), [host]);
    }

    #[test]
    fn all_addresses_have_the_loopback_last() {
        let found = reached_at(Ipv4Addr::UNSPECIFIED.into());
        assert!(found.last().is_some_and(IpAddr::is_loopback), "{found:?}");
        assert!(found.iter().all(IpAddr::is_ipv4), "{found:?}");
        assert!(reached_at(Ipv6Addr::UNSPECIFIED.into()).len() >= found.len());
    }

    #[test]
    fn a_code_is_a_square_of_blocks() {
        let text = qr("http://192.168.1.5:8321/");
        let lines: Vec<&str> = text.lines().collect();
        // Version 2: 25 modules and 4 around, two to a line.
        assert_eq!(lines.len(), 17, "{text}");
        assert!(lines.iter().all(|line| line.chars().count() == 33), "{text}");
        assert!(lines[0].chars().all(|c| c == '█'), "{text}");
    }
}
