//! The hub's list of a model's files, which is not trusted.

use serde::Deserialize;

use super::id::{is_commit, is_hex};
use super::sum::Sum;
use super::{HubError, ModelId};

/// A file as the hub lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RemoteFile {
    /// Path in the model, safe to append to a folder.
    pub(super) name: String,
    /// Size in bytes.
    pub(super) size: u64,
    /// Its content's sum.
    pub(super) sum: Sum,
}

/// What a revision holds.
#[derive(Debug)]
pub(super) struct Listing {
    /// The full commit that the revision stands for.
    pub(super) commit: String,
    /// The wanted files.
    pub(super) wanted: Vec<RemoteFile>,
    /// Name and size of every file with a safe name, the wanted ones included.
    pub(super) all: Vec<(String, u64)>,
}

#[derive(Deserialize)]
struct RawListing {
    sha: String,
    siblings: Vec<RawFile>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawFile {
    rfilename: String,
    size: Option<u64>,
    blob_id: Option<String>,
    lfs: Option<RawLfs>,
}

#[derive(Deserialize)]
struct RawLfs {
    sha256: String,
    size: u64,
}

impl Listing {
    /// Reads the hub's answer and picks the `wanted` files.
    ///
    /// # Errors
    /// When it is malformed, names no commit, or lists a wanted file with an unsafe name, without
    /// size or without sum, or no wanted file at all.
    pub(super) fn parse(
        json: &[u8],
        id: &ModelId,
        wanted: &dyn Fn(&str) -> bool,
    ) -> Result<Self, HubError> {
        let unusable = |reason| HubError::Listing { model: id.to_string(), reason };
        let raw: RawListing =
            serde_json::from_slice(json).map_err(|error| unusable(error.to_string()))?;
        if !is_commit(&raw.sha) {
            let found = raw.sha.escape_default();
            return Err(unusable(format!("expected a commit of 40 hex digits, found `{found}`")));
        }
        if id.is_pinned() && raw.sha != id.revision() {
            return Err(unusable(format!("it is for another commit, {}", raw.sha)));
        }
        let mut listing = Self { commit: raw.sha, wanted: Vec::new(), all: Vec::new() };
        for file in raw.siblings {
            let is_wanted = wanted(&file.rfilename);
            match check_name(&file.rfilename) {
                Ok(()) => {}
                Err(reason) if is_wanted => {
                    let name = file.rfilename.escape_default().to_string();
                    return Err(HubError::FileName { model: id.to_string(), name, reason });
                }
                Err(_) => continue,
            }
            let size = file.lfs.as_ref().map(|lfs| lfs.size).or(file.size);
            let size = size.ok_or_else(|| unusable(format!("no size for {}", file.rfilename)))?;
            listing.all.push((file.rfilename.clone(), size));
            if is_wanted {
                let sum = file_sum(&file)
                    .ok_or_else(|| unusable(format!("no proper sum for {}", file.rfilename)))?;
                listing.wanted.push(RemoteFile { name: file.rfilename, size, sum });
            }
        }
        if listing.wanted.is_empty() {
            return Err(unusable("none of the files that Easel reads is among them".to_owned()));
        }
        Ok(listing)
    }
}

fn file_sum(file: &RawFile) -> Option<Sum> {
    match &file.lfs {
        Some(lfs) => is_hex(&lfs.sha256, 64).then(|| Sum::Sha256(lfs.sha256.clone())),
        None => file.blob_id.clone().filter(|id| is_hex(id, 40)).map(Sum::GitBlob),
    }
}

/// Checks that `name` stays inside the folder it is appended to, on any system.
///
/// # Errors
/// What is wrong with it.
pub(super) fn check_name(name: &str) -> Result<(), &'static str> {
    if name.chars().any(char::is_control) {
        return Err("it has a control character");
    }
    if name.contains('\\') || name.contains(':') {
        return Err("it has a backslash or a colon");
    }
    for part in name.split('/') {
        match part {
            "" => return Err("it is absolute or has an empty part"),
            "." | ".." => return Err("it has a `.` or `..` part"),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

    fn parse(siblings: &str) -> Result<Listing, HubError> {
        let json = format!(r#"{{"sha":"{COMMIT}","private":false,"siblings":[{siblings}]}}"#);
        Listing::parse(json.as_bytes(), &"o/n".parse().unwrap(), &|name| name != "unwanted")
    }

    #[test]
    fn small_and_large_files_get_their_kind_of_sum() {
        let listing = parse(&format!(
            r#"{{"rfilename":"a.json","size":5,"blobId":"{COMMIT}"}},
               {{"rfilename":"unwanted","size":1}},
               {{"rfilename":"b","size":9,"blobId":"{COMMIT}",
                 "lfs":{{"sha256":"{}","size":9,"pointerSize":130}}}}"#,
            "ab".repeat(32)
        ))
        .unwrap();
        assert_eq!(listing.commit, COMMIT);
        assert_eq!(listing.all.len(), 3);
        assert_eq!(listing.wanted.len(), 2);
        assert_eq!(listing.wanted[0].sum, Sum::GitBlob(COMMIT.to_owned()));
        assert_eq!(listing.wanted[1].sum, Sum::Sha256("ab".repeat(32)));
        assert_eq!(listing.wanted[1].size, 9);
    }

    #[test]
    fn what_cannot_be_checked_later_is_refused() {
        for (siblings, message) in [
            (r#"{"rfilename":"a","blobId":"0123456789abcdef0123456789abcdef01234567"}"#, "no size"),
            (r#"{"rfilename":"a","size":1}"#, "no proper sum"),
            (r#"{"rfilename":"a","size":1,"blobId":"../../etc"}"#, "no proper sum"),
            (r#"{"rfilename":"unwanted","size":1}"#, "none of the files"),
            (r#"{"rfilename":"a","size":-1}"#, "invalid value"),
            (r#"{"size":1}"#, "rfilename"),
        ] {
            let error = parse(siblings).unwrap_err().to_string();
            assert!(error.contains(message), "{error}");
        }
        let id = "o/n".parse().unwrap();
        let error = Listing::parse(br#"{"sha":"../x","siblings":[]}"#, &id, &|_| true).unwrap_err();
        assert!(error.to_string().contains("40 hex digits"), "{error}");
    }

    #[test]
    fn a_pinned_commit_must_be_the_one_listed() {
        let id = format!("o/n@{}", "f".repeat(40)).parse().unwrap();
        let json = format!(r#"{{"sha":"{COMMIT}","siblings":[]}}"#);
        let error = Listing::parse(json.as_bytes(), &id, &|_| true).unwrap_err();
        assert!(error.to_string().contains("another commit"), "{error}");
    }

    #[test]
    fn names_that_leave_the_folder_are_refused() {
        for name in
            ["", "/etc/passwd", "../a", "a/../b", "a/..", "./a", "a//b", "a/", "a\\b", "C:a", "a\0"]
        {
            assert!(check_name(name).is_err(), "{name:?}");
        }
        for name in ["a", ".gitattributes", "a/b/c.json", "..a", "a b", "ü"] {
            assert_eq!(check_name(name), Ok(()), "{name:?}");
        }
    }
}
