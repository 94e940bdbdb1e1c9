//! The name of a model on the hub.

use std::fmt;
use std::str::FromStr;

use super::HubError;

/// The branch meant where none is named.
const DEFAULT_REVISION: &str = "main";
/// The hub's own bound on `owner/name`; revisions get the same in our cache.
const LONGEST: usize = 96;

/// `owner/name` with an optional `@revision` (branch, tag or commit), safe to use in paths.
///
/// ```
/// # use easel_core::hub::ModelId;
/// let id: ModelId = "Qwen/Qwen2.5-VL-3B-Instruct@refs/pr/1".parse()?;
/// assert_eq!((id.repo(), id.revision()), ("Qwen/Qwen2.5-VL-3B-Instruct", "refs/pr/1"));
/// # Ok::<(), easel_core::hub::HubError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ModelId {
    repo: String,
    revision: String,
}

impl ModelId {
    /// `owner/name`, or just `name` for the hub's oldest models.
    pub fn repo(&self) -> &str {
        &self.repo
    }

    /// Branch, tag or commit; `main` where none was named.
    pub fn revision(&self) -> &str {
        &self.revision
    }

    /// Whether the revision is a full commit, which never moves.
    pub(super) fn is_pinned(&self) -> bool {
        is_commit(&self.revision)
    }
}

/// Whether `text` is a full git commit: 40 small hexadecimal digits.
pub(super) fn is_commit(text: &str) -> bool {
    is_hex(text, 40)
}

/// Whether `text` is `digits` small hexadecimal digits.
pub(super) fn is_hex(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

impl FromStr for ModelId {
    type Err = HubError;

    fn from_str(text: &str) -> Result<Self, HubError> {
        let (repo, revision) = text.split_once('@').unwrap_or((text, DEFAULT_REVISION));
        let checked = check_repo(repo).and_then(|()| check_revision(revision));
        match checked {
            Ok(()) => Ok(Self { repo: repo.to_owned(), revision: revision.to_owned() }),
            Err(reason) => Err(HubError::Id { text: text.escape_default().to_string(), reason }),
        }
    }
}

impl fmt::Display for ModelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.repo)?;
        if self.revision != DEFAULT_REVISION {
            write!(f, "@{}", self.revision)?;
        }
        Ok(())
    }
}

fn check_repo(repo: &str) -> Result<(), &'static str> {
    if repo.len() > LONGEST {
        return Err("longer than 96 characters");
    }
    if repo.matches('/').count() > 1 {
        return Err("more than one slash");
    }
    if repo.contains("..") || repo.contains("--") {
        return Err("`..` and `--` are not allowed in it");
    }
    for part in repo.split('/') {
        if part.is_empty() {
            return Err("the owner or the name is empty");
        }
        if part.starts_with(['.', '-']) || part.ends_with(['.', '-']) {
            return Err("the owner or the name begins or ends with a dot or a dash");
        }
        if !part.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b)) {
            return Err("only letters, digits, dots, dashes and underscores are allowed");
        }
    }
    Ok(())
}

fn check_revision(revision: &str) -> Result<(), &'static str> {
    if revision.len() > LONGEST {
        return Err("the revision is longer than 96 characters");
    }
    if revision.contains("..") {
        return Err("`..` is not allowed in a revision");
    }
    for part in revision.split('/') {
        if part.is_empty() {
            return Err("the revision is empty or has an empty part");
        }
        if part.starts_with(['.', '-']) || part.ends_with('.') {
            return Err("a part of the revision begins with a dot or a dash, or ends with a dot");
        }
        if !part.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-+".contains(&b)) {
            return Err("only letters, digits and `._-+/` are allowed in a revision");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_and_without_revision_survive_a_round_trip() {
        for text in ["Qwen/Qwen2.5-VL-3B", "gpt2", "a/b@v1.0", "a/b@refs/pr/7", "a_b/c@x+y"] {
            assert_eq!(text.parse::<ModelId>().unwrap().to_string(), text);
        }
        let id: ModelId = "a/b".parse().unwrap();
        assert_eq!((id.repo(), id.revision()), ("a/b", "main"));
    }

    #[test]
    fn names_that_could_leave_the_cache_are_refused() {
        for text in [
            "",
            "/",
            "a/",
            "/b",
            "a/b/c",
            "a/..",
            "../b",
            "a/b..c",
            "a--b",
            "a\\b",
            "a/b c",
            "a:b",
            "a/b@",
            "a/b@..",
            "a/b@x/../y",
            "a/b@/x",
            "a/b@x/",
            "a/b@x//y",
            "a/b@x\\y",
            "a/b@.git",
            "a/b@x@y",
            "a/b\0",
            "ä/b",
            "-a/b",
            "a/b.",
        ] {
            let error = text.parse::<ModelId>().unwrap_err().to_string();
            assert!(error.contains("is no model name"), "{text}: {error}");
            assert!(!error.contains(['\n', '\0']));
        }
        assert!("a".repeat(97).parse::<ModelId>().is_err());
    }

    #[test]
    fn only_a_full_commit_is_pinned() {
        let commit = "0123456789abcdef0123456789abcdef01234567";
        assert!(format!("a/b@{commit}").parse::<ModelId>().unwrap().is_pinned());
        assert!(!format!("a/b@{}", &commit[1..]).parse::<ModelId>().unwrap().is_pinned());
        assert!(!"a/b".parse::<ModelId>().unwrap().is_pinned());
    }
}
