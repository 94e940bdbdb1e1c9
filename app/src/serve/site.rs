//! What is served: a list of files that is closed when the server starts.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use easel_core::Error;
use easel_core::weights::{Checkpoint, Folder};

use super::coding::Coding;
use crate::failure::Failure;

/// The most files of a folder: a page has some dozens, a pack of 7B some hundreds.
const MOST: usize = 10_000;

/// Where the model stands, below the page.
const MODEL: &str = "/model/";

/// The files, by the path in their address.
#[derive(Debug, Default)]
pub struct Site {
    files: BTreeMap<String, Entry>,
    has_model: bool,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where it is: no part of it was a link when the list was made.
    pub path: PathBuf,
    /// Its content's type.
    pub kind: &'static str,
    /// Its compressed copies, the smaller ones first.
    pub copies: Vec<(Coding, PathBuf)>,
}

/// What an address stands for.
#[derive(Debug, PartialEq, Eq)]
pub enum Found<'a> {
    /// A file.
    File(&'a Entry),
    /// Another address.
    Elsewhere(&'static str),
    /// Nothing.
    Nothing,
}

impl Site {
    /// The page of a folder.
    pub fn new(page: &Path) -> Result<Self, Failure> {
        let mut site = Self::default();
        site.add("/", page)?;
        Ok(site)
    }

    /// Adds a pack, which the page is then opened with.
    pub fn add_model(&mut self, pack: &Path) -> Result<(), Failure> {
        if !pack.join("manifest.json").is_file() {
            let expected = "--model wants a pack, as `easel pack MODEL --out DIR` writes it";
            return Err(Failure::file(pack, expected));
        }
        let folder = Rc::new(Folder::open(pack).map_err(Error::from)?);
        pollster::block_on(Checkpoint::open(folder)).map_err(Error::from)?;
        self.add(MODEL, pack)?;
        self.has_model = true;
        Ok(())
    }

    /// The file of an address's path, which may be percent-encoded; `query` is what follows the `?`.
    pub fn find(&self, path: &str, query: Option<&str>) -> Found<'_> {
        let Some(path) = decoded(path) else { return Found::Nothing };
        let chosen = query.unwrap_or_default().split('&').any(|part| part.starts_with("model="));
        let path = match path.as_str() {
            "/" if self.has_model && !chosen => return Found::Elsewhere("/?model=model/"),
            "/" => "/index.html",
            path => path,
        };
        self.files.get(path).map_or(Found::Nothing, Found::File)
    }

    fn add(&mut self, prefix: &str, folder: &Path) -> Result<(), Failure> {
        let root = fs::canonicalize(folder).map_err(Failure::io(folder, "cannot be read"))?;
        let mut found = Vec::new();
        let mut waiting = vec![(root, prefix.to_owned())];
        while let Some((folder, prefix)) = waiting.pop() {
            let unread = |error| Failure::io(&folder, "cannot be read")(error);
            for entry in fs::read_dir(&folder).map_err(unread)? {
                let entry = entry.map_err(unread)?;
                // What is hidden is nobody's business, and a name that is no text has no address.
                let Ok(name) = entry.file_name().into_string() else { continue };
                if name.starts_with('.') {
                    continue;
                }
                // Links are not followed: they lead out of the folder.
                let kind = entry.file_type().map_err(unread)?;
                if kind.is_dir() {
                    waiting.push((entry.path(), format!("{prefix}{name}/")));
                } else if kind.is_file() {
                    found.push((format!("{prefix}{name}"), entry.path()));
                }
                if found.len() + waiting.len() > MOST {
                    let message = format!("more than {MOST} files; expected a page or a pack");
                    return Err(Failure::file(&folder, message));
                }
            }
        }
        let copies: BTreeMap<String, PathBuf> = found.iter().cloned().collect();
        for (address, path) in found {
            let coding = Coding::ALL.into_iter().find(|c| address.ends_with(c.ending()));
            if coding.is_some_and(|c| copies.contains_key(address.trim_end_matches(c.ending()))) {
                continue;
            }
            let copy = |coding: Coding| {
                let path = copies.get(&format!("{address}{}", coding.ending()))?;
                Some((coding, path.clone()))
            };
            let copies = Coding::ALL.into_iter().filter_map(copy).collect();
            let kind = kind(&address);
            self.files.insert(address, Entry { path, kind, copies });
        }
        Ok(())
    }
}

/// The type of a file's content, by its ending.
fn kind(address: &str) -> &'static str {
    match address.rsplit_once('.').map(|(_, ending)| ending) {
        Some("css") => "text/css; charset=utf-8",
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("json") => "application/json",
        Some("otf") => "font/otf",
        Some("png") => "image/png",
        Some("svg") => "image/svg+xml",
        Some("txt" | "md") => "text/plain; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("webmanifest") => "application/manifest+json",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}

/// A path without its percent signs; `None` where they are wrong or what they stand for is no text.
fn decoded(path: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let [first, behind @ ..] = rest {
        rest = behind;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let (digits, behind) = rest.split_at_checked(2)?;
        let digits = str::from_utf8(digits).ok().filter(|d| !d.starts_with('+'))?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        rest = behind;
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_decoded_once() {
        assert_eq!(decoded("/a%20b.js").as_deref(), Some("/a b.js"));
        assert_eq!(decoded("/%252e").as_deref(), Some("/%2e"));
        for wrong in ["/%", "/%4", "/%+1", "/%zz", "/%ff"] {
            assert_eq!(decoded(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_list_has_files_with_their_copies_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, name).unwrap();
        };
        for name in
            ["index.html", "pkg/a.wasm", "pkg/a.wasm.br", "pkg/a.wasm.gz", "b.gz", ".secret"]
        {
            write(name);
        }
        let site = Site::new(folder.path()).unwrap();
        let names: Vec<&str> = site.files.keys().map(String::as_str).collect();
        assert_eq!(names, ["/b.gz", "/index.html", "/pkg/a.wasm"]);
        let Found::File(entry) = site.find("/pkg/a%2Ewasm", None) else { panic!() };
        assert_eq!(entry.kind, "application/wasm");
        let codings: Vec<Coding> = entry.copies.iter().map(|(coding, _)| *coding).collect();
        assert_eq!(codings, [Coding::Brotli, Coding::Gzip]);
        for none in ["/.secret", "/pkg", "/pkg/", "/../index.html", "/pkg/..%2Findex.html", ""] {
            assert_eq!(site.find(none, None), Found::Nothing, "{none}");
        }
    }

    #[test]
    fn the_page_is_opened_with_the_model_where_there_is_one() {
        let mut site = Site::default();
        assert_eq!(site.find("/", None), Found::Nothing);
        site.has_model = true;
        let elsewhere = Found::Elsewhere("/?model=model/");
        assert_eq!(site.find("/", None), elsewhere);
        assert_eq!(site.find("/", Some("lang=zh")), elsewhere);
        assert_eq!(site.find("/", Some("lang=zh&model=other")), Found::Nothing);
    }
}
