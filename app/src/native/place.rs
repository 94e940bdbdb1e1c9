//! Where settings, and what is kept, live on each platform.

use std::env;
use std::path::PathBuf;

use easel_core::hub::{Hub, HubError};

use super::tablet;

/// The folder of Easel's settings; `None` where the system names no home.
#[must_use]
pub fn settings_folder() -> Option<PathBuf> {
    folder(variable)
}

/// A variable that names a whole path: others are to be passed over (XDG Base Directory).
fn variable(name: &str) -> Option<PathBuf> {
    env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute())
}

fn folder(var: impl Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    if let Some(machine) = tablet::machine() {
        return Some(machine.data.clone());
    }
    let base = if cfg!(target_os = "windows") {
        var("APPDATA")
    } else if cfg!(target_os = "macos") {
        var("HOME").map(|home| home.join("Library/Application Support"))
    } else {
        var("XDG_CONFIG_HOME").or_else(|| var("HOME").map(|home| home.join(".config")))
    };
    base.map(|base| base.join("easel"))
}

/// The folder of what is kept: portfolios; `None` where the system names no home.
#[must_use]
pub fn data_folder() -> Option<PathBuf> {
    if cfg!(any(target_os = "windows", target_os = "macos")) || tablet::machine().is_some() {
        return settings_folder();
    }
    data(variable)
}

/// The file of what was measured of adapters; `None` where the system names no home.
#[must_use]
pub fn kernels_file() -> Option<PathBuf> {
    data_folder().map(|folder| folder.join("kernels.json"))
}

fn data(var: impl Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    let base = var("XDG_DATA_HOME").or_else(|| var("HOME").map(|home| home.join(".local/share")));
    base.map(|base| base.join("easel"))
}

/// The hub, with its cache where Python's tools have it; on a tablet, in the app's own folder.
///
/// # Errors
/// As [`Hub::from_env`].
pub(super) fn hub() -> Result<Hub, HubError> {
    match tablet::machine() {
        Some(machine) => Ok(Hub::new(machine.data.join("models"))),
        None => Hub::from_env(),
    }
}

/// Whether the system speaks Chinese.
#[cfg(not(any(target_os = "android", target_os = "ios")))]
pub(super) fn speaks_chinese() -> bool {
    let set = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .find_map(|name| env::var(name).ok().filter(|value| !value.is_empty()));
    set.is_some_and(|language| language.starts_with("zh"))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn xdg_decides_and_home_is_the_fallback() {
        let both = |name: &str| match name {
            "XDG_CONFIG_HOME" => Some(PathBuf::from("/config")),
            _ => Some(PathBuf::from("/home/ada")),
        };
        assert_eq!(folder(both), Some(PathBuf::from("/config/easel")));
        let home = |name: &str| (name == "HOME").then(|| PathBuf::from("/home/ada"));
        assert_eq!(folder(home), Some(PathBuf::from("/home/ada/.config/easel")));
        assert_eq!(folder(|_| None), None);
        let one = |name: &str| (name == "XDG_DATA_HOME").then(|| PathBuf::from("/data"));
        assert_eq!(data(one), Some(PathBuf::from("/data/easel")));
        assert_eq!(data(home), Some(PathBuf::from("/home/ada/.local/share/easel")));
    }
}
