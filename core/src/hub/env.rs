//! Settings from the environment, with the names and defaults of Python's `huggingface_hub`.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use super::{Hub, HubError};

impl Hub {
    /// The hub as the environment describes it.
    ///
    /// Read are `HF_HOME` (else `XDG_CACHE_HOME/huggingface`, else `~/.cache/huggingface`),
    /// `HF_HUB_CACHE` (else `hub` in it), `HF_ENDPOINT`, `HF_TOKEN`, else the file that
    /// `HF_TOKEN_PATH` names (else `token` in `HF_HOME`), and `HF_HUB_OFFLINE`.
    ///
    /// # Errors
    /// When no folder for the cache can be derived.
    pub fn from_env() -> Result<Self, HubError> {
        Self::from_lookup(|name| std::env::var_os(name), std::env::home_dir().as_deref())
    }

    /// As [`Hub::from_env`], with the variables and the home folder given by the caller.
    ///
    /// # Errors
    /// When no folder for the cache can be derived.
    pub fn from_lookup(
        lookup: impl Fn(&str) -> Option<OsString>,
        home: Option<&Path>,
    ) -> Result<Self, HubError> {
        let set = |name: &str| lookup(name).filter(|value| !value.is_empty());
        let text = |name: &str| set(name).and_then(|value| value.into_string().ok());
        let path = |name: &str| set(name).map(|value| with_home(value.into(), home));

        let hf_home = path("HF_HOME")
            .or_else(|| path("XDG_CACHE_HOME").map(|cache| cache.join("huggingface")))
            .or_else(|| home.map(|home| home.join(".cache").join("huggingface")));
        let cache = path("HF_HUB_CACHE")
            .or_else(|| path("HUGGINGFACE_HUB_CACHE"))
            .or_else(|| hf_home.as_ref().map(|home| home.join("hub")))
            .ok_or(HubError::NoHome)?;
        let token_file = path("HF_TOKEN_PATH").or_else(|| hf_home.map(|home| home.join("token")));
        let from_file = || clean(&fs::read_to_string(token_file?).ok()?);
        let token = text("HF_TOKEN")
            .or_else(|| text("HUGGING_FACE_HUB_TOKEN"))
            .and_then(|token| clean(&token))
            .or_else(from_file);
        let offline = text("HF_HUB_OFFLINE").or_else(|| text("TRANSFORMERS_OFFLINE"));

        let hub = Self::new(cache)
            .with_token(token)
            .with_offline(offline.as_deref().is_some_and(is_true));
        Ok(match text("HF_ENDPOINT") {
            Some(endpoint) => hub.with_endpoint(endpoint),
            None => hub,
        })
    }
}

/// Resolves a leading `~`.
fn with_home(path: PathBuf, home: Option<&Path>) -> PathBuf {
    match (path.strip_prefix("~"), home) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => path,
    }
}

fn clean(token: &str) -> Option<String> {
    let token = token.trim();
    (!token.is_empty()).then(|| token.to_owned())
}

fn is_true(value: &str) -> bool {
    matches!(value.to_ascii_lowercase().as_str(), "1" | "true" | "yes" | "on")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hub(variables: &[(&str, &str)]) -> Hub {
        let lookup = |name: &str| {
            let found = variables.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| OsString::from(value))
        };
        Hub::from_lookup(lookup, Some(Path::new("/home/child"))).unwrap()
    }

    #[test]
    fn the_cache_lies_where_python_has_it() {
        for (variables, cache) in [
            (vec![], "/home/child/.cache/huggingface/hub"),
            (vec![("XDG_CACHE_HOME", "/x")], "/x/huggingface/hub"),
            (vec![("HF_HOME", "/h"), ("XDG_CACHE_HOME", "/x")], "/h/hub"),
            (vec![("HF_HOME", "~/h")], "/home/child/h/hub"),
            (vec![("HF_HOME", "")], "/home/child/.cache/huggingface/hub"),
            (vec![("HF_HOME", "/h"), ("HF_HUB_CACHE", "/c")], "/c"),
            (vec![("HUGGINGFACE_HUB_CACHE", "/old")], "/old"),
        ] {
            assert_eq!(hub(&variables).cache, PathBuf::from(cache), "{variables:?}");
        }
        assert!(matches!(Hub::from_lookup(|_| None, None), Err(HubError::NoHome)));
    }

    #[test]
    fn the_endpoint_and_offline_are_read() {
        let default = hub(&[]);
        assert_eq!(default.endpoint, "https://huggingface.co");
        assert!(!default.offline);
        assert_eq!(hub(&[("HF_ENDPOINT", "http://m.test/")]).endpoint, "http://m.test");
        for value in ["1", "true", "YES", "On"] {
            assert!(hub(&[("HF_HUB_OFFLINE", value)]).offline, "{value}");
        }
        for value in ["0", "false", "", "2"] {
            assert!(!hub(&[("HF_HUB_OFFLINE", value)]).offline, "{value}");
        }
    }

    #[test]
    fn the_token_comes_from_the_variable_before_the_file() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().to_str().unwrap();
        fs::write(home.path().join("token"), "from_file\n").unwrap();
        let token = |variables: &[_]| hub(variables).token;
        assert_eq!(token(&[("HF_HOME", folder)]).as_deref(), Some("from_file"));
        let both = [("HF_HOME", folder), ("HF_TOKEN", " from_variable\n")];
        assert_eq!(token(&both).as_deref(), Some("from_variable"));
        assert_eq!(token(&[("HF_HOME", "/nowhere")]), None);
    }
}
