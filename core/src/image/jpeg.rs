//! Whether a JPEG file holds its whole picture.

const START_OF_SCAN: u8 = 0xDA;
const END_OF_IMAGE: u8 = 0xD9;

/// Whether the file reaches its end-of-image marker.
///
/// Walks the segments (ITU-T T.81, B.1.1), so that the end of a thumbnail inside one does not
/// count; what follows the end, as phones append, is not looked at.
pub(super) fn is_complete(bytes: &[u8]) -> bool {
    let mut at = 2; // after the start-of-image marker
    loop {
        let Some((code, after)) = next_marker(bytes, at) else { return false };
        at = match code {
            END_OF_IMAGE => return true,
            // Scan data after the header holds no other markers, as 0xFF in it is escaped.
            START_OF_SCAN | 0x02..=0xCF | 0xDB..=0xFE => after + segment_length(bytes, after),
            // Restarts and the like have neither length nor data.
            _ => after,
        };
    }
}

/// The next marker at or after `at`: its code, and where it ends. Escaped bytes and fill bytes
/// are passed over.
fn next_marker(bytes: &[u8], at: usize) -> Option<(u8, usize)> {
    let rest = bytes.get(at..)?;
    let found = rest.windows(2).position(|pair| pair[0] == 0xFF && !matches!(pair[1], 0 | 0xFF))?;
    Some((rest[found + 1], at + found + 2))
}

/// The length a segment states, its own two bytes included; at least those two.
fn segment_length(bytes: &[u8], at: usize) -> usize {
    match bytes.get(at..at + 2) {
        Some(&[high, low]) => usize::from(u16::from_be_bytes([high, low])).max(2),
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Start, a comment that holds an end marker, a scan with an escaped byte and a restart, end.
    const FILE: [u8; 22] = [
        0xFF, 0xD8, 0xFF, 0xFE, 0, 4, 0xFF, 0xD9, 0xFF, 0xDA, 0, 3, 1, 5, 0xFF, 0, 0xFF, 0xD0, 6,
        0xFF, 0xFF, 0xD9,
    ];

    #[test]
    fn only_the_end_of_the_picture_counts() {
        assert!(is_complete(&FILE));
        for length in 0..FILE.len() {
            assert!(!is_complete(&FILE[..length]), "{length} bytes");
        }
    }

    #[test]
    fn what_phones_append_is_passed_over() {
        assert!(is_complete(&[FILE.as_slice(), b"motion", &[0xFF, 0xDA]].concat()));
    }
}
