//! Where the page is.

use std::env;
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// What a page begins with.
const INDEX: &str = "index.html";

/// The page's folder: the one named, `web` beside the program, or `web/dist` of the working copy
/// that the program or the person is in.
pub fn find(named: Option<&Path>) -> Result<PathBuf, Failure> {
    if let Some(folder) = named {
        return match folder.join(INDEX).is_file() {
            true => Ok(folder.to_owned()),
            false => Err(Failure::file(
                folder,
                format!(
                    "--page wants a folder with an {INDEX}; in Easel's working copy, web/build makes \
                     web/dist"
                ),
            )),
        };
    }
    let program = env::current_exe().ok();
    let beside = program.as_deref().and_then(Path::parent).map(|folder| folder.join("web"));
    let here = env::current_dir().ok();
    let around = [program.as_deref(), here.as_deref()];
    let copies = around.into_iter().flatten().flat_map(Path::ancestors);
    let mut places = beside.into_iter().chain(copies.map(|folder| folder.join("web/dist")));
    places.find(|folder| folder.join(INDEX).is_file()).ok_or_else(|| {
        Failure::Usage(
            "the page was found neither beside the program nor in a working copy: build it with \
             web/build, which makes web/dist, or name its folder with --page"
                .to_owned(),
        )
    })
}
