//! `--model FILE.gguf`: both halves of a model as llama.cpp publishes it.

use std::path::Path;
use std::rc::Rc;

use easel_core::Error;
use easel_core::hub::ModelId;
use easel_core::weights::{Folder, GgufFolder, GgufPair, Source};

use crate::failure::Failure;
use crate::session;

/// Whether a model's name is that of a GGUF file.
pub fn is_one(name: &str) -> bool {
    name.to_ascii_lowercase().ends_with(".gguf")
}

/// The pair of the language model `text` and the vision tower `mmproj`, or the one beside it.
pub fn open(text: &str, mmproj: Option<&str>) -> Result<Rc<dyn Source>, Failure> {
    let (folder, file) = find(text, "--model")?;
    let tower = match mmproj {
        Some(name) => find(name, "--mmproj")?,
        None => (Rc::clone(&folder), beside(&folder, text)?),
    };
    let pair = pollster::block_on(GgufPair::open((folder, file), tower)).map_err(Error::from)?;
    Ok(Rc::new(GgufFolder::new(Rc::new(pair))))
}

/// A file on disk or on the hub, as a folder and its name in it.
fn find(name: &str, option: &str) -> Result<(Rc<dyn Source>, String), Failure> {
    let path = Path::new(name);
    if path.is_file() {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = Folder::open(folder.unwrap_or(Path::new("."))).map_err(Error::from)?;
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        return Ok((Rc::new(folder), file));
    }
    let Some((id, file)) = on_hub(name) else {
        let expected = "wants a GGUF file, or one on the hub: owner/name/FILE.gguf";
        return Err(Failure::file(path, format!("there is no such file; {option} {expected}")));
    };
    // Its tower, too: which one it is will be seen when it is there.
    let folder = session::fetch(&id, |name| name == file || is_tower(name))?;
    Ok((session::open(folder)?, file))
}

/// `owner/name@revision/FILE.gguf`.
fn on_hub(name: &str) -> Option<(ModelId, String)> {
    let mut parts = name.splitn(3, '/');
    let id = format!("{}/{}", parts.next()?, parts.next()?);
    Some((id.parse().ok()?, parts.next()?.to_owned()))
}

fn is_tower(name: &str) -> bool {
    is_one(name) && name.to_ascii_lowercase().contains("mmproj")
}

/// The only file of a vision tower in a folder.
fn beside(folder: &Rc<dyn Source>, text: &str) -> Result<String, Failure> {
    let mut files = pollster::block_on(folder.files()).map_err(Error::from)?;
    files.retain(|name| is_tower(name) && !name.contains('/'));
    match files.as_slice() {
        [one] => Ok(one.clone()),
        found => Err(Failure::file(
            Path::new(text),
            format!(
                "expected --mmproj with the vision tower, or one file named mmproj beside it; \
                 found {} of them",
                found.len()
            ),
        )),
    }
}
