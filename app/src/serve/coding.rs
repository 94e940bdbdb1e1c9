//! Compressed copies of files, and which of them a browser takes.

/// How a copy is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// Brotli, the smaller.
    Brotli,
    /// Gzip.
    Gzip,
}

impl Coding {
    /// All, the smaller copies first.
    pub const ALL: [Self; 2] = [Self::Brotli, Self::Gzip];

    /// What is behind the file's name.
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Brotli => ".br",
            Self::Gzip => ".gz",
        }
    }

    /// Its name in headers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }

    /// Whether an `Accept-Encoding` (RFC 9110, 12.5.3) takes it: by its name, or by `*` where its
    /// name is not there; not with a weight of zero.
    pub fn is_taken(self, accepted: &str) -> bool {
        let mut any = false;
        for part in accepted.split(',') {
            let mut fields = part.split(';').map(str::trim);
            let name = fields.next().unwrap_or_default();
            let weight = fields.find_map(|field| field.strip_prefix("q=")).unwrap_or("1");
            let taken = weight.parse::<f32>().is_ok_and(|weight| weight > 0.0);
            if name.eq_ignore_ascii_case(self.name()) {
                return taken;
            }
            any |= name == "*" && taken;
        }
        any
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_say_what_they_take() {
        let taken = |accepted| Coding::ALL.map(|coding| coding.is_taken(accepted));
        assert_eq!(taken("gzip, deflate, br, zstd"), [true, true]);
        assert_eq!(taken("GZIP;q=0.5, br;q=0"), [false, true]);
        assert_eq!(taken("*, gzip;q=0.0"), [true, false]);
        assert_eq!(taken("identity"), [false, false]);
        assert_eq!(taken(""), [false, false]);
        assert_eq!(taken("br;q=much, bread"), [false, false]);
    }
}
