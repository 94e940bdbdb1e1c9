//! The sums by which the hub names a file's content.

use sha1::Sha1;
use sha2::{Digest, Sha256};

/// A file's content as the hub lists it, in hexadecimal digits; also its name among the blobs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Sum {
    /// Of a large file (git LFS): SHA-256 of the content.
    Sha256(String),
    /// Of a small file: SHA-1 of git's blob header and the content.
    GitBlob(String),
}

impl Sum {
    /// The digits, which Python's cache uses as the blob's name.
    pub(super) fn digits(&self) -> &str {
        match self {
            Self::Sha256(digits) | Self::GitBlob(digits) => digits,
        }
    }

    /// The kind's name for messages.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Sha256(_) => "sha256",
            Self::GitBlob(_) => "git blob sha1",
        }
    }
}

/// A sum under way.
#[derive(Clone)]
pub(super) enum Hasher {
    Sha256(Sha256),
    GitBlob(Sha1),
}

impl Hasher {
    /// Begins a sum of `sum`'s kind for a content of `size` bytes.
    pub(super) fn new(sum: &Sum, size: u64) -> Self {
        match sum {
            Sum::Sha256(_) => Self::Sha256(Sha256::new()),
            Sum::GitBlob(_) => {
                let mut sha1 = Sha1::new();
                sha1.update(format!("blob {size}\0"));
                Self::GitBlob(sha1)
            }
        }
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha256(sha256) => sha256.update(bytes),
            Self::GitBlob(sha1) => sha1.update(bytes),
        }
    }

    /// The sum's small hexadecimal digits.
    pub(super) fn digits(self) -> String {
        match self {
            Self::Sha256(sha256) => hex(&sha256.finalize()),
            Self::GitBlob(sha1) => hex(&sha1.finalize()),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_sums() {
        // `printf abc | sha256sum`, FIPS 180-2.
        let mut sha256 = Hasher::new(&Sum::Sha256(String::new()), 3);
        sha256.update(b"a");
        sha256.update(b"bc");
        assert_eq!(
            sha256.digits(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        // `printf '' | git hash-object --stdin` and `printf 'hello\n' | ...`.
        let empty = Hasher::new(&Sum::GitBlob(String::new()), 0);
        assert_eq!(empty.digits(), "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");
        let mut hello = Hasher::new(&Sum::GitBlob(String::new()), 6);
        hello.update(b"hello\n");
        assert_eq!(hello.digits(), "ce013625030ba8dba906f756967f9e9ca394464a");
    }
}
