//! Sizes as people write them.

use std::str::FromStr;

/// A number of bytes, 1 GB being 1,000,000,000 of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bytes(pub u64);

impl FromStr for Bytes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let units = [("GB", 1e9), ("MB", 1e6), ("kB", 1e3), ("B", 1.0)];
        let read = units.into_iter().find_map(|(unit, size)| {
            let number: f64 = text.trim().strip_suffix(unit)?.trim().parse().ok()?;
            Some(number * size)
        });
        match read {
            Some(bytes) if (1.0..1e18).contains(&bytes) => Ok(Self(bytes as u64)),
            _ => Err(format!("'{text}' is no size; expected one such as 2GB or 800MB")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_decimal() {
        for (text, bytes) in [("2GB", 2_000_000_000), ("1.5 GB", 1_500_000_000), ("8MB", 8_000_000)]
        {
            assert_eq!(text.parse(), Ok(Bytes(bytes)));
        }
        for wrong in ["2", "GB", "-1GB", "2GiB", "nanB", "1e30GB"] {
            assert!(wrong.parse::<Bytes>().unwrap_err().contains("expected one such as 2GB"));
        }
    }
}
