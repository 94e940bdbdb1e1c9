//! Models from the Hugging Face hub, kept in the cache that Python's tools use too.
//!
//! [`Hub::fetch`] turns a [`ModelId`] into a folder: it asks the hub for the model's files, fetches
//! those that are missing, checks every byte against the listed sums, and from then on works
//! without network.
//!
//! What the server says is not trusted: file names, lengths and contents are checked, and the
//! token goes to the hub's own address only.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

mod client;
mod env;
mod error;
mod fetch;
mod go_on;
mod held;
mod id;
mod layout;
mod limits;
mod listing;
mod partial;
mod present;
mod progress;
mod space;
mod sum;
mod transfer;
mod url;
mod wanted;

pub use error::HubError;
pub use held::{Checking, Held};
pub use id::ModelId;
pub use limits::Limits;
pub use progress::Progress;
pub use wanted::{wanted_for_adapters, wanted_for_model};

/// Where models come from and where they are kept.
#[derive(Clone)]
pub struct Hub {
    endpoint: String,
    token: Option<String>,
    cache: PathBuf,
    offline: bool,
    limits: Limits,
    free_space: fn(&Path) -> Option<u64>,
    go_on: go_on::GoOn,
}

impl Hub {
    /// The public hub, without token, with `cache` as the folder that holds `models--…`.
    pub fn new(cache: impl Into<PathBuf>) -> Self {
        Self {
            endpoint: "https://huggingface.co".to_owned(),
            token: None,
            cache: cache.into(),
            offline: false,
            limits: Limits::default(),
            free_space: space::free,
            go_on: go_on::GoOn::default(),
        }
    }

    /// Another server with the hub's interface, such as a mirror: `https://host` or `http://host`.
    #[must_use]
    pub fn with_endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.endpoint = endpoint.into().trim_end_matches('/').to_owned();
        self
    }

    /// The access token for private and gated models.
    #[must_use]
    pub fn with_token(mut self, token: Option<String>) -> Self {
        self.token = token;
        self
    }

    /// Whether only the cache may be used.
    #[must_use]
    pub fn with_offline(mut self, offline: bool) -> Self {
        self.offline = offline;
        self
    }

    /// Bounds on waiting and retrying.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Another way to learn how many bytes are free in a folder; `None` where nobody can tell.
    #[must_use]
    pub fn with_free_space(mut self, free_space: fn(&Path) -> Option<u64>) -> Self {
        self.free_space = free_space;
        self
    }

    /// What says whether a fetch or a check is still wanted. It is asked often; after a no they end
    /// with [`HubError::Stopped`], and what came until then stays.
    #[must_use]
    pub fn with_go_on(mut self, go_on: Arc<dyn Fn() -> bool + Send + Sync>) -> Self {
        self.go_on = go_on::GoOn::new(go_on);
        self
    }

    /// The folder that holds `models--…`.
    pub fn cache(&self) -> &Path {
        &self.cache
    }
}

/// Without the token itself.
impl fmt::Debug for Hub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hub")
            .field("endpoint", &self.endpoint)
            .field("has_token", &self.token.is_some())
            .field("cache", &self.cache)
            .field("offline", &self.offline)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}
